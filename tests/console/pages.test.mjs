// Each page's main act that has no walk-through of its own.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { MODES, NARROW, launch, navigate, openConsole } from './browser.mjs';
import { batch, makeTable, put, startServer } from './server.mjs';

let server;
let browser;
before(async () => {
  server = await startServer();
  await makeTable(server, 'Bare', 'Id', false);
  await makeTable(server, 'Many');
  await batch(server, 'Many', 200, put);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

for (const mode of MODES) {
  test(`a table is created with recovery on, and deleted (${mode})`, async () => {
    const { page, check, close } = await openConsole(browser, server.url, {
      mode,
    });
    await navigate(page, 'Tables');
    await check('tables');
    await page.getByRole('button', { name: 'Create table' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Table name').fill(`New-${mode}`);
    await dialog.getByLabel('Partition key', { exact: true }).fill('Id');
    await check('create table');
    await dialog.getByRole('button', { name: 'Create table' }).click();
    await page.getByRole('row', { name: new RegExp(`New-${mode}.*Active.*On`) }).waitFor();
    await page.getByRole('link', { name: `New-${mode}` }).click();
    await check('table');
    await page.getByRole('button', { name: 'Actions' }).click();
    await page.getByRole('menuitem', { name: 'Delete table' }).click();
    await dialog.getByLabel('To confirm, type delete').fill('delete');
    await dialog.getByRole('button', { name: 'Delete table' }).click();
    await page.getByText('Delete table job Completed').waitFor();
    await navigate(page, 'Backups');
    await page.getByRole('row', { name: new RegExp(`New-${mode}.*SYSTEM`) }).waitFor();
    await close();
  });

  test(`items are created, edited, deleted and read on (${mode})`, async () => {
    const { page, check, close } = await openConsole(browser, server.url, {
      mode,
    });
    await navigate(page, 'Tables');
    await page.getByRole('link', { name: 'Many', exact: true }).click();
    await page.getByRole('button', { name: 'Explore items' }).click();
    await page.getByText('50 items shown').waitFor();
    await page.getByRole('button', { name: 'Read more' }).click();
    await page.getByText('100 items shown').waitFor();
    await check('items');
    const id = `new-${mode}`;
    const dialog = page.getByRole('dialog');
    await page.getByRole('button', { name: 'Create item' }).click();
    await dialog.getByLabel('Item', { exact: true }).fill(`{"UserId": {"S": "${id}"}, "Raw": {"B": "AQID"}}`);
    await check('create item');
    await dialog.getByRole('button', { name: 'Create item' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByLabel('Partition key: UserId').fill(id);
    await page.getByRole('button', { name: 'Run' }).click();
    await page.getByText('1 item shown').waitFor();
    const stored = await server.send('GetItem', {
      TableName: 'Many',
      Key: { UserId: { S: id } },
    });
    assert.deepEqual([...stored.Item.Raw.B], [1, 2, 3]);
    await page
      .getByRole('row', { name: new RegExp(id) })
      .getByRole('checkbox')
      .check();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await dialog.getByLabel('To confirm, type delete').fill('delete');
    await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByText('0 items shown').waitFor();
    await close();
  });

  test(`recovery is turned off with a typed word, and on again from the dashboard (${mode})`, async () => {
    const table = mode === 'light' ? 'Bare' : 'Many';
    const { page, check, close } = await openConsole(browser, server.url, {
      mode,
    });
    if (table === 'Many') {
      await navigate(page, 'Tables');
      await page.getByRole('link', { name: table, exact: true }).click();
      await page.getByRole('tab', { name: 'Backups' }).click();
      await page.getByRole('button', { name: 'Edit', exact: true }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('checkbox').uncheck();
      await dialog.getByLabel('To confirm, type disable').fill('disable');
      await check('turn off');
      await dialog.getByRole('button', { name: 'Save changes' }).click();
      await page.getByText('Disabled').waitFor();
      await navigate(page, 'Dashboard');
    }
    await page.getByText(/cannot be put back/).waitFor();
    await check('dashboard');
    await page.getByRole('button', { name: `Turn on recovery of ${table}` }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Turn on' }).click();
    await page.getByText('Every table has point-in-time recovery.').waitFor();
    await close();
  });

  test(`the server's page shows its Regions (${mode})`, async () => {
    const { page, check, close } = await openConsole(browser, server.url, {
      mode,
    });
    await navigate(page, 'Server');
    await page.getByText('Takes writes').first().waitFor();
    await page.getByRole('row', { name: /us-east-1.*Yes/ }).waitFor();
    await check('server');
    await close();
  });

  test(`it can be used on a narrow screen (${mode})`, async () => {
    const { page, check, close } = await openConsole(browser, server.url, {
      mode,
      viewport: NARROW,
    });
    await page.getByRole('button', { name: 'Open side navigation' }).click();
    await navigate(page, 'Backups');
    await check('backups');
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, `the page is ${wide} pixels too wide`);
    await close();
  });
}

test('another Region is another world', async () => {
  const { page, check, close } = await openConsole(browser, server.url);
  await page.getByRole('button', { name: 'Region us-east-1' }).first().click();
  await page.getByRole('dialog').getByLabel('Region').fill('eu-west-1');
  await page.getByRole('dialog').getByRole('button', { name: 'Change Region' }).click();
  await navigate(page, 'Tables');
  await page.getByText('No tables in this Region').waitFor();
  await check('empty tables');
  await close();
});
