// How the console is served, and signing in.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, navigate, openPage, signIn } from './browser.mjs';
import { startServer } from './server.mjs';

let server;
let browser;
before(async () => {
  server = await startServer();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const get = (path, headers = {}) => fetch(`${server.url}${path}`, { headers, redirect: 'manual' });

test('the root sends browsers to the console and nobody else', async () => {
  const browserAnswer = await get('/', { accept: 'text/html,*/*' });
  assert.equal(browserAnswer.status, 302);
  assert.equal(browserAnswer.headers.get('location'), '/console/');
  assert.match(await (await get('/', { accept: '*/*' })).text(), /^healthy: dynamodb/);
});

test('files come compressed, kept by name, under a strict policy', async () => {
  const page = await get('/console/');
  assert.equal(page.headers.get('cache-control'), 'no-cache');
  const [, script] = /src="(\/console\/assets\/[^"]+\.js)"/.exec(await page.text());
  const asset = await get(script);
  assert.equal(asset.headers.get('content-encoding'), 'gzip');
  assert.match(asset.headers.get('cache-control'), /immutable/);
  assert.match(asset.headers.get('content-security-policy'), /^default-src 'none'/);
  assert.equal((await get(script, { 'if-none-match': asset.headers.get('etag') })).status, 304);
});

test('a missing file is not the page', async () => {
  for (const path of ['/console/assets/none.js', '/console/none.html']) assert.equal((await get(path)).status, 404);
});

test("a wrong secret is refused in the server's words", async () => {
  const { page, close } = await openPage(browser, server.url);
  await page.getByLabel('Access key ID').fill('AKIDNOBODY');
  await page.getByLabel('Secret access key').fill('wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('InvalidClientTokenId').waitFor();
  await close();
});

test('credentials stay in memory, or in the tab if asked', async () => {
  const { page, check, close } = await openPage(browser, server.url);
  await check('sign-in');
  await signIn(page);
  assert.equal(await page.evaluate(() => sessionStorage.length), 0);
  await page.reload();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.getByLabel('Remember for this tab').check();
  await signIn(page);
  assert.equal(await page.evaluate(() => Object.keys(localStorage).join()), 'tidemark.settings');
  await page.reload();
  await page.getByRole('heading', { level: 1, name: 'Dashboard' }).waitFor();
  await check('dashboard');
  await close();
});

test('a browser whose clock is an hour off works', async () => {
  const { page, complaints, close } = await openPage(browser, server.url);
  await page.clock.install({ time: new Date(Date.now() + 3_600_000) });
  await signIn(page);
  await navigate(page, 'Jobs');
  await page.getByText('Nothing is under way.').waitFor();
  // What the browser says of requests that were refused before the clock was known is no fault here.
  assert.deepEqual(
    complaints.filter((text) => !text.includes('status of 4')),
    [],
  );
  await close();
});

test('what the security policy forbids fails a test', async () => {
  const { page, complaints, close } = await openPage(browser, server.url);
  await page.evaluate(() =>
    document.head.append(Object.assign(document.createElement('style'), { textContent: 'a{}' })),
  );
  assert.match(complaints.join(), /Content Security Policy/);
  await close();
});
