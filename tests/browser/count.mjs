// Pages of another site that count with count.js: node count.mjs SCENARIO URL. Fails with the reason.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { PLAIN_HOST, launch } from './browser.mjs';

const [scenario, url] = process.argv.slice(2);
const WAIT_MS = 20000;

/* Not one that says it is driven: that would be counted as a program. */
const AGENT = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0';

const OWN = `<script async src="${url}/count.js"></script>`;
const GOATCOUNTER = `<script data-goatcounter="${url}/count" async src="${url}/count.js"></script>`;
const BODY = '<button data-count-click="signup">Sign up</button> <b data-count-show="TOTAL">?</b>';

/* The other site: every address of it is this page. */
let html = OWN;
const site = createServer((_, response) => {
  response.setHeader('Content-Type', 'text/html');
  response.end(`<!doctype html><title>A page</title>${html}${BODY}`);
});
await new Promise((done) => site.listen(0, '127.0.0.1', done));
const SITE = `http://${PLAIN_HOST}:${site.address().port}`;

/** A page of a visitor. */
async function visitor(browser) {
  const context = await browser.newContext({ userAgent: AGENT });
  await context.addInitScript(() => Object.defineProperty(Navigator.prototype, 'webdriver', { get: () => false }));
  const page = await context.newPage();
  page.unsent = () =>
    page.evaluate(() => Object.keys(localStorage).filter((key) => key.includes('#')).length);
  return page;
}

const views = async () => (await (await fetch(`${url}/c/default.json`)).json()).value;

/** Waits until the site has so many views and, on `page`, no hit waits. */
async function wait(page, count) {
  const end = Date.now() + WAIT_MS;
  let seen = [];
  while (Date.now() < end) {
    seen = [await views().catch(() => -1), await page.unsent()];
    if (seen[0] === count && seen[1] === 0) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  assert.deepEqual(seen, [count, 0], 'views, and hits that wait');
}

async function counts(browser) {
  const page = await visitor(browser);
  await page.goto(`${SITE}/a`);
  await wait(page, 1);
  await page.evaluate(() => history.pushState(0, '', '/b'));
  await wait(page, 2);
  await page.evaluate(() => history.replaceState(0, '', '/b?same=place'));
  await page.goBack();
  await wait(page, 3);
  await page.getByRole('button').click();
  await page.goto(`${SITE}/c`);
  await wait(page, 4); /* the click is an event, not a view */
  await page.locator('b', { hasText: /^\d+$/ }).waitFor(); /* at most a minute old */
}

/* Whoever says so is not counted, on any page, until he takes it back. */
async function opts_out(browser) {
  const page = await visitor(browser);
  page.on('dialog', (dialog) => dialog.accept());
  await page.goto(`${SITE}/a#footfall-off`);
  await page.waitForFunction(() => localStorage.skipgc === 't');
  await page.goto(`${SITE}/b`, { waitUntil: 'networkidle' });
  assert.equal(await views(), 0);
  await page.goto(`${SITE}/c#footfall-on`);
  await wait(page, 1);
}

/* What could not be sent is sent by the next page; what was counted, but not answered, counts once. */
async function survives(browser) {
  const page = await visitor(browser);
  await page.goto(`${SITE}/a`);
  await wait(page, 1);
  let asked = 0;
  await page.context().route(`${url}/count`, async (route) => {
    asked++;
    if (asked === 2) await route.fetch(); /* it arrives, its answer does not */
    await route.abort();
  });
  await page.evaluate(() => history.pushState(0, '', '/b'));
  while (asked < 3) await new Promise((done) => setTimeout(done, 50));
  assert.equal(await page.unsent(), 1);
  await page.context().unroute(`${url}/count`);
  await page.goto(`${SITE}/b`);
  await wait(page, 3);
}

/* The store is away for a while: the server says so, and the page asks again by itself. */
async function outage(browser) {
  const page = await visitor(browser);
  await page.goto(`${SITE}/a`);
  await wait(page, 1);
  console.log('waiting');
  const asked = page.waitForResponse((response) => response.status() >= 500, { timeout: WAIT_MS });
  while ((await fetch(`${url}/readyz`)).ok) await new Promise((done) => setTimeout(done, 50));
  await page.evaluate(() => history.pushState(0, '', '/b'));
  await asked;
  console.log('waiting');
  await wait(page, 2);
}

const SCENARIOS = {
  counts,
  goatcounter: (browser) => {
    html = GOATCOUNTER;
    return counts(browser);
  },
  opts_out,
  survives,
  outage,
};

const browser = await launch();
try {
  await SCENARIOS[scenario](browser);
} finally {
  await browser.close();
}
process.exit(0);
