/* The bar: which site, how many are there now, which time, compared with what, filtered by what. */
import { html, nothing } from 'lit-html';
import { shiftRange, todayIn } from './dates.js';
import { exact, rangeText, valueText } from './format.js';
import { liveMark } from './live.js';
import { menu } from './menu.js';
import { isEmbedded } from './share.js';
import { PERIODS, addressOf } from './state.js';
import { text } from './words.js';

const KEYS = { today: 'T', yesterday: 'Y', '7d': 'W', '30d': 'M', '90d': 'Q', all: 'A' };

export const siteName = (site) => site.name || site.domains?.[0] || site.id;

/* ---- sites ---- */

function siteMenu({ state, sites }) {
  const current = sites.find((site) => site.id === state.site);
  const name = current ? siteName(current) : state.site;
  if (sites.length < 2) return html`<strong class="site-name">${name}</strong>`;
  const addressAt = (site) => addressOf({ ...state, site, page: '', filter: null });
  const links = sites.map(
    (site) => html`<a href=${addressAt(site.id)}
      aria-current=${site.id === state.site ? 'true' : nothing}>${siteName(site)}</a>`,
  );
  return menu(name, html`${links}<hr><a href=${addressAt('')}>${text('sites')}</a>`, {
    className: 'site-menu',
    name: `${text('site')}: ${name}`,
  });
}

/* ---- time ---- */

function periodLink(state, period) {
  const next = { ...state, period, from: '', to: '', by: '' };
  const key = KEYS[period];
  return html`<a href=${addressOf(next)} aria-current=${state.period === period ? 'true' : nothing}>${text(`period.${period}`)}
    ${key ? html`<kbd aria-hidden="true">${key}</kbd>` : nothing}</a>`;
}

function shiftButton(state, range, steps, label, go) {
  const next = range && shifted(state, range, steps);
  return html`<button type="button" class="step" aria-label=${label} title=${label} ?disabled=${!next}
    @click=${() => go(next)}><span aria-hidden="true">${steps < 0 ? '‹' : '›'}</span></button>`;
}

/** The state one range earlier or later; null: there is nothing. @param range  the last answer's */
export function shifted(state, range, steps) {
  if (state.period === 'all' || !range) return null;
  const today = todayIn(range.zone);
  const next = shiftRange(range, state.period, steps);
  if (next.from > today || next.from < '1970-01-01') return null;
  if (next.to > today) next.to = today;
  return { ...state, period: '', ...next };
}

const periodName = (state) => (state.period ? text(`period.${state.period}`) : rangeText(state.from, state.to));

function periodMenu({ state, range, go, openCustom }) {
  const label = periodName(state);
  return html`<div class="period" role="group" aria-label=${text('period')}>
    ${shiftButton(state, range, -1, text('earlier'), go)}
    ${menu(label, html`${PERIODS.map((period) => periodLink(state, period))}<hr>
      <button type="button" @click=${openCustom}>${text('period.custom')} <kbd aria-hidden="true">C</kbd></button>`, {
        name: `${text('period')}: ${label}`,
      })}
    ${shiftButton(state, range, 1, text('later'), go)}
  </div>`;
}

function compareMenu({ state }) {
  if (state.period === 'all') return nothing;
  const label = state.compare ? text(`compare.${state.compare}`) : text('compare');
  const links = ['', 'previous', 'year'].map(
    (compare) => html`<a href=${addressOf({ ...state, compare })}
      aria-current=${state.compare === compare ? 'true' : nothing}>${text(`compare.${compare}`)}</a>`,
  );
  return menu(label, links, { className: state.compare ? 'compare-menu on' : 'compare-menu', name: `${text('compare')}: ${label}` });
}

/* ---- filters ---- */

function pill(state, dimension, value) {
  const name = valueText(dimension, value);
  const label = `${text(`filter.${dimension}`)}: ${name}`;
  const next = dimension === 'page' ? { ...state, page: '' } : { ...state, filter: null };
  return html`<li><a class="pill" href=${addressOf(next)} aria-label=${text('filter.remove', { text: label })}>
    <span class="soft">${text(`filter.${dimension}`)}</span> ${name} <span aria-hidden="true" class="cross">×</span></a></li>`;
}

/** What the page is filtered by; each can be taken away. */
export function pills(state) {
  if (!state.page && !state.filter) return nothing;
  return html`<ul class="pills">
    ${state.page ? pill(state, 'page', state.page) : nothing}
    ${state.filter ? pill(state, state.filter.dimension, state.filter.value) : nothing}
  </ul>`;
}

/* In a frame its address says what is looked at: there are no menus. */
function embeddedBar({ state, sites }) {
  const current = sites.find((site) => site.id === state.site);
  return html`<div class="bar-row"><strong class="site-name">${current ? siteName(current) : state.site}</strong>
    ${liveMark()}<span class="gap"></span><span class="soft">${periodName(state)}</span></div>`;
}

/** @param model  {state, sites, range, go, openCustom}; range is the last answer's, or null */
export function bar(model) {
  if (isEmbedded) return embeddedBar(model);
  return html`<div class="bar-row">
    ${siteMenu(model)}${liveMark()}<span class="gap"></span>${compareMenu(model)}${periodMenu(model)}
  </div>`;
}

/** The bar of all sites: only the time. */
export function overviewBar(model) {
  return html`<div class="bar-row">
    <h1 class="site-name">${text('sites')}</h1><span class="soft">${exact(model.sites.length)}</span>
    <span class="gap"></span>${periodMenu(model)}
  </div>`;
}
