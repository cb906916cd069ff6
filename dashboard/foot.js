/* The foot: whose days these are, what was left out, keys and language. */
import { html, nothing } from 'lit-html';
import { exact } from './format.js';
import { menu } from './menu.js';
import { LANGUAGES, changeLanguage, language, text } from './words.js';

function botLine(slot) {
  const total = slot.data?.total?.views;
  if (!total) return nothing;
  const reasons = slot.data.rows.map((row) => html`<li><span>${row.value}</span> <span>${exact(row.views)}</span></li>`);
  return menu(text('bots', { n: exact(total), count: total }), html`<ul class="reasons">${reasons}</ul>`, { className: 'up' });
}

/** @param model  {zone, bots, openKeys} */
export function foot({ zone, bots, openKeys }) {
  return html`
    ${zone ? html`<span>${text('zone', { text: zone })}</span>` : nothing}
    ${bots ? botLine(bots) : nothing}
    <span class="gap"></span>
    <button type="button" class="link keys-button" @click=${openKeys}>${text('keys.show')} <kbd aria-hidden="true">?</kbd></button>
    <label>${text('language')} <select @change=${(event) => changeLanguage(event.target.value)}>
      ${Object.entries(LANGUAGES).map(([tag, name]) => html`<option value=${tag} lang=${tag} ?selected=${tag === language}>${name}</option>`)}
    </select></label>`;
}
