/*
 * The dashboard: state (the address) -> what is asked of the server -> what is shown. Everything is
 * rendered anew after each change; lit-html changes only what is different.
 */
import { html, nothing, render } from 'lit-html';
import { bar, overviewBar, pills, shifted, siteName } from './bar.js';
import { cardBox } from './card.js';
import { chartBox, drawChart } from './chart_box.js';
import { watchColors } from './colors.js';
import { todayIn } from './dates.js';
import { FIRST_LIMIT, allDialog, customDialog, keysDialog } from './dialogs.js';
import { CARDS } from './dimensions.js';
import { foot } from './foot.js';
import { keysAreOn, turnKeys, watchKeys } from './keys.js';
import { watchLive } from './live.js';
import { closeMenus, watchMenus } from './menu.js';
import { emptyNote, endedNote, unknownNote } from './notes.js';
import {
  allAddress, botsAddress, listAddress, liveAddress, overviewAddress, seriesAddress, sitesAddress,
} from './questions.js';
import { seriesOf } from './series.js';
import { translateShell } from './shell.js';
import { sitesView } from './sites.js';
import { keepOnly, onSlotChange, renew, retry, slotOf, want } from './slots.js';
import { isEmbedded, isShared } from './share.js';
import { addressNow, addressOf, isOurs, readState } from './state.js';
import { errorBox } from './status.js';
import { totals } from './totals.js';

/* Numbers of a range that is not over are asked for again so often. */
const RENEW_MS = 60000;
const SEARCH_PAUSE_MS = 250;

let state = readState(location.search);
let dialog = ''; /* 'custom', 'keys'; the list of all values is in the state */
let limit = FIRST_LIMIT;
let isScheduled = false;
let searchTimer = 0;
let renewedMs = Date.now();

/* ---- going somewhere ---- */

/** @param how  'push': with a way back; 'replace': without */
function go(next, how = 'push') {
  const address = addressOf(next);
  if (address === addressNow()) return;
  history[how === 'push' ? 'pushState' : 'replaceState'](null, '', address);
  arrive();
}

function arrive() {
  const before = state;
  state = readState(location.search);
  if (state.all !== before.all) limit = FIRST_LIMIT;
  if (state.site !== before.site) scrollTo(0, 0);
  closeMenus();
  load();
  update();
}

function onClick(event) {
  const link = event.target.closest('a[href]');
  const isPlain = !event.defaultPrevented && event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
  if (!link || !isPlain || link.hasAttribute('download') || !isOurs(new URL(link.href))) return;
  event.preventDefault();
  const next = readState(new URL(link.href).search);
  go(next);
}

/* ---- asking ---- */

const sites = () => slotOf('sites').data?.sites ?? [];

function wantSite() {
  want('series', seriesAddress(state));
  for (const card of CARDS) want(card.id, listAddress(state, state.tabs[card.id]));
  want('bots', botsAddress(state));
  if (state.all) want('all', allAddress(state, limit));
  watchLive(state.site, update);
  keepOnly(['sites', 'series', 'bots', ...CARDS.map(({ id }) => id), ...(state.all ? ['all'] : [])]);
}

function wantOverview() {
  watchLive('', update);
  for (const site of sites()) {
    want(`series:${site.id}`, overviewAddress(state, site.id));
    want(`live:${site.id}`, liveAddress(site.id));
  }
  keepOnly(['sites', ...sites().flatMap(({ id }) => [`series:${id}`, `live:${id}`])]);
}

/* Who has one site is there at once. */
function load() {
  want('sites', sitesAddress(state));
  if (!state.site && sites().length === 1) {
    state = { ...state, site: sites()[0].id };
    history.replaceState(null, '', addressOf(state));
  }
  if (state.site) wantSite();
  else wantOverview();
}

/* What is over does not change any more. */
function renewAll() {
  if (document.hidden || Date.now() - renewedMs < RENEW_MS / 2) return;
  renewedMs = Date.now();
  const range = rangeShown();
  if (state.site && range && range.to < todayIn(range.zone)) return;
  const names = state.site
    ? ['series', 'bots', ...CARDS.map(({ id }) => id)]
    : sites().flatMap(({ id }) => [`series:${id}`, `live:${id}`]);
  for (const name of names) renew(name);
}

/* ---- showing ---- */

/* The range of the last answer, if it is of this site. */
function rangeShown() {
  const slot = state.site ? slotOf('series') : slotOf(`series:${sites()[0]?.id}`);
  return slot.data ? { from: slot.data.from, to: slot.data.to, zone: slot.data.zone } : null;
}

/* A metric that is not counted of what is chosen gives way to one that is. */
function metricShown(series) {
  return !series || series.has(state.metric) ? state.metric : series.has('visits') ? 'visits' : 'views';
}

const isEmpty = (series) => series?.totals.views === 0 && !state.page && !state.filter;

/* Once it is known which sites there are. */
const isUnknown = () => slotOf('sites').data !== null && !sites().some(({ id }) => id === state.site);

/* Of what is shown without a login: it is not, or not any more. */
const isEnded = () => isShared && ['sites', 'series'].some((name) => slotOf(name).error?.status === 401);

