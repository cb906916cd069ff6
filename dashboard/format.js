/* Numbers, times and values as people read them. */
import { addDays, dateOf, noonOf } from './dates.js';
import { hasText, locale, text } from './words.js';

const COMPACT_FROM = 10000;

/* The first one takes a browser as long as the rest of the start, so none is made before the server
 * has been asked. */
const lazily = (make) => {
  let made;
  return () => (made ??= make());
};
const numbers = (options) => lazily(() => new Intl.NumberFormat(locale, options));

const exactNumber = numbers();
const compactNumber = numbers({ notation: 'compact', maximumFractionDigits: 1 });
const percent = numbers({ style: 'percent', maximumFractionDigits: 0 });
const finePercent = numbers({ style: 'percent', maximumFractionDigits: 1 });

export const exact = (number) => exactNumber().format(number);
export const compact = (number) => (number < COMPACT_FROM ? exact(number) : compactNumber().format(number));
export const share = (part) => (part < 0.0995 ? finePercent : percent)().format(part);

function duration(seconds) {
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const two = (number) => String(number).padStart(2, '0');
  if (hours) return `${hours}h ${two(minutes)}m`;
  return minutes ? `${minutes}m ${two(whole % 60)}s` : `${whole}s`;
}

/** A metric's value, short enough for a total; – when there is none. */
export function metricText(metric, value) {
  if (value === null || value === undefined) return '–';
  if (metric === 'bounce_rate') return share(value);
  return metric === 'visit_duration' ? duration(value) : compact(value);
}

/** The same with nothing left out. */
export function metricExact(metric, value) {
  const isCount = metric !== 'bounce_rate' && metric !== 'visit_duration';
  return isCount && value !== null && value !== undefined ? exact(value) : metricText(metric, value);
}

/** "1,234 visitors" */
export const counted = (metric, value) =>
  text(`counted.${metric}`, { text: metricExact(metric, value), count: value ?? 0 });

/* ---- times ---- */

const formats = new Map();

function dateFormat(options) {
  const key = JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, makeFormat(options));
  return formats.get(key);
}

/* A browser that does not know a zone shows its hours in UTC. */
function makeFormat(options) {
  try {
    return new Intl.DateTimeFormat(locale, options);
  } catch {
    return new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' });
  }
}

const UTC = { timeZone: 'UTC' };
const isThisYear = (day) => day.slice(0, 4) === String(new Date().getFullYear());
const yearOf = (day) => (isThisYear(day) ? {} : { year: 'numeric' });

export const dayText = (day) =>
  dateFormat({ ...UTC, day: 'numeric', month: 'short', ...yearOf(day) }).format(noonOf(day));

export function rangeText(from, to) {
  if (from === to) return dayText(from);
  const options = { ...UTC, day: 'numeric', month: 'short', ...yearOf(from), ...yearOf(to) };
  return dateFormat(options).formatRange(noonOf(from), noonOf(to));
}

const hourTexts = (point, zone, options) =>
  dateFormat({ timeZone: zone, hour: 'numeric', minute: '2-digit', ...options }).format(point.start * 1000);

/* "2026-W48", "2026-11" and "2026" begin where the point does. */
const startDay = (point, zone) => {
  const label = point.label;
  if (/^\d{4}-\d\d-\d\d/.test(label)) return label.slice(0, 10);
  return startInZone(point, zone);
};

function startInZone(point, zone) {
  const parts = dateFormat({ timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' });
  const found = Object.fromEntries(parts.formatToParts(point.start * 1000).map((part) => [part.type, part.value]));
  return `${found.year}-${found.month.padStart(2, '0')}-${found.day.padStart(2, '0')}`;
}

/** A point of a series, in full. */
export function pointText(point, by, zone) {
  const day = startDay(point, zone);
  const date = noonOf(day);
  const full = { ...UTC, weekday: 'short', day: 'numeric', month: 'short', ...yearOf(day) };
  switch (by) {
    case 'hour':
      return `${dateFormat({ ...UTC, weekday: 'short', day: 'numeric', month: 'short' }).format(date)}, ${hourTexts(point, zone, {})}`;
    case 'week':
      return text('week', { day: dayText(day) });
    case 'month':
      return dateFormat({ ...UTC, month: 'long', year: 'numeric' }).format(date);
    case 'year':
      return dateFormat({ ...UTC, year: 'numeric' }).format(date);
    default:
      return dateFormat(full).format(date);
  }
}

/** The same, as short as an axis wants it. @param isNarrow  of a range of one day: hours */
export function tickText(point, by, zone, isOneDay) {
  const day = startDay(point, zone);
  if (by === 'hour' && isOneDay) return hourTexts(point, zone, {});
  if (by === 'month') {
    const isJanuary = day.slice(5, 7) === '01';
    return dateFormat({ ...UTC, month: 'short', ...(isJanuary ? { year: 'numeric' } : {}) }).format(noonOf(day));
  }
  if (by === 'year') return day.slice(0, 4);
  return dateFormat({ ...UTC, day: 'numeric', month: 'short' }).format(noonOf(day));
}

/** The days of a point: {from, to}, within the range of its series. */
export function pointDays(point, by, zone, range) {
  const from = startDay(point, zone);
  const date = dateOf(from);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  const ends = {
    hour: from,
    day: from,
    week: addDays(from, 7 - ((date.getUTCDay() + 6) % 7) - 1),
    month: new Date(Date.UTC(year, month + 1, 0)).toISOString().slice(0, 10),
    year: `${year}-12-31`,
  };
  return { from, to: ends[by] < range.to ? ends[by] : range.to };
}

/* ---- values ---- */

const namesOf = (type) => lazily(() => new Intl.DisplayNames(locale, { type }));
const names = { country: namesOf('region'), language: namesOf('language') };

function nameOf(dimension, value) {
  try {
    return names[dimension]().of(value) ?? value;
  } catch {
    return value;
  }
}

/** A value of a dimension. */
export function valueText(dimension, value) {
  if (value === '(other)') return text('other');
  if (names[dimension]) return nameOf(dimension, value);
  const isWord = dimension === 'device' || dimension === 'size';
  return isWord && hasText(`value.${value}`) ? text(`value.${value}`) : value;
}
