/* What stands where something could not be loaded. */
import { html } from 'lit-html';
import { text } from './words.js';

/* "there is none" becomes "There is none." */
function sentence(words) {
  const first = words.slice(0, 1).toUpperCase() + words.slice(1);
  return /[.?!]$/.test(first) ? first : `${first}.`;
}

export function errorBox(error, onRetry) {
  return html`<div class="error" role="alert">
    <p><strong>${text('error.title')}</strong> ${error?.message ? sentence(error.message) : text('error.offline')}</p>
    <button type="button" class="plain" @click=${onRetry}>${text('error.retry')}</button>
  </div>`;
}
