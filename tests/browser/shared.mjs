// What people see of a dashboard without a login: node shared.mjs SCENARIO URL [TOKEN]. Fails with the
// reason.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { PLAIN_HOST, axe, launch, open, overflow } from './browser.mjs';

const [scenario, url, token] = process.argv.slice(2);
const otherPort = Number(process.env.FOOTFALL_TEST_OTHER_PORT);
const OTHER = `http://${PLAIN_HOST}:${otherPort}`;
const PUBLIC = `${url}/shared?site=default`;
const LINK = `${PUBLIC}#${token}`;

/* All is there, and nothing is loading any more. Of a page, or of a frame in one. */
const settled = (view) =>
  view.waitForFunction(() => {
    const isBusy = document.querySelector('[aria-busy="true"], .skeleton') !== null;
    const isShown = document.querySelector('.u-over, .note') !== null;
    const isDrawn = document.getElementById('content')?.dataset.drawn === location.search;
    return isShown && isDrawn && !isBusy;
  });

const visitors = (view) => view.locator('[aria-describedby="definition-visitors"] .value').getAttribute('title');
const paper = (view) => view.evaluate(() => getComputedStyle(document.body).backgroundColor);
const noteOf = (view) => view.locator('.note').textContent();
const isLight = (color) => Number(color.match(/\d+/)[0]) > 128;

/* A page of another site, that has a frame as the settings show it. */
async function serveFrame(address) {
  const page = `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Other</title><main><h1>Other</h1>
    <iframe src="${address.replaceAll('&', '&amp;')}" title="Statistics" width="100%" height="900"></iframe></main></html>`;
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/' ? 200 : 404, { 'Content-Type': 'text/html' });
    response.end(request.url === '/' ? page : '');
  });
  await new Promise((resolve) => server.listen(otherPort, '127.0.0.1', resolve));
  return server;
}

/* The frame, when it is there; a faulty one is chrome-error://. */
async function frameIn(page, host = OTHER) {
  await page.route('**/favicon.ico', (route) => route.fulfill({ status: 204 }));
  await page.goto(host);
  return page.frames().find((one) => one.parentFrame() === page.mainFrame());
}

/* ---- how it looks ---- */

async function look(browser, width, scheme) {
  const page = await open(browser, { width, scheme });
  for (const address of [PUBLIC, LINK.replace('#', '&country=DE&compare=previous&period=7d#'), `${url}/shared?site=nosuch`]) {
    await page.goto(address);
    await settled(page);
    assert.deepEqual(await axe(page), [], `${address} at ${width} px, ${scheme}`);
    assert.ok((await overflow(page)) <= 0, `${address} is wider than ${width} px`);
    assert.equal(isLight(await paper(page)), scheme === 'light');
  }
  /* What is not shown is the only thing to complain of. */
  assert.deepEqual(page.complaints.filter((text) => !/status of 401/.test(text)), []);
  await page.context().close();
}

async function lookInFrame(browser, width, scheme, theme) {
  const page = await open(browser, { width, scheme });
  const frame = await frameIn(page);
  await settled(frame);
  assert.deepEqual(await axe(frame), [], `framed at ${width} px, ${scheme}`);
  assert.ok((await overflow(frame)) <= 0, `the frame is wider than ${width} px`);
  assert.equal(isLight(await paper(frame)), theme === 'auto' ? scheme === 'light' : theme === 'light');
  assert.equal(await frame.locator('.menu, .foot, .top a, .top nav').count(), 0, 'no menus and no foot');
  assert.match(await frame.locator('.top').textContent(), /My blog/);
  assert.deepEqual(page.complaints, []);
  await page.context().close();
}

const eachLook = async (see) => {
  for (const width of [390, 1280]) for (const scheme of ['light', 'dark']) await see(width, scheme);
};

const looks = (browser) => eachLook((width, scheme) => look(browser, width, scheme));

