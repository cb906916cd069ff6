/* The language of the page and its texts. */
import { messages as en } from './messages_en.js';
import { keep, kept } from './kept.js';

export const LANGUAGES = { en: 'English', de: 'Deutsch' };

/* The texts of other languages are fetched when they are wanted. */
const addresses = { de: document.documentElement.dataset.messagesDe };

function choose() {
  const { language: chosen } = document.documentElement.dataset; /* in the account */
  const wanted = [kept('language'), chosen, ...navigator.languages].map((tag) => (tag ?? '').slice(0, 2));
  return wanted.find((tag) => tag in LANGUAGES) ?? 'en';
}

export const language = choose();
document.documentElement.lang = language;

/* Dates and numbers as the person's own region has them, when it is of this language. */
export const locale = navigator.languages.find((tag) => tag.startsWith(language)) ?? language;

async function fetchMessages() {
  try {
    return (await import(addresses[language])).messages;
  } catch {
    return en;
  }
}

const messages = language in addresses ? await fetchMessages() : en;

let plurals; /* made when it is needed: see format.js */
const isOne = (count) => (plurals ??= new Intl.PluralRules(language)).select(count) === 'one';

/** A text with its {names} filled in. @param values  `count` chooses between two forms */
export function text(key, values = {}) {
  const forms = (messages[key] ?? en[key] ?? key).split('|');
  const form = forms.length === 1 || isOne(values.count ?? values.n ?? 2) ? forms[0] : forms.at(-1);
  return form.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');
}

export function hasText(key) {
  return key in en;
}

/** All texts are made anew, so the page is loaded again. */
export function changeLanguage(tag) {
  keep('language', tag);
  location.reload();
}
