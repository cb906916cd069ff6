/* Days are texts, "2026-11-25", as the server has them. A day has no zone, so it is counted in UTC. */
const DAY_MS = 86400000;

const msOf = (day) => Date.parse(`${day}T00:00Z`);
const dayOf = (ms) => new Date(ms).toISOString().slice(0, 10);

export const isDay = (text) => !Number.isNaN(msOf(text)) && dayOf(msOf(text)) === text;
export const addDays = (day, days) => dayOf(msOf(day) + days * DAY_MS);
export const daysFrom = (first, last) => Math.round((msOf(last) - msOf(first)) / DAY_MS) + 1;
export const dateOf = (day) => new Date(msOf(day));

/** Noon, so that no zone makes another day of it. */
export const noonOf = (day) => new Date(msOf(day) + DAY_MS / 2);

function firstOfMonth(day, months = 0) {
  const date = dateOf(day);
  return dayOf(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1));
}

const lastOfMonth = (day, months = 0) => addDays(firstOfMonth(day, months + 1), -1);

/** Which day it is now in a zone. A browser that does not know the zone takes UTC. */
export function todayIn(zone) {
  const options = { year: 'numeric', month: '2-digit', day: '2-digit' };
  const now = Date.now();
  try {
    const parts = new Intl.DateTimeFormat('en', { ...options, timeZone: zone }).formatToParts(now);
    const part = (type) => parts.find((one) => one.type === type).value;
    return `${part('year')}-${part('month')}-${part('day')}`;
  } catch {
    return dayOf(now);
  }
}

const isWholeMonths = (range) =>
  range.from === firstOfMonth(range.from) && range.to === lastOfMonth(range.to);

function monthsOf(range) {
  const [from, to] = [dateOf(range.from), dateOf(range.to)];
  return 12 * (to.getUTCFullYear() - from.getUTCFullYear()) + to.getUTCMonth() - from.getUTCMonth() + 1;
}

/**
 * The range as long as this one, before it (steps = -1) or behind it (1). Months are moved by
 * months.
 *
 * @param period  the name of the range, or '': "month" is moved as the month it is a part of
 */
export function shiftRange(range, period, steps) {
  let whole = range;
  if (period === 'month') whole = { from: firstOfMonth(range.from), to: lastOfMonth(range.to) };
  if (period === 'year' || period === '12m') whole = { from: range.from, to: lastOfMonth(range.to) };
  if (period === 'year') whole.to = `${range.from.slice(0, 4)}-12-31`;
  if (period === 'week') whole = { from: range.from, to: addDays(range.from, 6) };
  if (isWholeMonths(whole)) {
    const months = steps * monthsOf(whole);
    return { from: firstOfMonth(whole.from, months), to: lastOfMonth(whole.to, months) };
  }
  const days = steps * daysFrom(whole.from, whole.to);
  return { from: addDays(whole.from, days), to: addDays(whole.to, days) };
}
