/* The frame that the server sends: its words in the language of the person. */
import { hasText, text } from './words.js';

export function translateShell() {
  for (const element of document.querySelectorAll('[data-text]')) {
    const key = element.dataset.text;
    if (hasText(key)) element.textContent = text(key);
  }
}
