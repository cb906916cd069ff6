/* All sites: each with its numbers and a small line. */
import { html, nothing } from 'lit-html';
import { siteName } from './bar.js';
import { exact, metricExact, metricText } from './format.js';
import { seriesOf } from './series.js';
import { slotOf } from './slots.js';
import { spark } from './spark.js';
import { addressOf } from './state.js';
import { errorBox } from './status.js';
import { changeMark } from './totals.js';
import { text } from './words.js';

function number(series, metric) {
  const value = series.totals[metric];
  return html`<div><dt>${text(`metric.${metric}`)}</dt>
    <dd title=${metricExact(metric, value)}>${metricText(metric, value)}${metric === 'visitors'
      ? changeMark(metric, series.change(metric), '') : nothing}</dd></div>`;
}

function liveText(live) {
  if (!live?.data?.live) return nothing;
  return html`<span class="live"><span class="dot" aria-hidden="true"></span>${text('now', { n: exact(live.data.live) })}</span>`;
}

function inside(site, retry) {
  const slot = slotOf(`series:${site.id}`);
  if (slot.status === 'error' && !slot.data) return errorBox(slot.error, () => retry(`series:${site.id}`));
  if (!slot.data) return html`<p class="skeleton spark-room"></p>`;
  const series = seriesOf(slot.data);
  const isLong = series.over > 1; /* what is not over would look like a fall */
  const values = slot.data.series.slice(0, isLong ? series.over : series.begun).map((point) => point.visitors ?? 0);
  return html`${spark(values)}<dl>${['visitors', 'visits', 'views'].map((metric) => number(series, metric))}</dl>`;
}

/** @param model  {state, sites, retry(name)} */
export function sitesView({ state, sites, retry }) {
  if (sites.length === 0) return html`<p class="empty soft">${text('sites.none')}</p>`;
  return html`<ul class="sites">${sites.map((site) => html`<li class="card site">
    <h2><a href=${addressOf({ ...state, site: site.id })}>${siteName(site)}</a></h2>
    ${liveText(slotOf(`live:${site.id}`))}
    <p class="soft domain">${site.domains?.[0] ?? site.id}</p>
    ${inside(site, retry)}
  </li>`)}</ul>`;
}
