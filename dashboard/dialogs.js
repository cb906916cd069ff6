/* Dialogs: all values of a list, a range of days, and the keys. */
import { html, nothing } from 'lit-html';
import { isFilter } from './card.js';
import { csvLink } from './csv.js';
import { isChosen, listMetric, toggled } from './dimensions.js';
import { exact, metricExact, valueText } from './format.js';
import { ROWS_OF_DIALOG, allCsv } from './questions.js';
import { isShared } from './share.js';
import { addressOf } from './state.js';
import { errorBox } from './status.js';
import { text } from './words.js';

const SHOWN = ['visitors', 'visits', 'views', 'bounce_rate', 'visit_duration'];

function closeButton(close) {
  return html`<button type="button" class="close" aria-label=${text('close')} title=${text('close')} @click=${close}><span
    aria-hidden="true">×</span></button>`;
}

/* ---- all values of a list ---- */

const isSortedBy = (metric, state) => listMetric(state.all, state.metric) === metric;
const sortedClass = (metric, state) => (isSortedBy(metric, state) ? 'sorted' : '');

function allRow(row, { state, columns }) {
  const dimension = state.all;
  const name = valueText(dimension, row.value);
  const address = addressOf({ ...toggled(state, dimension, row.value), all: '', search: '' });
  const inside = isFilter(dimension, row.value)
    ? html`<a href=${address} aria-current=${isChosen(state, dimension, row.value) ? 'true' : nothing}>${name}</a>`
    : name;
  return html`<tr><th scope="row">${inside}${row.title ? html`<span class="soft page-title">${row.title}</span>` : nothing}</th>
    ${columns.map((metric) => html`<td class=${sortedClass(metric, state)}>${metricExact(metric, row[metric])}</td>`)}</tr>`;
}

/* Lists are sorted by counts, which the page's metric chooses, too. */
function columnHead(metric, { state, go }) {
  const isSorted = isSortedBy(metric, state);
  const canSort = listMetric(state.all, metric) === metric;
  const name = text(`metric.${metric}`);
  return html`<th scope="col" class=${sortedClass(metric, state)} aria-sort=${isSorted ? 'descending' : nothing}>${canSort
    ? html`<button type="button" class="link" @click=${() => go({ ...state, metric }, 'replace')}>${name}${isSorted ? ' ↓' : ''}</button>`
    : name}</th>`;
}

function allTable(slot, model) {
  const { state, onRetry, limit, more } = model;
  if (slot.status === 'error') return errorBox(slot.error, onRetry);
  const answer = slot.data?.dimension === state.all ? slot.data : null;
  if (!answer) return html`<p class="skeleton table-room" aria-busy="true"></p>`;
  if (answer.rows.length === 0) {
    return html`<p class="empty soft">${state.search ? text('found.none', { text: state.search }) : text('empty')}</p>`;
  }
  const columns = SHOWN.filter((metric) => answer.total[metric] !== undefined);
  return html`<table>
      <thead><tr><th scope="col">${text(`filter.${state.all}`)}</th>${columns.map((metric) => columnHead(metric, model))}</tr></thead>
      <tbody>${answer.rows.map((row) => allRow(row, { state, columns }))}</tbody>
    </table>
    ${answer.count > answer.rows.length && limit < 1000
      ? html`<p class="more-room"><button type="button" class="plain" @click=${more}>${text('show.more')}</button></p>`
      : nothing}`;
}

export const FIRST_LIMIT = ROWS_OF_DIALOG;

/** @param model  {state, go, onRetry, limit, more, close, onSearch(text)} */
export function allDialog(slot, model) {
  const { state, close, onSearch } = model;
  const count = slot.data?.dimension === state.all ? slot.data.count : 0;
  return html`<dialog id="dialog" class="wide" aria-labelledby="dialog-title" @close=${close}>
    <header>
      <h2 id="dialog-title">${text(`dimension.${state.all}`)} <span class="soft">${count ? exact(count) : ''}</span></h2>
      <input type="search" id="search" .value=${state.search} maxlength="100" placeholder=${text('search')} aria-label=${text('search')}
        autocomplete="off" @input=${(event) => onSearch(event.target.value)}>
      ${csvLink(allCsv(state))}
      ${closeButton(close)}
    </header>
    <div class="scroll" tabindex="0" role="region" aria-label=${text(`dimension.${state.all}`)}>${allTable(slot, model)}</div>
  </dialog>`;
}

/* ---- a range of days ---- */

/** @param model  {from, to, today, close, show(from, to)} */
export function customDialog({ from, to, today, close, show }) {
  const onSubmit = (event) => {
    event.preventDefault();
    const [first, last] = [event.target.from.value, event.target.to.value].sort();
    if (first && last) show(first, last);
  };
  return html`<dialog id="dialog" aria-labelledby="dialog-title" @close=${close}>
    <header><h2 id="dialog-title">${text('period')}</h2>${closeButton(close)}</header>
    <form class="range" @submit=${onSubmit}>
      <label>${text('from')} <input type="date" name="from" required min="1970-01-01" max=${today} .value=${from}></label>
      <label>${text('to')} <input type="date" name="to" required min="1970-01-01" max=${today} .value=${to}></label>
      <button>${text('apply')}</button>
    </form>
  </dialog>`;
}

/* ---- keys ---- */

const KEYS = [
  ['T', 'period.today'], ['Y', 'period.yesterday'], ['W', 'period.7d'], ['M', 'period.30d'], ['Q', 'period.90d'],
  ['A', 'period.all'], ['C', 'period.custom'], ['X', 'key.x'], ['[', 'key.['], [']', 'key.]'], ['/', 'key./'],
  ['Esc', 'key.Escape'], ...(isShared ? [] : [['G S', 'key.g s']]), ['?', 'key.?'],
];

/** @param model  {areOn, turn(areOn), close} */
export function keysDialog({ areOn, turn, close }) {
  return html`<dialog id="dialog" aria-labelledby="dialog-title" @close=${close}>
    <header><h2 id="dialog-title">${text('keys.title')}</h2>${closeButton(close)}</header>
    <dl class="keys">${KEYS.map(([key, name]) => html`<div><dt><kbd>${key}</kbd></dt><dd>${text(name)}</dd></div>`)}</dl>
    <label class="check"><input type="checkbox" .checked=${areOn} @change=${(event) => turn(event.target.checked)}>
      <span>${text('keys.on')} <small class="soft">${text('keys.hint')}</small></span></label>
  </dialog>`;
}