function siteView() {
  if (isEnded()) return endedNote();
  if (isUnknown()) return unknownNote();
  const slot = slotOf('series');
  const answer = slot.data?.site === state.site ? slot.data : null;
  const series = answer ? seriesOf(answer) : null;
  const metric = metricShown(series);
  const isCompared = Boolean(state.compare && answer?.previous_series);
  const choose = (next) => go({ ...state, metric: next });
  const model = { series, metric, isCompared, state, go, update };
  return html`<h1 class="hidden">${siteName(sites().find(({ id }) => id === state.site) ?? { id: state.site })}</h1>
    ${pills(state)}
    ${totals(series, { chosen: metric, choose })}
    ${isEmpty(series) ? emptyNote(state.site) : nothing}
    ${chartBox(slot, model, () => retry('series'))}
    ${isEmpty(series) ? nothing : html`<div class="cards">${CARDS.map((card) =>
      cardBox(card, slotOf(card.id), { state, go, series, onRetry: () => retry(card.id) }))}</div>`}`;
}

function overview() {
  if (isEnded()) return endedNote();
  const slot = slotOf('sites');
  if (slot.status === 'error' && !slot.data) return errorBox(slot.error, () => retry('sites'));
  if (!slot.data) return html`<p class="skeleton plot-room" aria-busy="true"></p>`;
  return sitesView({ state, sites: sites(), retry });
}

/* ---- dialogs ---- */

function closeDialog() {
  if (!dialog && !state.all) return;
  dialog = '';
  if (state.all) go({ ...state, all: '', search: '' });
  update();
}

function onSearch(words) {
  clearTimeout(searchTimer);
  searchTimer = setTimeout(() => go({ ...state, search: words.trim() }, 'replace'), SEARCH_PAUSE_MS);
}

function showMore() {
  limit = 1000;
  load();
  update();
}

function customModel() {
  const range = rangeShown();
  const today = todayIn(range?.zone ?? 'UTC');
  const show = (from, to) => {
    dialog = '';
    go({ ...state, period: '', from, to, by: '' });
    update();
  };
  return { from: range?.from ?? today, to: range?.to ?? today, today, close: closeDialog, show };
}

function dialogView() {
  if (dialog === 'custom') return customDialog(customModel());
  if (dialog === 'keys') {
    return keysDialog({ areOn: keysAreOn(), turn: (areOn) => { turnKeys(areOn); update(); }, close: closeDialog });
  }
  if (!state.all || !state.site) return nothing;
  return allDialog(slotOf('all'), {
    state, go, limit, close: closeDialog, onSearch, more: showMore, onRetry: () => retry('all'),
  });
}

function openDialog(name) {
  dialog = name;
  closeMenus();
  update();
}

/* ---- rendering ---- */

const place = (id) => document.getElementById(id);

function draw() {
  isScheduled = false;
  const model = { state, sites: sites(), range: rangeShown(), go, openCustom: () => openDialog('custom') };
  render(isEnded() ? nothing : state.site ? bar(model) : overviewBar(model), place('bar'));
  render(state.site ? siteView() : overview(), place('content'));
  if (!isEmbedded) render(foot({
    zone: state.site ? rangeShown()?.zone : '',
    bots: state.site ? slotOf('bots') : null,
    openKeys: () => openDialog('keys'),
  }), place('foot'));
  render(dialogView(), place('dialogs'));
  const open = place('dialog');
  if (open && !open.open) open.showModal();
  drawChart();
  place('content').dataset.drawn = location.search; /* tests wait for it */
}

function update() {
  if (isScheduled) return;
  isScheduled = true;
  requestAnimationFrame(draw);
}

/* ---- keys ---- */

const toPeriod = (period) => () => go({ ...state, period, from: '', to: '', by: '' });
const step = (steps) => () => {
  const next = shifted(state, rangeShown(), steps);
  if (next) go(next);
};

const ofSite = (action) => () => {
  if (state.site) action();
};

const actions = {
  t: toPeriod('today'),
  y: toPeriod('yesterday'),
  w: toPeriod('7d'),
  m: toPeriod('30d'),
  q: toPeriod('90d'),
  a: toPeriod('all'),
  c: () => openDialog('custom'),
  x: ofSite(() => go({ ...state, compare: state.compare ? '' : 'previous' })),
  '[': step(-1),
  ']': step(1),
  '/': ofSite(() => go({ ...state, all: 'page', search: '' })),
  Escape: () => go({ ...state, page: '', filter: null }),
  'g s': () => {
    if (!isShared) go({ ...state, site: '', page: '', filter: null, all: '' });
  },
  '?': () => openDialog('keys'),
};

/* ---- the start ---- */

function start() {
  watchColors();
  translateShell();
  watchMenus();
  watchKeys(actions);
  document.addEventListener('click', onClick);
  addEventListener('popstate', arrive);
  onSlotChange((name) => {
    if (name === 'sites') load();
    update();
  });
  setInterval(renewAll, RENEW_MS);
  document.addEventListener('visibilitychange', renewAll);
  load();
  update();
}

start();

