/* The addresses that are asked for what the page shows. */
import { countedOf, listMetric, listScope } from './dimensions.js';
import { isShared } from './share.js';
import { rangeOf } from './state.js';

const ROWS_OF_CARD = 9;
export const ROWS_OF_DIALOG = 100;

function address(path, pairs) {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(pairs)) if (value) query.set(key, value);
  return `/api/v1/${path}?${query}`;
}

const filterOf = (filter) => (filter ? { [filter.dimension]: filter.value } : {});

/* Everything is compared, so that each total has its change; but nothing was before all. */
const comparisonOf = (state) => (state.period === 'all' ? '' : state.compare || 'previous');

function seriesPairs(state) {
  return {
    site: state.site,
    ...rangeOf(state),
    compare: comparisonOf(state),
    by: state.by,
    metrics: countedOf(state.filter?.dimension).join(),
    page: state.page,
    ...filterOf(state.filter),
  };
}

export const seriesAddress = (state) => address('stats', seriesPairs(state));
export const seriesCsv = (state) => address('stats', { ...seriesPairs(state), format: 'csv' });

function listPairs(state, dimension) {
  const scope = listScope(state, dimension);
  return {
    site: state.site,
    dimension,
    ...rangeOf(state),
    compare: state.period === 'all' ? '' : state.compare,
    sort: listMetric(dimension, state.metric),
    page: scope.page,
    ...filterOf(scope.filter),
  };
}

export const listAddress = (state, dimension) =>
  address('stats/top', {
    ...listPairs(state, dimension),
    metrics: listMetric(dimension, state.metric),
    limit: ROWS_OF_CARD,
  });

export const allAddress = (state, limit) =>
  address('stats/top', { ...listPairs(state, state.all), limit, search: state.search });

export const allCsv = (state) =>
  address('stats/top', { ...listPairs(state, state.all), limit: 1000, search: state.search, format: 'csv' });

export const botsAddress = (state) =>
  address('stats/top', { site: state.site, ...rangeOf(state), dimension: 'bot', limit: 20 });

/** Who is logged in sees several; else it is one that is asked for. */
export const sitesAddress = (state) => (isShared ? address('sites', { site: state.site }) : '/api/v1/sites');

export const liveAddress = (site) => address('live', { site });

export const overviewAddress = (state, site) =>
  address('stats', { site, ...rangeOf(state), compare: comparisonOf(state), metrics: 'visitors,visits,views' });
