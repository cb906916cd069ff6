/* The lists of the page, and what of them can be counted together. */

/** The cards, in their order; the first tab is shown when nothing is said. */
export const CARDS = [
  { id: 'pages', tabs: ['page', 'entry', 'exit'] },
  { id: 'sources', tabs: ['source', 'campaign'] },
  { id: 'places', tabs: ['country', 'language'] },
  { id: 'devices', tabs: ['browser', 'system', 'device', 'size'] },
  { id: 'events', tabs: ['event', 'property'] },
];

export const DIMENSIONS = CARDS.flatMap(({ tabs }) => tabs);

/* Those that the server counts for each page, too: "within_pages" of /api/v1/definitions. */
const WITHIN_PAGES = ['source', 'campaign', 'country', 'language', 'browser', 'system', 'device', 'event'];
const COUNTED = ['visitors', 'visits', 'views', 'bounces', 'seconds'];
const METRICS_OF = { entry: ['visits'], exit: ['visits'], property: ['views'], event: ['views', 'visits', 'visitors'] };

const isWithinPages = (dimension) => WITHIN_PAGES.includes(dimension);

/** What is counted of a dimension's values; '' is the whole site. */
export const countedOf = (dimension) => METRICS_OF[dimension] ?? COUNTED;

/** What a list of this dimension can show for the metric of the page. */
export function listMetric(dimension, metric) {
  const counted = countedOf(dimension);
  return counted.includes(metric) ? metric : counted[0];
}

/**
 * What a list is filtered by: {page, filter, ignored}. A list is not filtered by itself, so that
 * another value can be chosen. `ignored` is the dimension of a filter that is not counted together
 * with this list; '' when there is none.
 */
export function listScope(state, dimension) {
  const filter = state.filter && state.filter.dimension !== dimension ? state.filter : null;
  if (dimension === 'page') {
    return filter && !isWithinPages(filter.dimension)
      ? { page: '', filter: null, ignored: filter.dimension }
      : { page: '', filter, ignored: '' };
  }
  if (filter) return { page: '', filter: null, ignored: filter.dimension };
  if (state.page && !isWithinPages(dimension)) return { page: '', filter: null, ignored: 'page' };
  return { page: state.page, filter: null, ignored: '' };
}

/** The state with a value chosen, or given up when it was; filters that do not go with it go. */
export function toggled(state, dimension, value) {
  if (dimension === 'page') {
    const page = state.page === value ? '' : value;
    const stays = !page || !state.filter || isWithinPages(state.filter.dimension);
    return { ...state, page, filter: stays ? state.filter : null };
  }
  const isChosen = state.filter?.dimension === dimension && state.filter.value === value;
  return {
    ...state,
    filter: isChosen ? null : { dimension, value },
    page: isChosen || isWithinPages(dimension) ? state.page : '',
  };
}

export function isChosen(state, dimension, value) {
  if (dimension === 'page') return state.page === value;
  return state.filter?.dimension === dimension && state.filter.value === value;
}
