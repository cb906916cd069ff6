// What people do with the dashboard: node dashboard.mjs SCENARIO URL. Fails with the reason. A
// scenario that waits for something else to happen says so on a line of its own.
import assert from 'node:assert/strict';
import { PLAIN_HOST, axe, launch, open, overflow } from './browser.mjs';

const [scenario, url] = process.argv.slice(2);
const SITE = '/dashboard?site=default';

const value = (page, metric) => page.locator(`[aria-describedby="definition-${metric}"] .value`);
const query = (page) => new URL(page.url()).searchParams;
const row = (page, card, name) => page.locator(`.list.${card} a.row`, { hasText: name }).first();

/* All is there, and nothing is loading any more. */
async function settled(page) {
  await page.waitForFunction(() => {
    const isBusy = document.querySelector('[aria-busy="true"], .skeleton') !== null;
    const isShown = document.querySelector('.u-over, .spark, .empty, .error, .note') !== null;
    const isDrawn = document.getElementById('content')?.dataset.drawn === location.search;
    return isShown && isDrawn && !isBusy;
  });
}

async function go(page, path) {
  await page.goto(url + path);
  await settled(page);
}

function complainsOfNothing(page) {
  assert.deepEqual(page.complaints, []);
}

/* ---- how it looks ---- */

const PAGES = [
  '/dashboard',
  SITE,
  `${SITE}&country=DE&compare=previous&metric=views`,
  `${SITE}&page=/docs&period=today&lists=campaign,size`,
  `${SITE}&all=page&search=doc`,
  `${SITE}&entry=/docs&from=2020-01-01&to=2020-01-31`,
];

async function look(browser, width, scheme) {
  const page = await open(browser, { width, scheme });
  for (const path of PAGES) {
    await go(page, path);
    assert.deepEqual(await axe(page), [], `${path} at ${width} px, ${scheme}`);
    assert.ok((await overflow(page)) <= 0, `${path} is wider than ${width} px`);
  }
  await go(page, SITE);
  await page.keyboard.press('?');
  await page.locator('dialog .keys').waitFor();
  assert.deepEqual(await axe(page), [], `keys at ${width} px, ${scheme}`);
  complainsOfNothing(page);
  await page.context().close();
}

async function looks(browser) {
  for (const width of [390, 1280]) for (const scheme of ['light', 'dark']) await look(browser, width, scheme);
  const narrow = await open(browser, { width: 320 });
  await go(narrow, SITE);
  await narrow.evaluate(() => { /* as wide as they get */
    for (const place of document.querySelectorAll('.total .value')) place.textContent = '123.4k';
    for (const place of document.querySelectorAll('.total .change')) place.textContent = '↓ 12.4%';
  });
  assert.ok((await overflow(narrow)) <= 0, 'reflow at 320 px (WCAG 1.4.10)');
}

/* ---- filters and history ---- */

async function filters(browser) {
  const page = await open(browser);
  await go(page, SITE);
  const all = await value(page, 'visitors').getAttribute('title');
  await row(page, 'places', 'Germany').click();
  await settled(page);
  assert.equal(query(page).get('country'), 'DE');
  const german = await value(page, 'visitors').getAttribute('title');
  assert.notEqual(german, all);
  assert.equal(await row(page, 'places', 'Germany').getAttribute('aria-current'), 'true');
  assert.match(await page.locator('.list.sources .ignored').textContent(), /Country/);
  await row(page, 'pages', '/').click();
  await settled(page);
  assert.equal(query(page).get('country'), 'DE');
  assert.equal(query(page).get('page'), '/');

  await page.goBack();
  await settled(page);
  assert.equal(await value(page, 'visitors').getAttribute('title'), german);
  await page.goBack();
  await settled(page);
  assert.equal(await value(page, 'visitors').getAttribute('title'), all);
  await page.goForward();
  await settled(page);
  assert.equal(await value(page, 'visitors').getAttribute('title'), german);

  const copy = await open(browser); /* the address is the whole state */
  await go(copy, new URL(page.url()).pathname + new URL(page.url()).search);
  assert.equal(await value(copy, 'visitors').getAttribute('title'), german);
  await copy.locator('.pill').click();
  await settled(copy);
  assert.equal(await value(copy, 'visitors').getAttribute('title'), all);
  complainsOfNothing(page);
  complainsOfNothing(copy);
}

