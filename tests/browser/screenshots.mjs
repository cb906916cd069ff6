// Pictures of the main pages, for the README: node screenshots.mjs URL FOLDER
import { join } from 'node:path';
import { launch, open } from './browser.mjs';

const [url, folder] = process.argv.slice(2);
const SITE = '/dashboard?site=default';

const PICTURES = [
  { name: 'dashboard-light', path: SITE, width: 1280, height: 960, scheme: 'light' },
  { name: 'dashboard-dark', path: SITE, width: 1280, height: 960, scheme: 'dark' },
  { name: 'dashboard-phone', path: SITE, width: 390, height: 844, scheme: 'light' },
  { name: 'sites', path: '/dashboard', width: 1280, height: 400, scheme: 'light' },
];

async function shoot(browser, { name, path, ...look }) {
  const page = await open(browser, look);
  await page.goto(url + path);
  await page.waitForFunction(() => document.querySelector('.u-over, .spark') && !document.querySelector('[aria-busy="true"], .skeleton'));
  await page.screenshot({ path: join(folder, `${name}.png`) });
  await page.context().close();
}

const browser = await launch();
try {
  for (const picture of PICTURES) await shoot(browser, picture);
} finally {
  await browser.close();
}
