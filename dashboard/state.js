/*
 * What the page shows, and its address: /dashboard?site=blog&period=7d&country=DE. The address is the
 * whole state, so it can be kept, sent, and gone back to. Keys are those of /api/v1/stats; what is
 * not there has its default.
 */
import { isDay } from './dates.js';
import { CARDS, DIMENSIONS } from './dimensions.js';
import { PATH, fixedHash, fixedPairs } from './share.js';

export const PERIODS = ['today', 'yesterday', '7d', '30d', '90d', '12m', 'week', 'month', 'year', 'all'];
export const METRICS = ['visitors', 'visits', 'views', 'bounce_rate', 'visit_duration'];
export const UNITS = ['hour', 'day', 'week', 'month', 'year'];
const COMPARISONS = ['previous', 'year'];
const DEFAULT_PERIOD = '30d';

const oneOf = (list, text, otherwise) => (list.includes(text) ? text : otherwise);

function readRange(query) {
  const from = query.get('from') ?? '';
  const to = query.get('to') ?? '';
  if (isDay(from) && isDay(to) && from <= to) return { period: '', from, to };
  return { period: oneOf(PERIODS, query.get('period'), DEFAULT_PERIOD), from: '', to: '' };
}

/* There is one filter besides the page. */
function readFilter(query) {
  const dimension = DIMENSIONS.find((one) => one !== 'page' && query.get(one));
  return dimension ? { dimension, value: query.get(dimension) } : null;
}

function readTabs(query) {
  const named = (query.get('lists') ?? '').split(',');
  return Object.fromEntries(
    CARDS.map(({ id, tabs }) => [id, tabs.find((tab) => named.includes(tab)) ?? tabs[0]]),
  );
}

export function readState(search) {
  const query = new URLSearchParams(search);
  return {
    site: query.get('site') ?? '',
    ...readRange(query),
    compare: oneOf(COMPARISONS, query.get('compare'), ''),
    by: oneOf(UNITS, query.get('by'), ''),
    metric: oneOf(METRICS, query.get('metric'), METRICS[0]),
    page: query.get('page') ?? '',
    filter: readFilter(query),
    tabs: readTabs(query),
    all: oneOf(DIMENSIONS, query.get('all'), ''),
    search: query.get('search') ?? '',
  };
}

function putAll(query, pairs) {
  for (const [key, value] of Object.entries(pairs)) if (value) query.set(key, value);
}

/** The keys of the range, as the address and the server have them. */
export function rangeOf(state) {
  return state.period ? { period: state.period } : { from: state.from, to: state.to };
}

export function addressOf(state) {
  const query = new URLSearchParams();
  const tabs = CARDS.map(({ id, tabs: all }) => (state.tabs[id] === all[0] ? '' : state.tabs[id]));
  putAll(query, { site: state.site });
  putAll(query, state.period === DEFAULT_PERIOD ? {} : rangeOf(state));
  putAll(query, {
    compare: state.compare,
    by: state.by,
    metric: state.metric === METRICS[0] ? '' : state.metric,
    page: state.page,
    ...(state.filter ? { [state.filter.dimension]: state.filter.value } : {}),
    lists: tabs.filter(Boolean).join(','),
    all: state.all,
    search: state.all ? state.search : '',
  });
  putAll(query, fixedPairs);
  const text = query.toString();
  return (text ? `${PATH}?${text}` : PATH) + fixedHash;
}

export const addressNow = () => location.pathname + location.search + location.hash;

export const isOurs = (url) => url.origin === location.origin && url.pathname === PATH;
