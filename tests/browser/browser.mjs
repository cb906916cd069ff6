// A real browser for the tests: Debian's chromium, driven by playwright-core. What it complains of on
// its console, and what a policy forbids, is a fault of the page.
//
// FOOTFALL_NODE_MODULES is the folder of the packages (tests/integration/support/chromium.py).
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const modules = process.env.FOOTFALL_NODE_MODULES;
const require = createRequire(join(modules, 'any.js'));
const { chromium } = require('playwright-core');
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const WAIT_MS = 10000;

/* A name for this machine that a browser does not trust as it does localhost. */
export const PLAIN_HOST = 'footfall.test';

/** A browser; to be closed by who has it. */
export const launch = () =>
  chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage', `--host-resolver-rules=MAP ${PLAIN_HOST} 127.0.0.1`],
  });

/**
 * A page of a browser that nothing is known to.
 *
 * @param look  {width, height, scheme, language, script}; script: false is a browser without
 * @return      with page.complaints, the texts of what is wrong so far
 */
export async function open(browser, look = {}) {
  const context = await browser.newContext({
    viewport: { width: look.width ?? 1280, height: look.height ?? 900 },
    colorScheme: look.scheme ?? 'light',
    locale: look.language ?? 'en-GB',
    reducedMotion: 'reduce',
    javaScriptEnabled: look.script ?? true,
  });
  context.setDefaultTimeout(WAIT_MS);
  const page = await context.newPage();
  page.complaints = [];
  page.on('console', (message) => page.complaints.push(`console ${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => page.complaints.push(`error: ${error.stack}`));
  return page;
}

/** What axe finds against WCAG 2.2 AA, a text for each element. */
export async function axe(page) {
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const { violations } = await window.axe.run(document, { runOnly: tags });
    return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)} ${node.failureSummary}`));
  });
}

/** How many pixels the page is wider than the window. */
export const overflow = (page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
