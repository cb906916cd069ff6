/* Single keys, as long as nobody types and they are not switched off (WCAG 2.1.4). */
import { closeMenuByKey } from './menu.js';
import { keep, kept } from './kept.js';

const SEQUENCE_MS = 1000;

export const keysAreOn = () => kept('keys') !== 'off';
export const turnKeys = (areOn) => keep('keys', areOn ? 'on' : 'off');

const isTyping = (target) => target.closest?.('input, select, textarea, [contenteditable]') !== null;

/**
 * @param actions  by key; "g s" is one key after the other. True: done
 */
export function watchKeys(actions) {
  let first = '';
  let firstMs = 0;

  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && closeMenuByKey()) return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(event.target)) return;
    if (document.querySelector('dialog[open]') || (!keysAreOn() && event.key !== 'Escape')) return;
    const pair = Date.now() - firstMs < SEQUENCE_MS ? `${first} ${event.key}` : '';
    const action = actions[pair] ?? actions[event.key];
    [first, firstMs] = [event.key, Date.now()];
    if (!action) return;
    event.preventDefault();
    action();
  });
}
