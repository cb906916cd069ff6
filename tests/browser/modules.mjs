// The parts of the dashboard that need no browser: node --test modules.mjs
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addDays, daysFrom, isDay, shiftRange, todayIn } from '../../dashboard/dates.js';
import { listScope, toggled } from '../../dashboard/dimensions.js';
import { columnsOf, seriesOf, valueOf } from '../../dashboard/series.js';
import { addressOf, readState } from '../../dashboard/state.js';

const HOUR = 3600;

test('days are counted over months, years and leap days', () => {
  assert.equal(addDays('2024-02-28', 2), '2024-03-01');
  assert.equal(addDays('2026-01-01', -1), '2025-12-31');
  assert.equal(daysFrom('2026-03-01', '2026-03-31'), 31);
  assert.ok(isDay('2026-02-28') && !isDay('2026-02-30') && !isDay('x') && !isDay('2026-2-3'));
  assert.match(todayIn('Pacific/Kiritimati'), /^\d{4}-\d\d-\d\d$/);
  assert.equal(todayIn('No/Where'), new Date().toISOString().slice(0, 10));
});

test('a range is shifted by its own length, and months by months', () => {
  const shift = (from, to, period, steps) => Object.values(shiftRange({ from, to }, period, steps)).join(' ');
  assert.equal(shift('2026-11-21', '2026-11-27', '7d', -1), '2026-11-14 2026-11-20');
  assert.equal(shift('2026-11-27', '2026-11-27', 'today', -1), '2026-11-26 2026-11-26');
  assert.equal(shift('2026-11-01', '2026-11-27', 'month', -1), '2026-10-01 2026-10-31');
  assert.equal(shift('2026-03-01', '2026-03-31', '', -1), '2026-02-01 2026-02-28');
  assert.equal(shift('2026-01-01', '2026-11-27', 'year', -1), '2025-01-01 2025-12-31');
  assert.equal(shift('2025-12-01', '2026-11-27', '12m', -1), '2024-12-01 2025-11-30');
  assert.equal(shift('2026-11-23', '2026-11-27', 'week', -1), '2026-11-16 2026-11-22');
  assert.equal(shift('2026-01-10', '2026-01-19', '', 1), '2026-01-20 2026-01-29');
});

test('an address is a state and back', () => {
  for (const search of [
    '',
    '?site=blog',
    '?site=blog&period=7d&compare=year&by=hour&metric=views&page=%2Fa%3Fb%3D1&country=DE&lists=entry%2Csize',
    '?site=a&from=2026-01-01&to=2026-01-31&source=Hacker+News&all=page&search=%26',
  ]) {
    assert.equal(addressOf(readState(search)), `/dashboard${search}`);
  }
});

test('what is wrong in an address has its default', () => {
  const state = readState('?period=1d&from=2026-01-31&to=2026-01-01&metric=x&compare=none&by=minute&all=planet&lists=x');
  assert.deepEqual([state.period, state.from, state.metric, state.compare, state.by, state.all], ['30d', '', 'visitors', '', '', '']);
  assert.equal(state.tabs.pages, 'page');
  assert.equal(addressOf(state), '/dashboard');
});

test('only pages are counted together with other things', () => {
  const state = { ...readState('?site=a'), filter: { dimension: 'country', value: 'DE' } };
  assert.deepEqual(listScope(state, 'page').filter, state.filter);
  assert.equal(listScope(state, 'source').ignored, 'country');
  assert.equal(listScope(state, 'country').ignored, '', 'a list is not filtered by itself');
  assert.equal(listScope({ ...state, filter: null, page: '/a' }, 'country').page, '/a');
  assert.equal(listScope({ ...state, filter: null, page: '/a' }, 'size').ignored, 'page');
  assert.equal(listScope({ ...state, filter: { dimension: 'size', value: 'wide' } }, 'page').ignored, 'size');
});

test('choosing a value twice gives it up, and what does not go together makes way', () => {
  const state = { ...readState('?site=a'), page: '/a' };
  const german = toggled(state, 'country', 'DE');
  assert.deepEqual([german.page, german.filter.value], ['/a', 'DE']);
  assert.equal(toggled(german, 'country', 'DE').filter, null);
  assert.equal(toggled(german, 'size', 'wide').page, '');
  assert.equal(toggled(toggled(state, 'size', 'wide'), 'page', '/b').filter, null);
  assert.equal(toggled(german, 'page', '/a').page, '');
});

const point = (start, visits, bounces = 0) =>
  ({ start, label: '', visitors: visits, visits, views: visits, bounces, seconds: 10 * visits });

const answer = {
  zone: 'UTC',
  from: '2026-11-27',
  to: '2026-11-27',
  by: 'hour',
  totals: point(0, 7, 2),
  series: [point(0, 4, 1), point(HOUR, 2, 1), point(2 * HOUR, 1), point(3 * HOUR, 0)],
  previous: { totals: point(0, 100) },
  previous_series: [point(0, 2, 1), point(HOUR, 1), point(2 * HOUR, 40), point(3 * HOUR, 57)],
};

test('only what is over is compared', () => {
  const series = seriesOf(answer, 2.5 * HOUR * 1000);
  assert.deepEqual([series.begun, series.over, series.isWhole], [3, 2, false]);
  assert.equal(series.change('visits'), 1);
  assert.equal(series.before('bounce_rate'), 1 / 3);
  const whole = seriesOf(answer, 9 * HOUR * 1000);
  assert.ok(whole.isWhole);
  assert.equal(whole.before('visits'), 100);
});

test('what is not over is a line of its own, and what has not begun is none', () => {
  const [index, before, over, open] = columnsOf(seriesOf(answer, 2.5 * HOUR * 1000), 'visits', true);
  assert.deepEqual(index, [0, 1, 2, 3]);
  assert.deepEqual(before, [2, 1, 40, 57]);
  assert.deepEqual(over, [4, 2, null, null]);
  assert.deepEqual(open, [null, 2, 1, null]);
});

test('rates follow from counts, and nothing from nothing', () => {
  assert.equal(valueOf(point(0, 4, 1), 'bounce_rate'), 0.25);
  assert.equal(valueOf(point(0, 0), 'visit_duration'), null);
  assert.equal(valueOf({ visits: 3 }, 'bounce_rate'), null);
  assert.equal(valueOf(undefined, 'visits'), null);
});
