/* Numbers to be kept: a link to the same question, answered as CSV. */
import { html, nothing } from 'lit-html';
import { token } from './share.js';
import { text } from './words.js';

/** A link to an address takes no token along, so who has come by one has no such link. */
export function csvLink(address) {
  if (token) return nothing;
  return html`<a class="tool" href=${address} download="footfall.csv" title=${text('csv.title')}>${text('csv')}</a>`;
}