async function withFrame(address, see) {
  const server = await serveFrame(address);
  await see();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

/* What the theme settles, settles it against the browser. */
async function looksInFrame(browser) {
  const embedded = (address, theme) => address.replace('site=default', `site=default&embed=1&theme=${theme}`);
  await withFrame(embedded(LINK, 'auto'), () => eachLook((width, scheme) => lookInFrame(browser, width, scheme, 'auto')));
  await withFrame(embedded(LINK, 'light'), () => lookInFrame(browser, 390, 'dark', 'light'));
  await withFrame(embedded(PUBLIC, 'dark'), () => lookInFrame(browser, 1280, 'light', 'dark'));
}

/* ---- frames ---- */

async function isFramed(browser, address, host) {
  const page = await open(browser);
  const isRefused = () => page.complaints.some((text) => text.includes('frame-ancestors'));
  let isThere = false;
  await withFrame(address, async () => {
    const frame = await frameIn(page, host);
    for (let i = 0; i < 100 && !isThere && !isRefused(); i += 1) {
      await page.waitForTimeout(50);
      isThere = (await frame.locator('.u-over').count()) > 0;
    }
  });
  assert.notEqual(isThere, isRefused(), `${address}: ${page.complaints}`);
  await page.context().close();
  return isThere;
}

async function frames(browser) {
  const embedded = LINK.replace('#', '&embed=1#');
  assert.equal(await isFramed(browser, embedded), true);
  assert.equal(await isFramed(browser, embedded, `http://127.0.0.1:${otherPort}`), false, 'an origin that is not named');
  assert.equal(await isFramed(browser, LINK), false, 'without embed=1');
  assert.equal(await isFramed(browser, `${url}/dashboard?site=default&embed=1`), false);
  assert.equal(await isFramed(browser, `${url}/login`), false);
}

/* ---- a visitor ---- */

async function visitor(browser) {
  const page = await open(browser);
  const asked = [];
  page.on('request', (request) => asked.push({ url: request.url(), headers: request.headers() }));
  await page.goto(LINK);
  await settled(page);
  const all = await visitors(page);
  assert.equal(await page.locator('.site-name').textContent(), 'My blog');
  assert.equal(await page.locator('.top a:not(.panel a), .top nav, .site-menu, a[download]').count(), 0);

  await page.locator('.list.places a.row', { hasText: 'Germany' }).first().click();
  await settled(page);
  assert.equal(new URL(page.url()).hash, `#${token}`, 'it stays in the address');
  const german = await visitors(page);
  assert.notEqual(german, all);
  await page.reload();
  await settled(page);
  assert.equal(await visitors(page), german);
  await page.keyboard.press('g');
  await page.keyboard.press('s');
  await page.locator('.pill').click();
  await settled(page);
  assert.equal(await visitors(page), all);
  await page.goBack();
  await settled(page);
  assert.equal(await visitors(page), german);
  assert.deepEqual(page.complaints, []);
  for (const { url: address, headers } of asked) {
    assert.ok(!address.includes(token) || address.endsWith(`#${token}`), address);
    assert.ok(!(headers.referer ?? '').includes(token) && !headers.cookie, address);
  }
  assert.ok(asked.some(({ headers }) => headers.authorization === `Bearer ${token}`));

  const other = await open(browser);
  await other.goto(LINK.replace('site=default', 'site=another'));
  await settled(other);
  assert.match(await noteOf(other), /is not shown here/);
  const made = await open(browser);
  await made.goto(`${PUBLIC}#${'A'.repeat(54)}`);
  await settled(made);
  assert.match(await noteOf(made), /Ask who gave it to you/);
}

/* ---- making a link ---- */

async function pressUntil(page, selector) {
  for (let i = 0; i < 80; i += 1) {
    await page.keyboard.press('Tab');
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return;
  }
  assert.fail(`${selector} is not reached by Tab`);
}

async function logIn(page, next) {
  await page.goto(`${url}/login?next=${encodeURIComponent(next)}`);
  await page.locator('input[name="email"]').fill(process.env.FOOTFALL_TEST_EMAIL);
  await page.locator('input[name="password"]').fill(process.env.FOOTFALL_TEST_PASSWORD);
  await page.keyboard.press('Enter');
  await page.waitForURL(url + next);
}

/* axe needs a browser that runs scripts. */
async function isFine(page, { script }, name) {
  assert.ok((await overflow(page)) <= 0, `${name} is wider than the window`);
  if (script !== false) assert.deepEqual(await axe(page), [], name);
}

/* Only with keys. */
async function makeLink(page, look) {
  await pressUntil(page, 'a[href^="/sites/share"]');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/sites/share?*');
  await isFine(page, look, 'the page of links');
  await pressUntil(page, '#label');
  await page.keyboard.type('A client');
  await pressUntil(page, '#days');
  await page.keyboard.type('90');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/sites/share/add');
  await isFine(page, look, 'the new link');
  return page.locator('code.code').first().textContent();
}

async function revokeLink(page, look) {
  await pressUntil(page, 'a.button');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/sites/share?site=default');
  assert.match(await page.locator('table').textContent(), /A client/);
  await isFine(page, look, 'the list of links');
  await pressUntil(page, 'button.bad');
  await page.keyboard.press('Enter');
  await page.waitForURL('**done=revoked');
}

async function makeAndRevoke(browser, look) {
  const page = await open(browser, look);
  await logIn(page, '/sites/site?site=default');
  const link = await makeLink(page, look);
  if (look.script !== false) {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: url });
    await page.locator('button.copy').first().press('Enter'); /* all that needs a script */
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), link);
  }
  const guest = await open(browser, { width: 390 });
  await guest.goto(link);
  await settled(guest);
  assert.notEqual(await visitors(guest), null);
  await revokeLink(page, look);
  await guest.reload();
  await settled(guest);
  assert.match(await noteOf(guest), /is not shown here/);
  assert.deepEqual(page.complaints, []);
  await page.context().close();
  await guest.context().close();
}

async function link(browser) {
  await makeAndRevoke(browser, { width: 1280 });
  await makeAndRevoke(browser, { width: 390, scheme: 'dark' });
  await makeAndRevoke(browser, { script: false });
}

const scenarios = { looks, looksInFrame, frames, visitor, link };
const browser = await launch();
try {
  await scenarios[scenario](browser);
} finally {
  await browser.close();
}
