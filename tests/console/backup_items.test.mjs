// Items of backups and recovery points, looked at without a restore, and brought back into the live table.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { MODES, launch, navigate, openConsole } from './browser.mjs';
import { batch, count, makeBackupRole, makePoint, makeTable, put, remove, sleep, startServer } from './server.mjs';

const USERS = 120;

let server;
let browser;
before(async () => {
  server = await startServer();
  const role = await makeBackupRole(server, 'backups');
  await server.backup('CreateBackupVault', { BackupVaultName: 'kept' });
  for (const mode of MODES) {
    const table = `Users-${mode}`;
    await makeTable(server, table);
    await batch(server, table, USERS, put);
    await makePoint(server, 'kept', table, role);
    const { BackupDetails } = await server.send('CreateBackup', { TableName: table, BackupName: `own-${mode}` });
    for (;;) {
      const told = await server.send('DescribeBackup', { BackupArn: BackupDetails.BackupArn });
      if (told.BackupDescription.BackupDetails.BackupStatus === 'AVAILABLE') break;
      await sleep(20);
    }
    await batch(server, table, 100, remove);
  }
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

for (const mode of MODES) {
  const table = `Users-${mode}`;

  test(`deleted items are found in a recovery point and brought back (${mode})`, async () => {
    const { page, check, close } = await openConsole(browser, server.url, { mode });
    await navigate(page, 'Vaults');
    await page.getByRole('link', { name: 'kept', exact: true }).click();
    await page
      .getByRole('row', { name: new RegExp(table) })
      .getByRole('link')
      .first()
      .click();
    await page.getByRole('button', { name: 'Browse items' }).click();
    await page.getByRole('heading', { level: 1, name: `Items in a backup of ${table}` }).waitFor();
    await page.getByText('50 items shown, 50 items read').waitFor();
    await check('items of a recovery point');
    await page.getByRole('button', { name: 'Read more' }).click();
    await page.getByText('100 items shown, 100 items read').waitFor();
    await page.getByLabel('Partition key: UserId').fill('user-7');
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.getByText('1 item shown, 1 item read').waitFor();
    await page.getByRole('button', { name: 'user-7', exact: true }).click();
    await page.getByRole('dialog').getByText('"silver"').waitFor();
    await check('an item of a recovery point');
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
    await page.getByRole('checkbox', { name: 'Select user-7', exact: true }).check();
    await page.getByRole('button', { name: 'Bring back' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Put again').waitFor();
    await check('bring back from a recovery point');
    await dialog.getByRole('button', { name: 'Bring back' }).click();
    await page.getByText('Item restore job Completed').waitFor();
    await page.getByText('1 brought back, 0 left alone.').waitFor();
    await close();
    const { Item: item } = await server.send('GetItem', { TableName: table, Key: { UserId: { S: 'user-7' } } });
    assert.deepEqual(item, put(7).PutRequest.Item);
    assert.equal(await count(server, table), USERS - 100 + 1);
  });

  test(`items of a backup whose table is gone can be read (${mode})`, async () => {
    await server.send('DeleteTable', { TableName: table });
    const { page, check, close } = await openConsole(browser, server.url, { mode });
    await navigate(page, 'Backups');
    await page.getByRole('link', { name: `own-${mode}` }).click();
    await page.getByRole('button', { name: 'Browse items' }).click();
    await page.getByText('50 items shown, 50 items read').waitFor();
    await page.getByLabel('Partition key: UserId').fill('user-99');
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.getByText('1 item shown, 1 item read').waitFor();
    await page.getByRole('checkbox', { name: 'Select user-99', exact: true }).check();
    assert.ok(await page.getByRole('button', { name: 'Bring back' }).isDisabled());
    await check('items of a backup without a table');
    await close();
  });
}
