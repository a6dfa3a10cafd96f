// A new user's first minutes, without documentation: an example, a mistake, and putting it right.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, openConsole } from './browser.mjs';
import { count, sleep, startServer } from './server.mjs';

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

// The end of the window is told in whole seconds.
async function latestIsBehind(moment) {
  for (;;) {
    const { ContinuousBackupsDescription: found } = await server.send('DescribeContinuousBackups', {
      TableName: 'Example-Users',
    });
    if (found.PointInTimeRecoveryDescription.LatestRestorableDateTime.getTime() > moment) return;
    await sleep(50);
  }
}

test('from an empty server to a mistake that is put right', async () => {
  const { page, check, close } = await openConsole(browser, server.url);
  await page.getByRole('heading', { name: 'Get started' }).waitFor();
  await check('empty dashboard');
  await page.getByRole('button', { name: 'Create the example' }).click();
  await page.getByRole('button', { name: 'Delete 900 users' }).click();
  await page.getByText('Every table has point-in-time recovery.').waitFor();
  await check('dashboard');
  await latestIsBehind(Date.now());
  await page.getByRole('button', { name: 'Open the time machine' }).click();
  await page.getByRole('button', { name: 'Just before this: 900 deletions' }).click();
  await page.getByRole('heading', { name: 'Changes since then (500 of 900)' }).waitFor();
  await page.getByRole('button', { name: 'Bring all removed back' }).click();
  await page.getByRole('dialog').getByLabel('To confirm, type restore').fill('restore');
  await page.keyboard.press('Enter');
  await page.getByText('Item restore job Completed').waitFor();
  await page.getByText('The table is the same now as it was then.').first().waitFor();
  assert.equal(await count(server, 'Example-Users'), 1000);

  // As the table was when the time machine was opened, nobody had brought anything back yet.
  await page.getByText('With another instant').click();
  await page.getByRole('heading', { name: 'Changes between the two (500 of 900)' }).waitFor();
  await check('two instants');
  await page
    .getByRole('button', { name: /^Compare user-\d+ side by side/ })
    .first()
    .click();
  await page.getByRole('dialog').getByRole('row', { name: /Plan (free|silver|gold) -/ }).waitFor();
  await check('side by side');
  await page.getByRole('dialog').getByRole('button', { name: 'Close', exact: true }).click();
  await close();
});

test('an item is written as plain JSON, and what cannot be one is told before it is sent', async () => {
  const { page, check, close } = await openConsole(browser, server.url);
  await page.evaluate(() => (location.hash = '#/explore/Example-Users'));
  await page.getByRole('button', { name: 'Create item' }).click();
  const dialog = page.getByRole('dialog');
  const text = dialog.getByLabel('Item', { exact: true });
  await text.fill('{"Town": "Cork"}');
  await dialog.getByText('UserId is the partition key of the table: an item has to have it.').waitFor();
  await text.fill('{"UserId": 7}');
  await dialog.getByText('UserId is the partition key of the table: it has to be a text.').waitFor();
  assert.equal(await dialog.getByRole('button', { name: 'Create item' }).isEnabled(), false);
  await text.fill('{"UserId": "ann", "Town": "Cork", "Big": 12345678901234567890, "Of": [1, {"a": null}]}');
  await check('create item');
  await dialog.getByRole('button', { name: 'Write it as DynamoDB JSON' }).click();
  assert.deepEqual(JSON.parse(await text.inputValue()).Of, { L: [{ N: '1' }, { M: { a: { NULL: true } } }] });
  await dialog.getByRole('button', { name: 'Create item' }).click();
  await dialog.waitFor({ state: 'detached' });
  const { Item } = await server.send('GetItem', { TableName: 'Example-Users', Key: { UserId: { S: 'ann' } } });
  assert.equal(Item.Big.N, '12345678901234567890');
  await close();
});

test('items are found by index, sort key and filter', async () => {
  const { page, check, close } = await openConsole(browser, server.url);
  await page.evaluate(() => (location.hash = '#/explore/Example-Users'));
  await page.getByText('50 items shown').waitFor();
  await page.getByRole('button', { name: /^Table or index/ }).click();
  await page.getByRole('option', { name: 'ByTown' }).click();
  await page.getByLabel('Partition key: Town').fill('Cork');
  await page.getByRole('button', { name: /^Sort key condition/ }).click();
  await page.getByRole('option', { name: 'begins with' }).click();
  await page.getByLabel('Sort key: UserId', { exact: true }).fill('user-00');
  await page.getByRole('button', { name: 'Add filter' }).click();
  await page.getByRole('textbox', { name: 'Attribute', exact: true }).fill('Plan');
  await page.getByRole('textbox', { name: 'Value', exact: true }).fill('gold');
  await page.getByRole('button', { name: 'Run' }).click();
  await page.getByText('5 items shown, 14 items read').waitFor();
  await page.getByRole('row', { name: /user-0002/ }).waitFor();
  await check('query of an index');
  await close();
});