async function lists(browser) {
  const page = await open(browser);
  await go(page, SITE);
  await page.locator('.list.pages .more').click();
  await page.locator('dialog tbody tr').first().waitFor();
  await page.keyboard.type('docs');
  await page.waitForFunction(() => location.search.includes('search=docs'));
  await page.waitForFunction(() => [...document.querySelectorAll('dialog tbody a')].every((a) => /docs/i.test(a.closest('th').textContent)));
  assert.ok((await page.locator('dialog tbody tr').count()) > 1);
  await page.keyboard.press('Escape'); /* empties the field of the search */
  await page.keyboard.press('Escape');
  await page.locator('dialog').waitFor({ state: 'detached' });
  assert.equal(query(page).get('all'), null);
  await page.locator('.list.pages button', { hasText: 'Entry' }).click();
  await settled(page);
  assert.equal(query(page).get('lists'), 'entry');
  complainsOfNothing(page);
}

/* ---- keys alone ---- */

async function focusOn(page, selector) {
  for (let i = 0; i < 120; i += 1) {
    await page.keyboard.press('Tab');
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return;
  }
  assert.fail(`${selector} is not reached by Tab`);
}

async function keyboard(browser) {
  const page = await open(browser);
  await go(page, SITE);
  await focusOn(page, '[aria-describedby="definition-views"]');
  assert.ok(await page.locator('#definition-views').isVisible(), 'a definition is shown on focus');
  await page.keyboard.press('Enter');
  await settled(page);
  assert.equal(query(page).get('metric'), 'views');

  await focusOn(page, '#plot');
  await page.keyboard.press('End');
  await page.keyboard.press('ArrowLeft');
  const said = page.locator('#chart-said');
  assert.match(await said.textContent(), /\d views/);
  assert.ok(await page.locator('#tip').isVisible());
  await page.keyboard.press('Shift+ArrowLeft');
  await page.keyboard.press('Shift+ArrowLeft');
  assert.match(await said.textContent(), /selected/);
  await page.keyboard.press('Enter');
  await settled(page);
  const [from, to] = [query(page).get('from'), query(page).get('to')].map(Date.parse);
  assert.equal((to - from) / 86400000, 2, 'three days are shown');

  await page.keyboard.press('t');
  await settled(page);
  assert.equal(query(page).get('period'), 'today');
  await page.keyboard.press('[');
  await settled(page);
  assert.ok(query(page).get('from') < new Date().toISOString().slice(0, 10));
  await page.keyboard.press('m');
  await page.keyboard.press('x');
  await settled(page);
  assert.equal(query(page).get('compare'), 'previous');
  await page.keyboard.press('/');
  await page.locator('dialog input').waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('c');
  await page.locator('dialog input[name="from"]').fill('2026-01-01');
  await page.locator('dialog input[name="to"]').fill('2026-01-31');
  await page.keyboard.press('Enter');
  await settled(page);
  assert.equal(query(page).get('to'), '2026-01-31');
  await page.keyboard.press('g');
  await page.keyboard.press('s');
  await page.locator('.sites').waitFor();

  await page.keyboard.press('?');
  await page.locator('dialog .check input').press('Space');
  await page.keyboard.press('Escape');
  await page.keyboard.press('t');
  assert.equal(query(page).get('period'), null, 'single keys are switched off (WCAG 2.1.4)');
  complainsOfNothing(page);
}

/* ---- language, table, zoom ---- */

async function rest(browser) {
  const german = await open(browser, { language: 'de-DE' });
  await go(german, SITE);
  assert.equal(await german.locator('html').getAttribute('lang'), 'de');
  assert.match(await german.locator('.totals').textContent(), /Besucher.*Absprungrate/s);
  complainsOfNothing(german);

  const page = await open(browser);
  await go(page, SITE);
  const rows = page.locator('.chart-table tbody tr');
  assert.equal(await rows.count(), 30, 'the numbers of the chart are a table, too');
  await page.locator('button.tool', { hasText: 'Table' }).click();
  assert.ok(await rows.first().isVisible());
  const box = await page.locator('.u-over').boundingBox();
  await page.mouse.move(box.x + box.width * 0.25, box.y + 60);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.5, box.y + 60, { steps: 5 });
  await page.mouse.up();
  await page.waitForFunction(() => location.search.includes('from='));
  await settled(page);
  assert.ok((await rows.count()) < 15);
  complainsOfNothing(page);
}

