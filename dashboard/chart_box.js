/* The chart with its head, its tooltip, its table, and the keys that move its cursor. */
import { html, nothing } from 'lit-html';
import { makeChart } from './chart.js';
import { csvLink } from './csv.js';
import { daysFrom } from './dates.js';
import {
  counted, metricExact, metricText, pointDays, pointText, rangeText, tickText,
} from './format.js';
import { seriesCsv } from './questions.js';
import { columnsOf, valueOf } from './series.js';
import { UNITS } from './state.js';
import { errorBox } from './status.js';
import { text } from './words.js';

/* The longest ranges that the server has of a unit; and from how many days a unit makes sense. */
const UNIT_DAYS = { hour: [1, 92], day: [2, 3660], week: [14, 3660], month: [32, 1e6], year: [400, 1e6] };
const MAX_HOURS = 7;

let chart = null;
let shown = null; /* {series, metric, isCompared, go} */
let pointed = null;
let anchor = null;
let isTableOpen = false;

/* ---- texts ---- */

function pointLine(index) {
  const { series, metric, isCompared } = shown;
  const { answer } = series;
  const now = answer.series[index];
  const before = isCompared ? answer.previous_series?.[index] : null;
  const parts = [];
  if (now) parts.push(pointText(now, answer.by, answer.zone));
  if (now && index < series.begun) parts.push(counted(metric, valueOf(now, metric)));
  if (index === series.over && index < series.begun) parts.push(text('unfinished'));
  if (before) parts.push(`${pointText(before, answer.by, answer.zone)}: ${counted(metric, valueOf(before, metric))}`);
  return parts.join(', ');
}

function tipRows(index) {
  const { series, metric, isCompared } = shown;
  const { answer } = series;
  const now = answer.series[index];
  const before = isCompared ? answer.previous_series?.[index] : null;
  const rows = [];
  if (now) {
    const isUnfinished = index === series.over && index < series.begun;
    rows.push({
      kind: 'now',
      time: pointText(now, answer.by, answer.zone) + (isUnfinished ? ` · ${text('unfinished')}` : ''),
      value: index < series.begun ? counted(metric, valueOf(now, metric)) : '–',
    });
  }
  if (before) {
    rows.push({
      kind: 'before',
      time: pointText(before, answer.by, answer.zone),
      value: counted(metric, valueOf(before, metric)),
    });
  }
  return rows;
}

/* ---- the tooltip ---- */

function element(tag, className, content = '') {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = content;
  return made;
}

function showTip(index, x) {
  const tip = document.getElementById('tip');
  if (!tip) return;
  pointed = index;
  tip.hidden = index === null || index === undefined;
  if (tip.hidden) return;
  tip.replaceChildren(
    ...tipRows(index).flatMap(({ kind, time, value }) => [
      element('span', `tip-time ${kind}`, time),
      element('strong', 'tip-value', value),
    ]),
  );
  const room = tip.parentElement.clientWidth - tip.offsetWidth;
  const left = chart.left + x;
  const beside = left + 16 > room ? left - tip.offsetWidth - 16 : left + 16;
  tip.style.left = `${Math.max(0, Math.min(room, beside))}px`;
}

/* ---- zoom ---- */

function zoom(first, last) {
  const { series, go, state } = shown;
  const { answer } = series;
  const points = [first, last].map((i) => answer.series[Math.min(i, answer.series.length - 1)]);
  const [from, to] = points.map((point) => pointDays(point, answer.by, answer.zone, answer));
  anchor = null;
  if (from.from === answer.from && to.to === answer.to) return;
  go({ ...state, period: '', from: from.from, to: to.to, by: '' });
}

/* ---- keys ---- */

function say(words) {
  document.getElementById('chart-said').textContent = words;
}

function selectTo(index) {
  const { answer } = shown.series;
  chart.mark(anchor, index);
  const [from, to] = [anchor, index].sort((a, b) => a - b).map((i) => pointText(answer.series[i], answer.by, answer.zone));
  say(text('chart.selected', { from, to }));
}

function moveTo(index, isSelecting) {
  const last = shown.series.answer.series.length - 1;
  const next = Math.max(0, Math.min(last, index));
  if (isSelecting) anchor ??= pointed ?? next;
  else anchor = null;
  chart.point(next);
  pointed = next;
  if (isSelecting) {
    selectTo(next);
    return;
  }
  chart.mark(next, next);
  say(pointLine(next));
}

