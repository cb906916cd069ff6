/* How many there are now: asked every ten seconds, while somebody looks. */
import { html, nothing } from 'lit-html';
import { askOnce } from './api.js';
import { exact } from './format.js';
import { liveAddress } from './questions.js';
import { text } from './words.js';

const EVERY_MS = 10000;
const STALE_MS = 25000;

let site = '';
let number = null;
let answeredMs = 0;
let timer = 0;
let tellChange = () => {};

async function poll() {
  clearTimeout(timer);
  if (document.hidden || !site) return;
  const asked = site;
  timer = setTimeout(poll, EVERY_MS);
  try {
    const answer = await askOnce(liveAddress(asked));
    if (asked !== site) return;
    number = answer.live;
    answeredMs = Date.now();
  } catch {
    /* what was last known stays, and is marked as old */
  }
  tellChange();
}

/** Begins to ask for a site; '': for none. */
export function watchLive(next, tell) {
  tellChange = tell;
  if (next === site) return;
  site = next;
  number = null;
  answeredMs = Date.now();
  poll();
}

document.addEventListener('visibilitychange', poll);

function ageText() {
  const age = Date.now() - answeredMs;
  if (age < STALE_MS) return '';
  const seconds = Math.round(age / 10000) * 10;
  return text('stale', { text: seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min` });
}

export function liveMark() {
  if (number === null) return html`<span class="live"></span>`;
  const age = ageText();
  return html`<span class="live ${age ? 'old' : ''}" tabindex="0" aria-describedby="definition-live"><span class="dot" aria-hidden="true"></span><span
    aria-hidden="true">${text('now', { n: exact(number) })}</span><span class="hidden">${text('now.title', { n: number })}</span>
    ${age ? html`<span class="age">${age}</span>` : nothing}
    <span class="definition" role="tooltip" id="definition-live">${text('definition.live')}</span></span>`;
}
