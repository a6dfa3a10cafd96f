// A page of the console, watched: whatever a browser complains of fails the test.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { KEY, SECRET, require } from './server.mjs';

const { chromium } = require('playwright-core');
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
export const MODES = ['light', 'dark'];
export const WIDE = { width: 1440, height: 900 };
export const NARROW = { width: 420, height: 900 };

// What is wrong in Cloudscape itself: the narrow toolbar's navigation has an orientation, which it may not have.
const isForeign = (finding, node) =>
  finding.id === 'aria-allowed-attr' && /^<nav [^>]*mobile-toolbar-nav/.test(node.html);

// Questions whose answer may be an error, because there is nothing of the kind: browsers note every such answer.
const MAY_BE_ABSENT = /\/access-policy(\?|$)/;

const isAnswerOfNothing = (message) =>
  message.text().startsWith('Failed to load resource') && MAY_BE_ABSENT.test(message.location().url);

const browserPath = () =>
  process.env.CHROMIUM ??
  execFileSync('sh', ['-c', 'command -v chromium || command -v chromium-browser']).toString().trim();

export const launch = () => chromium.launch({ executablePath: browserPath(), args: FLAGS });

// One context for each mode and width of a browser: its pages share what was downloaded and compiled, and nothing of
// who is signed in, which is kept by tab.
const contexts = new WeakMap();

async function contextOf(browser, mode, viewport) {
  const name = `${mode} ${viewport.width}`;
  const known = contexts.get(browser) ?? new Map();
  contexts.set(browser, known);
  if (!known.has(name)) {
    known.set(
      name,
      await browser.newContext({
        viewport,
        colorScheme: mode,
        reducedMotion: 'reduce',
        timezoneId: 'UTC',
        locale: 'en-US',
        permissions: ['clipboard-read', 'clipboard-write'],
      }),
    );
  }
  return known.get(name);
}

// A page that is not signed in. `complaints` is what was found; `check` adds what axe finds and fails on any.
export async function openPage(browser, url, { mode = 'light', viewport = WIDE } = {}) {
  const context = await contextOf(browser, mode, viewport);
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const complaints = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()) && !isAnswerOfNothing(message))
      complaints.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`page error: ${error.stack}`));
  page.on('request', (request) => {
    const to = new URL(request.url());
    if (to.protocol !== 'data:' && to.origin !== url) complaints.push(`foreign request: ${request.url()}`);
  });
  await page.goto(`${url}/`);
  const check = async (where) => {
    if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(AXE);
    // What a dialog covers cannot be used while it is there.
    const found = await page.evaluate(
      (tags) =>
        globalThis.axe.run(document.querySelector('[role="dialog"]') ?? document, {
          runOnly: { type: 'tag', values: tags },
          resultTypes: ['violations'],
        }),
      RULES,
    );
    for (const one of found.violations) {
      const nodes = one.nodes
        .filter((node) => !isForeign(one, node))
        .map((node) => `${node.html}\n${node.failureSummary}`);
      if (nodes.length) complaints.push(`axe at ${where}: ${one.id}: ${one.help}\n${nodes.join('\n')}`);
    }
    assert.deepEqual(complaints, [], where);
  };
  return { page, check, complaints, close: () => page.close() };
}

export async function signIn(page, key = KEY, secret = SECRET) {
  await page.getByLabel('Access key ID').fill(key);
  await page.getByLabel('Secret access key').fill(secret);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { level: 1, name: 'Dashboard' }).waitFor();
}

// Pages that a test has left in order, still signed in: by browser, mode and width.
const left = new WeakMap();

// A page that is signed in, at the dashboard; its `close` leaves it to the next test, which loads it anew.
export async function openConsole(browser, url, { mode = 'light', viewport = WIDE } = {}) {
  if (!left.has(browser)) left.set(browser, new Map());
  const pages = left.get(browser);
  const name = `${mode} ${viewport.width}`;
  let opened = pages.get(name);
  pages.delete(name);
  if (opened) {
    opened.complaints.length = 0;
    await opened.page.goto(`${url}/`);
    await opened.page.getByRole('heading', { level: 1, name: 'Dashboard' }).waitFor();
  } else {
    opened = await openPage(browser, url, { mode, viewport });
    await opened.page.getByLabel('Remember for this tab').check();
    await signIn(opened.page);
  }
  const close = async () => {
    await opened.page.goto('about:blank');
    pages.set(name, opened);
  };
  return { ...opened, close };
}

// What a person does to get to a page of the side navigation.
export async function navigate(page, name) {
  await page.getByRole('navigation', { name: 'Side navigation' }).getByRole('link', { name, exact: true }).click();
  await page.getByRole('heading', { level: 1, name }).waitFor();
}