function onKey(event) {
  if (!shown || event.ctrlKey || event.metaKey || event.altKey) return;
  const last = shown.series.begun - 1;
  const at = pointed ?? last + 1;
  const moves = { ArrowLeft: at - 1, ArrowRight: pointed === null ? 0 : at + 1, Home: 0, End: last };
  if (event.key in moves) moveTo(moves[event.key], event.shiftKey);
  else if (event.key === 'Enter' && pointed !== null) zoom(Math.min(anchor ?? pointed, pointed), Math.max(anchor ?? pointed, pointed));
  else if (event.key === 'Escape' && (pointed !== null || anchor !== null)) leave();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function leave() {
  anchor = null;
  pointed = null;
  chart?.mark(0, 0);
  chart?.leave();
}

/* ---- drawing ---- */

/** Draws what the template below has made room for. Called after each rendering. */
export function drawChart() {
  const place = document.getElementById('plot');
  if (!place || !shown) return;
  if (place.chart !== chart || !chart) {
    chart = makeChart(place, { onPoint: showTip, onRange: zoom });
    place.chart = chart;
  }
  const { series, metric, isCompared } = shown;
  const { answer } = series;
  const columns = columnsOf(series, metric, isCompared);
  const isOneDay = answer.from === answer.to;
  const points = answer.series.length >= columns[0].length ? answer.series : answer.previous_series;
  const ticks = points.map((point) => tickText(point, answer.by, answer.zone, isOneDay));
  chart.show({
    key: [answer.site, answer.from, answer.to, answer.by, metric, isCompared].join(),
    columns,
    labels: points,
    ticks,
    format: (value) => metricText(metric, value),
    isRate: metric === 'bounce_rate',
    isTime: metric === 'visit_duration',
    canZoom: !isOneDay,
  });
}

/* ---- the template ---- */

function unitsOf(answer, state) {
  const days = daysFrom(answer.from, answer.to);
  return UNITS.filter((unit) => {
    const [min, max] = UNIT_DAYS[unit];
    const isFine = unit !== 'hour' || (days <= MAX_HOURS && !state.filter);
    return (days >= min && days <= max && isFine) || unit === answer.by;
  });
}

function unitButtons(answer, state, go) {
  const units = unitsOf(answer, state);
  if (units.length < 2) return nothing;
  return html`<div class="choice" role="group" aria-label=${text('unit')}>
    ${units.map(
      (unit) => html`<button type="button" aria-pressed=${unit === answer.by}
        @click=${() => go({ ...state, by: unit })}>${text(`unit.${unit}`)}</button>`,
    )}
  </div>`;
}

function tableRow(series, metric, isCompared, index) {
  const { answer } = series;
  const point = answer.series[index];
  const before = answer.previous_series?.[index];
  return html`<tr>
    <th scope="row">${point ? pointText(point, answer.by, answer.zone) : '–'}</th>
    <td>${index < series.begun ? metricExact(metric, valueOf(point, metric)) : '–'}</td>
    ${isCompared ? html`<td>${metricExact(metric, valueOf(before, metric))}</td>` : nothing}
  </tr>`;
}

function table({ series, metric, isCompared }) {
  const { answer } = series;
  const name = text(`metric.${metric}`);
  return html`<div class=${isTableOpen ? 'chart-table' : 'chart-table hidden'} tabindex=${isTableOpen ? 0 : -1}
      role="region" aria-label=${text('table')}>
    <table>
      <caption class="hidden">${name}, ${rangeText(answer.from, answer.to)}</caption>
      <thead><tr><th scope="col">${text('column.time')}</th><th scope="col">${name}</th>
        ${isCompared ? html`<th scope="col">${text('column.before')}</th>` : nothing}</tr></thead>
      <tbody>${answer.series.map((_, i) => tableRow(series, metric, isCompared, i))}</tbody>
    </table>
  </div>`;
}

function legend({ series, metric, isCompared }) {
  const { answer } = series;
  if (!isCompared) return html`<span class="soft">${rangeText(answer.from, answer.to)}</span>`;
  const { previous } = answer;
  return html`<span class="key now">${rangeText(answer.from, answer.to)}</span>
    <span class="key before">${rangeText(previous.from, previous.to)}
      <span class="soft">${metricText(metric, valueOf(previous.totals, metric))}</span></span>`;
}

function head(model) {
  const { series, metric, state, go, update } = model;
  return html`<div class="chart-head">
    <h2>${text(`metric.${metric}`)}</h2>
    <div class="legend">${legend(model)}</div>
    <div class="tools">
      ${unitButtons(series.answer, state, go)}
      <button type="button" class="tool" aria-pressed=${isTableOpen}
        @click=${() => { isTableOpen = !isTableOpen; update(); }}>${text('table')}</button>
      ${csvLink(seriesCsv(state))}
    </div>
  </div>`;
}

function figure({ series, metric }) {
  const { answer } = series;
  const name = text('chart', { metric: text(`metric.${metric}`), range: rangeText(answer.from, answer.to) });
  return html`<div class="plot-frame">
    <div id="plot" role="application" tabindex="0" aria-label=${name} aria-describedby="chart-hint"
      @keydown=${onKey} @blur=${leave}></div>
    <div id="tip" class="tip" hidden></div>
    <p id="chart-hint" class="hidden">${text('chart.hint')}</p>
    <p id="chart-said" class="hidden" role="status"></p>
  </div>`;
}

/**
 * @param slot   of the series
 * @param model  {series, metric, isCompared, state, go, update}; series is null until there is one
 */
export function chartBox(slot, model, onRetry) {
  shown = model.series ? model : null;
  if (slot.status === 'error' && !model.series) {
    return html`<section class="chart card">${errorBox(slot.error, onRetry)}</section>`;
  }
  if (!model.series) return html`<section class="chart card" aria-busy="true"><div class="skeleton plot-room"></div></section>`;
  return html`<section class="chart card" aria-busy=${slot.status === 'loading'}>
    ${slot.status === 'error' ? errorBox(slot.error, onRetry) : nothing}
    ${head(model)}${figure(model)}${table(model)}
  </section>`;
}

