// Counters, and the page where they are put together: node counters.mjs SCENARIO URL. Fails with the
// reason.
import assert from 'node:assert/strict';
import { axe, launch, open, overflow } from './browser.mjs';

const [scenario, url] = process.argv.slice(2);
const STYLES = ['flat', 'square', 'big', 'text', 'digits', 'led', 'ghost', 'spark'];

/* ---- the page ---- */

const PAGES = [
  '/counters',
  '/counters?site=default&style=led&color=amber&digits=8&theme=dark&hit=1&path=/docs&no_label=1',
  '/counters?site=default&style=spark&theme=auto&metric=visitors&period=30d&color=nonsense',
];

async function look(browser, width, scheme) {
  const page = await open(browser, { width, scheme });
  for (const path of PAGES) {
    await page.goto(url + path);
    assert.deepEqual(await axe(page), [], `${path} at ${width} px, ${scheme}`);
    assert.ok((await overflow(page)) <= 0, `${path} is wider than ${width} px`);
  }
  assert.deepEqual(page.complaints, []);
  await page.context().close();
}

async function looks(browser) {
  for (const width of [390, 1280]) for (const scheme of ['light', 'dark']) await look(browser, width, scheme);
}

const preview = (page) => page.locator('.preview img');

const size = (page) =>
  preview(page).evaluate(async (image) => {
    await image.decode();
    return [image.naturalWidth, image.naturalHeight, image.width, image.height];
  });

async function chooseByKeys(page, name, text) {
  await page.getByLabel(name, { exact: true }).focus();
  await page.keyboard.type(text);
}

/* With keys only, and without script, as it is everywhere: the page has none. */
async function builder(browser) {
  const page = await open(browser);
  await page.goto(`${url}/counters`);
  await chooseByKeys(page, 'Site', 'Default');
  await chooseByKeys(page, 'Style', 'led');
  await chooseByKeys(page, 'Digits at least', '9');
  await chooseByKeys(page, 'Colour of the number', 'teal');
  await page.keyboard.press('Enter');
  await page.waitForURL(/style=led/);
  assert.match(await preview(page).getAttribute('src'), /^\/c\/[a-z-]+\.svg\?style=led&color=teal&digits=9$/);
  const [naturalWidth, naturalHeight, width, height] = await size(page);
  assert.deepEqual([width, height], [naturalWidth, naturalHeight], 'the size that is copied is the one it has');
  const html = await page.locator('code.code').first().textContent();
  assert.ok(html.startsWith(`<img src="${url}/c/`) && html.includes(`width="${width}" height="38"`), html);

  await page.setContent(`<main>${html}</main>`);
  await page.locator('img').evaluate((image) => image.decode());
  assert.deepEqual(page.complaints, []);
}

/* ---- the pictures ---- */

const colorsOf = (page) =>
  page.evaluate(() => [...document.querySelectorAll('svg text, svg path, svg rect')].map((part) => {
    const { fill, stroke } = getComputedStyle(part);
    return `${fill} ${stroke}`;
  }));

/* Opened by itself its policy holds: what it needs is allowed, and nothing complains. */
async function openAlone(browser, scheme, query) {
  const page = await open(browser, { scheme });
  await page.goto(`${url}/c/default.svg?${query}`);
  const colors = await colorsOf(page);
  assert.deepEqual(page.complaints, [], query);
  await page.context().close();
  return colors.join();
}

async function alone(browser) {
  for (const style of STYLES) {
    const query = `style=${style}&theme=auto`;
    const light = await openAlone(browser, 'light', query);
    const dark = await openAlone(browser, 'dark', query);
    assert.equal(light, await openAlone(browser, 'dark', `style=${style}&theme=light`), style);
    assert.equal(dark, await openAlone(browser, 'light', `style=${style}&theme=dark`), style);
    assert.equal(light === dark, style === 'digits' || style === 'led', style);
  }
}

/* Put into one page, two of them keep their own colours. */
async function together(browser) {
  const page = await open(browser, { scheme: 'dark' });
  const pictures = [];
  for (const color of ['red', 'green', 'red'])
    pictures.push(await (await page.request.get(`${url}/c/default.svg?style=ghost&theme=auto&color=${color}`)).text());
  await page.setContent(`<!doctype html><html lang="en"><title>t</title><main><h1>t</h1>${pictures.join('')}</main></html>`);
  const fills = await page.locator('svg text:last-of-type').evaluateAll((all) => all.map((text) => getComputedStyle(text).fill));
  assert.equal(fills[0], fills[2]);
  assert.notEqual(fills[0], fills[1]);
  assert.deepEqual(await axe(page), []);
  assert.deepEqual(page.complaints, []);
}

const scenarios = { looks, builder, alone, together };
const browser = await launch();
try {
  await scenarios[scenario](browser);
} finally {
  await browser.close();
}
