/* A card: tabs, and the largest values of the one that is open. Every row is a filter. */
import { html, nothing, svg } from 'lit-html';
import { changeMark } from './totals.js';
import { isChosen, listMetric, listScope, toggled } from './dimensions.js';
import { compact, counted, exact, share, valueText } from './format.js';
import { addressOf } from './state.js';
import { errorBox } from './status.js';
import { text } from './words.js';

const ROWS = 9;

/* ---- rows ---- */

/* A picture, since a strict policy allows no style attribute. */
function bar(part) {
  const width = `${Math.max(0.6, 100 * part).toFixed(1)}%`;
  return html`<svg class="bar" aria-hidden="true">${svg`<rect width=${width} height="100%" rx="4"></rect>`}</svg>`;
}

/* What has only begun is not compared with a whole: the change would say nothing. */
const MIN_OVER = 0.9;

const isComparable = (series) => series && series.over / series.answer.series.length >= MIN_OVER;

function changeOf(row, { metric, series }) {
  const before = row.previous?.[metric];
  if (!(before > 0) || !isComparable(series)) return nothing;
  return changeMark(metric, row[metric] / before - 1, text('was', { text: exact(before) }));
}

function numbers(row, model) {
  const { metric, total } = model;
  return html`${changeOf(row, model)}
    <span class="part">${total > 0 ? share(row[metric] / total) : ''}</span>
    <span class="number" title=${counted(metric, row[metric])}>${compact(row[metric])}</span>`;
}

/* What has no name of its own is no filter. */
export function isFilter(dimension, value) {
  return value !== '(other)' || dimension === 'page';
}

/* @param how  {state, dimension, metric, series, largest, total} */
function listRow(row, how) {
  const { state, dimension, metric, largest } = how;
  const name = valueText(dimension, row.value);
  const inside = html`${bar(largest > 0 ? row[metric] / largest : 0)}<span class="name">${name}</span>
    ${numbers(row, how)}`;
  if (!isFilter(dimension, row.value)) return html`<li class="row">${inside}</li>`;
  const chosen = isChosen(state, dimension, row.value);
  const address = addressOf({ ...toggled(state, dimension, row.value), all: '', search: '' });
  const title = row.title || name;
  return html`<li><a class="row" href=${address} aria-current=${chosen ? 'true' : nothing} title=${title}>${inside}
    <span class="hidden">${text(chosen ? 'row.clear' : 'row.filter', { text: name })}</span></a></li>`;
}

/* Visits that came from nowhere are no value of the list: what is left of the whole site. */
function directRow(answer, { state, dimension, metric, series }) {
  const isWhole = dimension === 'source' && !state.page && !state.filter;
  const rest = isWhole && series ? series.answer.totals[metric] - answer.total[metric] : 0;
  if (!(rest > 0)) return null;
  return { value: text('direct'), isDirect: true, [metric]: rest };
}

function rowsOf(answer, model) {
  const { dimension, metric } = model;
  const direct = directRow(answer, model);
  const rows = direct ? [...answer.rows, direct].sort((a, b) => b[metric] - a[metric]) : answer.rows;
  const total = dimension === 'event' ? 0 : answer.total[metric] + (direct?.[metric] ?? 0);
  const how = { ...model, largest: rows[0]?.[metric] ?? 0, total };
  return rows.slice(0, ROWS).map((row) =>
    row.isDirect
      ? html`<li class="row direct" title=${text('direct.title')}>${bar(row[metric] / how.largest)}<span class="name">${row.value}</span>
          ${numbers(row, how)}</li>`
      : listRow(row, how));
}

/* ---- the card ---- */

function skeleton() {
  return html`<ul class="rows" aria-hidden="true">
    ${Array.from({ length: ROWS }, (_, i) => html`<li class="row"><span class="skeleton s${i}"></span></li>`)}
  </ul>`;
}

function list(slot, model) {
  const { dimension, onRetry } = model;
  if (slot.status === 'error') return errorBox(slot.error, onRetry);
  if (!slot.data || slot.data.dimension !== dimension) return skeleton();
  if (slot.data.rows.length === 0) {
    return html`<p class="empty soft">${text(dimension === 'event' ? 'empty.events' : 'empty')}</p>`;
  }
  return html`<ul class="rows">${rowsOf(slot.data, model)}</ul>`;
}

function tabButton(card, tab, { state, go }) {
  return html`<button type="button" aria-pressed=${state.tabs[card.id] === tab}
    @click=${() => go({ ...state, tabs: { ...state.tabs, [card.id]: tab } }, 'replace')}>${text(`dimension.${tab}`)}</button>`;
}

function foot(slot, { state, dimension }) {
  const count = slot.data?.dimension === dimension ? slot.data.count : 0;
  if (count === 0) return nothing;
  return html`<a class="more" href=${addressOf({ ...state, all: dimension, search: '' })}>${text('show.all', { n: exact(count) })}</a>`;
}

/** @param model  {state, go, series, onRetry} */
export function cardBox(card, slot, model) {
  const { state } = model;
  const dimension = state.tabs[card.id];
  const metric = listMetric(dimension, state.metric);
  const { ignored } = listScope(state, dimension);
  const inner = { ...model, dimension, metric };
  return html`<section class="card list ${card.id}" aria-label=${text(`card.${card.id}`)} aria-busy=${slot.status === 'loading'}>
    <header>
      <div class="tabs" role="group" aria-label=${text(`card.${card.id}`)}>${card.tabs.map((tab) => tabButton(card, tab, model))}</div>
      <span class="soft unit">${text(`metric.${metric}`)}</span>
    </header>
    ${ignored ? html`<p class="ignored">${text('ignored', { text: text(`filter.${ignored}`) })}</p>` : nothing}
    ${list(slot, inner)}
    <footer>${foot(slot, inner)}</footer>
  </section>`;
}
