/* The five totals: each chooses what the chart shows. */
import { html, nothing } from 'lit-html';
import { metricExact, metricText, rangeText, share } from './format.js';
import { METRICS } from './state.js';
import { text } from './words.js';

/* Of these, more is not better. */
const WORSE_WHEN_MORE = ['bounce_rate'];

function tone(metric, change) {
  if (Math.abs(change) < 0.0005) return '';
  return change > 0 === !WORSE_WHEN_MORE.includes(metric) ? 'good' : 'bad';
}

/** An arrow with a number, and the same in words for who does not see it. */
export function changeMark(metric, change, title) {
  if (change === null) return nothing;
  const size = share(Math.abs(change));
  if (Math.abs(change) < 0.0005) return html`<span class="change" title=${title}>${text('change.none')}</span>`;
  const [arrow, words] = change > 0 ? ['↑', 'change.up'] : ['↓', 'change.down'];
  return html`<span class="change ${tone(metric, change)}" title=${title}><span aria-hidden="true">${arrow} ${size}</span><span
    class="hidden">${text(words, { text: size })}</span></span>`;
}

function changeTitle(series, metric) {
  const { previous } = series.answer;
  if (!previous) return '';
  const range = rangeText(previous.from, previous.to);
  const title = text(series.isWhole ? 'change.against' : 'change.unfinished', { range });
  return `${title}: ${text('was', { text: metricExact(metric, series.before(metric)) })}`;
}

function total(series, metric, { chosen, choose }) {
  const value = series ? series.totals[metric] : undefined;
  const isCounted = !series || series.has(metric);
  const tip = `definition-${metric}`;
  return html`<li class="total">
    <button type="button" aria-pressed=${metric === chosen} ?disabled=${!isCounted} aria-describedby=${tip}
      @click=${() => choose(metric)}>
      <span class="label">${text(`metric.${metric}`)}</span>
      ${series
        ? html`<span class="value" title=${metricExact(metric, value)}>${metricText(metric, value)}</span>
            ${changeMark(metric, series.change(metric), changeTitle(series, metric))}`
        : html`<span class="value skeleton" aria-hidden="true"></span>`}
    </button>
    <span class="definition" role="tooltip" id=${tip}>${text(`definition.${metric}`)}</span>
  </li>`;
}

/** @param how  {chosen, choose(metric)} */
export function totals(series, how) {
  return html`<ul class="totals card" aria-label=${text('sum')}>${METRICS.map((metric) => total(series, metric, how))}</ul>`;
}
