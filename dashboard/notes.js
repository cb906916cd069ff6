/* What is said where there is nothing to show. */
import { html } from 'lit-html';
import { isShared } from './share.js';
import { text } from './words.js';

const snippetOf = (site) => `<script async src="${location.origin}/count.js" data-site="${site}"></script>`;

async function copy(event) {
  const button = event.target;
  const code = button.closest('section').querySelector('code');
  try {
    await navigator.clipboard.writeText(code.textContent);
    button.textContent = text('copied');
  } catch {
    getSelection().selectAllChildren(code); /* then it is one key away */
  }
}

/** Of a site that has counted nothing in the range. */
export function emptyNote(site) {
  if (isShared) return html`<section class="card note"><h2>${text('empty.site')}</h2></section>`;
  return html`<section class="card note"><h2>${text('empty.site')}</h2><p>${text('empty.site.hint')}</p>
    <div class="snippet"><pre tabindex="0"><code>${snippetOf(site)}</code></pre>
      <button type="button" class="plain" @click=${copy}>${text('copy')}</button></div></section>`;
}

/** Of what is shown without a login, and is not any more. */
export function endedNote() {
  return html`<section class="card note"><h1>${text('ended')}</h1><p>${text('ended.hint')}</p></section>`;
}

/** Of a site that is not there, or is hidden. */
export function unknownNote() {
  if (isShared) return endedNote();
  return html`<section class="card note"><h1>${text('site.none')}</h1>
    <p><a href="/dashboard">${text('sites')}</a></p></section>`;
}