/* ---- weight ---- */

const MAX_WIRE_BYTES = 60 * 1024;

/* All that comes over the wire at a first visit, with heads. By plain http browsers take gzip, which
 * is more than the brotli that they take else. */
async function weight(browser) {
  const page = await open(browser);
  const session = await page.context().newCDPSession(page);
  let bytes = 0;
  session.on('Network.loadingFinished', ({ encodedDataLength }) => { bytes += encodedDataLength; });
  await session.send('Network.enable');
  const plain = new URL(url);
  plain.hostname = PLAIN_HOST;
  await page.goto(plain.origin + SITE);
  await settled(page);
  assert.ok(bytes > 30000 && bytes <= MAX_WIRE_BYTES, `${bytes} bytes`);
}

/* ---- others, and faults ---- */

const fail = (message) => (route) =>
  route.fulfill({ status: 400, contentType: 'application/json', body: JSON.stringify({ error: { message } }) });

async function faults(browser) {
  const page = await open(browser);
  await page.route('**/stats/top?*country*', fail('the store has lost its way'));
  await go(page, SITE);
  const alert = page.locator('.list.places [role="alert"]');
  assert.match(await alert.textContent(), /The store has lost its way\./);
  assert.deepEqual(await axe(page), [], 'with an error');
  await page.unroute('**/stats/top?*country*');
  await alert.locator('button').click();
  await settled(page);
  assert.ok(await row(page, 'places', 'Germany').isVisible());

  const cut = await open(browser);
  await cut.clock.install();
  await go(cut, SITE);
  await cut.locator('#bar .live .dot').waitFor();
  await cut.route('**/live?*', (route) => route.abort());
  await cut.clock.runFor(45000);
  await cut.locator('#bar .live .age').waitFor(); /* the number is marked as old */

  await go(page, '/dashboard?site=nosuch');
  assert.match(await page.locator('#content').textContent(), /no such site/);
  await go(page, `${SITE}&from=2020-01-01&to=2020-01-31`);
  assert.match(await page.locator('.note').textContent(), /count\.js/);
}

/* By the form, as people do. */
async function logIn(page) {
  await page.goto(`${url}/login`);
  await page.locator('input[name="email"]').fill(process.env.FOOTFALL_TEST_EMAIL);
  await page.locator('input[name="password"]').fill(process.env.FOOTFALL_TEST_PASSWORD);
  await page.keyboard.press('Enter');
  await page.waitForURL('**/dashboard*');
  await settled(page);
}

async function live(browser) {
  const page = await open(browser);
  await logIn(page);
  assert.equal(query(page).get('site'), 'default', 'the only site is shown at once');
  const mark = page.locator('#bar .live');
  await mark.locator('.dot').waitFor();
  const before = await mark.textContent();
  console.log('waiting');
  await page.waitForFunction((text) => document.querySelector('#bar .live').textContent !== text, before, { timeout: 25000 });
  complainsOfNothing(page);
}

/* A page that did not come, since its process died, is loaded again, as people do. */
async function insist(page, path) {
  for (let i = 0; i < 10; i += 1) {
    const isThere = await go(page, path).then(() => true, () => false);
    if (isThere) return;
  }
  assert.fail(`${path} does not come`);
}

/* A question whose process dies is asked again by the page itself. */
async function kills(browser) {
  const page = await open(browser);
  await logIn(page);
  await page.context().setDefaultTimeout(5000);
  console.log('waiting');
  await insist(page, SITE);
  for (const period of ['7d', '90d', 'month', 'today', '12m', '30d', 'yesterday', 'week']) {
    await page.locator('.period summary').click();
    await page.locator(`.period a[href*="${period === '30d' ? 'site=default' : `period=${period}`}"]`).first().click();
    await page.waitForTimeout(300); /* the pace of somebody who looks */
    await settled(page);
    assert.equal(await page.locator('.error').count(), 0, period);
  }
  await insist(page, SITE);
  assert.equal(await page.locator('.error').count(), 0);
}

const scenarios = { looks, filters, lists, keyboard, rest, weight, faults, live, kills };
const browser = await launch();
try {
  await scenarios[scenario](browser);
} finally {
  await browser.close();
}
