/*
 * A dashboard that is shown without a login: /shared?site=blog, or by a link, with its token behind
 * '#'. Browsers send nobody what stands there, so it goes along with each question, as Authorization: in
 * a frame of another site there would be no cookie.
 */
const { dataset, hash } = globalThis.document
  ? { dataset: document.documentElement.dataset, hash: location.hash }
  : { dataset: {}, hash: '' }; /* a test without a browser */

export const isShared = 'shared' in dataset;
export const isEmbedded = 'embedded' in dataset;

/** Of the link; empty: what everybody sees. */
export const token = isShared ? hash.slice(1) : '';

export const PATH = isShared ? '/shared' : '/dashboard';

/** What stays in the address, whatever is looked at. */
export const fixedPairs = { embed: isEmbedded ? '1' : '', theme: dataset.theme ?? '' };
export const fixedHash = token ? `#${token}` : '';

/** How the server is asked: as who is logged in, or by the link alone. */
export const access = isShared
  ? { credentials: 'omit', headers: token ? { Authorization: `Bearer ${token}` } : {} }
  : { credentials: 'same-origin', headers: {} };
