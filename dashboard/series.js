/* What is made of a series before it is shown: which points are over, and what has changed. */
import { todayIn } from './dates.js';

const HOUR_S = 3600;
const COUNTED = ['visitors', 'visits', 'views', 'bounces', 'seconds'];

/* How many points have begun, and how many are over. */
function countPoints(answer, nowS) {
  const begun = answer.series.filter((point) => point.start <= nowS).length;
  const last = answer.series[begun - 1];
  if (!last) return { begun: 0, over: 0 };
  const isOver = answer.by === 'hour' ? last.start + HOUR_S <= nowS : answer.to < todayIn(answer.zone) || begun < answer.series.length;
  return { begun, over: isOver ? begun : begun - 1 };
}

/* The rates, of what is counted. */
function withRates(counts) {
  const { visits, bounces, seconds } = counts;
  if (bounces === undefined || seconds === undefined) return counts;
  return {
    ...counts,
    bounce_rate: visits > 0 ? bounces / visits : null,
    visit_duration: visits > 0 ? seconds / visits : null,
  };
}

function sumUp(points) {
  const sum = {};
  for (const metric of COUNTED) {
    if (points.every((point) => point[metric] !== undefined)) {
      sum[metric] = points.reduce((total, point) => total + point[metric], 0);
    }
  }
  return withRates(sum);
}

/* Only what is over is compared: half a day with half a day. */
function compared(answer, over) {
  if (!answer.previous) return { now: null, before: null, isWhole: true };
  if (over === answer.series.length) {
    return { now: withRates(answer.totals), before: withRates(answer.previous.totals), isWhole: true };
  }
  return {
    now: sumUp(answer.series.slice(0, over)),
    before: sumUp(answer.previous_series.slice(0, over)),
    isWhole: false,
  };
}

/** The change of a metric: a ratio (0.1: a tenth more), or null where nothing can be compared. For
 *  rates it is the change of the rate. */
function changeOf(metric, now, before) {
  const [a, b] = [now?.[metric], before?.[metric]];
  return typeof a === 'number' && typeof b === 'number' && b > 0 ? a / b - 1 : null;
}

/**
 * @param answer  of /api/v1/stats
 * @return        {answer, totals, begun, over, isWhole, has(metric), before(metric), change(metric)}; points
 *                of the answer have counts only: see valueOf()
 */
export function seriesOf(answer, nowMs = Date.now()) {
  const { begun, over } = countPoints(answer, nowMs / 1000);
  const { now, before, isWhole } = compared(answer, over);
  const totals = withRates(answer.totals);
  return {
    answer,
    totals,
    begun,
    over,
    isWhole,
    before: (metric) => before?.[metric] ?? null,
    change: (metric) => changeOf(metric, now, before),
    has: (metric) => totals[metric] !== undefined,
  };
}

/** A metric of a point, or of totals; null when there is none. */
export const valueOf = (counts, metric) => withRates(counts ?? {})[metric] ?? null;

/** The series as columns of a chart: index, comparison, what is over, what is not. */
export function columnsOf(series, metric, isCompared) {
  const { answer, begun, over } = series;
  const count = Math.max(answer.series.length, isCompared ? (answer.previous_series ?? []).length : 0);
  const index = Array.from({ length: count }, (_, i) => i);
  const value = (point) => valueOf(point, metric);
  const now = (i) => value(answer.series[i]);
  return [
    index,
    index.map((i) => (isCompared ? value(answer.previous_series?.[i]) : null)),
    index.map((i) => (i < over ? now(i) : null)),
    index.map((i) => (over < begun && i >= over - 1 && i < begun ? now(i) : null)),
  ];
}
