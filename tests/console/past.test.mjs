// The time machine, from "1,000 records are gone" to "they are back".
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { MODES, launch, navigate, openConsole } from './browser.mjs';
import { batch, count, makeTable, put, remove, sleep, startServer } from './server.mjs';

const USERS = 1200;
const GONE = 1000;

let server;
let browser;
before(async () => {
  server = await startServer();
  browser = await launch();
  for (const mode of MODES) {
    await makeTable(server, `Users-${mode}`);
    await batch(server, `Users-${mode}`, USERS, put);
  }
  await sleep(1500);
  for (const mode of MODES) await batch(server, `Users-${mode}`, GONE, remove);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

async function openTimeMachine(page, table) {
  await navigate(page, 'Tables');
  await page.getByRole('link', { name: table, exact: true }).click();
  await page.getByRole('tab', { name: 'Time machine' }).click();
  await page.getByRole('button', { name: 'Just before this: 1,000 deletions' }).click();
}

for (const mode of MODES) {
  test(`deleted records are found and brought back (${mode})`, async () => {
    const table = `Users-${mode}`;
    const { page, check, close } = await openConsole(browser, server.url, {
      mode,
    });
    await openTimeMachine(page, table);
    await page.getByText('Removed since').waitFor();
    await page.getByText('1,200', { exact: true }).waitFor();
    await page
      .getByRole('row', { name: /user-\d+/ })
      .first()
      .waitFor();
    await check('time machine');

    await page.getByRole('button', { name: 'Bring all removed back' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('1,000', { exact: true }).waitFor();
    await dialog.getByLabel('To confirm, type restore').fill('restore');
    await check('bring back');
    await dialog.getByRole('button', { name: 'Bring back' }).click();
    await page.getByText('Item restore job Completed').waitFor();
    await page.getByText('1,000 brought back, 0 left alone.').waitFor();
    await page.getByText('The table is the same now as it was then.').first().waitFor();
    assert.equal(await count(server, table), USERS);
    await page.getByRole('link', { name: 'View' }).first().click();
    await page.getByRole('heading', { level: 1, name: `Restore of items of ${table}` }).waitFor();
    await check('job');
    await navigate(page, 'Jobs');
    await page
      .getByRole('row', { name: /1,000 brought back/ })
      .first()
      .waitFor();
    await check('jobs');
    await close();
  });

  test(`the table is restored to the instant before, into a new one (${mode})`, async () => {
    const table = `Users-${mode}`;
    const { page, check, close } = await openConsole(browser, server.url, {
      mode,
    });
    await openTimeMachine(page, table);
    await page.getByRole('button', { name: 'Restore to a new table' }).click();
    const name = page.getByLabel('Name of restored table');
    await name.fill(`${table}-before`);
    await page.getByRole('button', { name: 'Previous' }).click();
    await page.getByRole('slider').waitFor();
    await page.getByText('Some items as they were').waitFor();
    await check('what and when');
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByRole('button', { name: 'Restore table' }).click();
    await page.getByText('Restore job Completed').waitFor();
    await close();
    assert.equal(await count(server, `${table}-before`), USERS);
  });

  test(`the marker moves by keyboard and says where it is (${mode})`, async () => {
    const { page, check, close } = await openConsole(browser, server.url, {
      mode,
    });
    await openTimeMachine(page, `Users-${mode}`);
    const slider = page.getByRole('slider');
    const spoken = () => slider.getAttribute('aria-valuetext');
    await slider.focus();
    await page.keyboard.press('Home');
    const earliest = await spoken();
    assert.match(earliest, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC, /);
    await page.keyboard.press('ArrowRight');
    assert.notEqual(await spoken(), earliest);
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    assert.equal(await spoken(), earliest, 'it stops at the end of the window');
    await check('marker');
    await close();
  });

  test(`an item is read as it was, its history is shown, and a version is brought back (${mode})`, async () => {
    const table = `Users-${mode}`;
    await server.send('PutItem', {
      TableName: table,
      Item: { UserId: { S: 'ann' }, Plan: { S: 'gold' } },
    });
    await sleep(50);
    await server.send('PutItem', {
      TableName: table,
      Item: { UserId: { S: 'ann' }, Plan: { S: 'free' } },
    });
    const { page, check, close } = await openConsole(browser, server.url, {
      mode,
    });
    await openTimeMachine(page, table);
    await page.getByRole('button', { name: 'Explore items as of then' }).click();
    await page.getByText(`Reading ${table} as it was at`).waitFor();
    await page.getByLabel('Partition key: UserId').fill('user-7');
    await page.getByRole('button', { name: 'Run' }).click();
    await page.getByText('1 item shown').waitFor();
    await check('items as of then');

    await page.getByRole('button', { name: 'Now', exact: true }).click();
    await page.getByLabel('Partition key: UserId').fill('ann');
    await page.getByRole('button', { name: 'Run' }).click();
    await page.getByRole('link', { name: 'ann' }).click();
    await page.getByText('"free"').first().waitFor();
    await page.getByRole('row', { name: /Is there now.*Plan: free, was gold/ }).waitFor();
    await check('item');
    await page
      .getByRole('row', { name: /Written anew/ })
      .getByRole('button', { name: /Bring back/ })
      .click();
    await page.getByRole('dialog').getByRole('button', { name: 'Bring back' }).click();
    await page.getByText('"gold"').first().waitFor();
    await close();
    const { Item } = await server.send('GetItem', {
      TableName: table,
      Key: { UserId: { S: 'ann' } },
    });
    assert.equal(Item.Plan.S, 'gold');
  });
}
