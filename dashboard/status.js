/* What stands where something could not be loaded. */
import { html } from 'lit-html';
import { text } from './words.js';

export function errorBox(error, onRetry) {
  return html`<div class="error" role="alert">
    <p><strong>${text('error.title')}</strong> ${error?.message || text('error.offline')}</p>
    <button type="button" class="plain" @click=${onRetry}>${text('error.retry')}</button>
  </div>`;
}
