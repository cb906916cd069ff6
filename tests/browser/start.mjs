// The page that says how a site is counted: node start.mjs SCENARIO URL. Fails with the reason. It says
// so on a line of its own when the first view may come.
import assert from 'node:assert/strict';
import { axe, launch, open, overflow } from './browser.mjs';

const [scenario, url] = process.argv.slice(2);
const START = '/sites/start?site=default';

async function openStart(browser, look) {
  const page = await open(browser, look);
  await page.goto(`${url}/login?next=${encodeURIComponent(START)}`);
  await page.locator('input[name="email"]').fill(process.env.FOOTFALL_TEST_EMAIL);
  await page.locator('input[name="password"]').fill(process.env.FOOTFALL_TEST_PASSWORD);
  await page.keyboard.press('Enter');
  await page.waitForURL(url + START);
  await page.locator('.state.waiting').waitFor();
  return page;
}

async function waits(browser) {
  const page = await openStart(browser, { width: 390 });
  assert.deepEqual(await axe(page), [], 'while it waits');
  assert.ok((await overflow(page)) <= 0, 'it is wider than the window');
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: url });
  await page.getByRole('button', { name: 'Copy the line', exact: true }).press('Enter');
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /^<script async src=".*\/count\.js"><\/script>$/);
  await page.locator('summary').first().click();
  console.log('waiting');
  await page.getByText('It counts: the first view is of /hello').waitFor();
  assert.match(await page.locator('.state + p').textContent(), /^\d+ seconds? ago$/);
  assert.ok(await page.locator('details').first().evaluate((one) => one.open), 'what was opened stays open');
  assert.deepEqual(await axe(page), [], 'with the first view');
  await page.locator('a.button').press('Enter');
  await page.waitForURL('**/dashboard?site=default');
  assert.deepEqual(page.complaints, []);
}

async function waitsWithoutScript(browser) {
  const page = await openStart(browser, { script: false });
  assert.equal(await page.locator('button.copy').count(), 0);
  console.log('waiting');
  await page.getByText('It counts: 1 view so far.').waitFor();
  assert.deepEqual(page.complaints, []);
}

const scenarios = { waits, waitsWithoutScript };
const browser = await launch();
try {
  await scenarios[scenario](browser);
} finally {
  await browser.close();
}
