// The brief's three walk-throughs: create a backup, restore from it, delete it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { MODES, launch, navigate, openConsole } from './browser.mjs';
import { batch, count, makeTable, put, startServer } from './server.mjs';

let server;
let browser;
before(async () => {
  server = await startServer();
  await makeTable(server, 'Users');
  await batch(server, 'Users', 100, put);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

for (const mode of MODES) {
  test(`a backup is created (${mode})`, async () => {
    const { page, check, close } = await openConsole(browser, server.url, {
      mode,
    });
    await navigate(page, 'Tables');
    await page.getByRole('link', { name: 'Users', exact: true }).click();
    await page.getByRole('tab', { name: 'Backups' }).click();
    await check('backups tab');
    await page.getByRole('button', { name: 'Create backup' }).first().click();
    await page.getByRole('heading', { level: 1, name: 'Create backup' }).waitFor();
    await page
      .getByRole('button', { name: /^Source table/ })
      .getByText('Users')
      .waitFor();
    await page.getByLabel('Backup name').fill(`walk-${mode}`);
    await check('create backup');
    await page.getByRole('button', { name: 'Create backup' }).click();
    await page.getByText(/Backup job (Running|Completed)/).waitFor();
    await page.getByText('Backup job Completed').waitFor();
    const row = page.getByRole('row', { name: new RegExp(`walk-${mode}`) });
    await row.getByText('Available').waitFor();
    await check('after');
    await page.getByRole('link', { name: `walk-${mode}` }).click();
    await page.getByText(/^Created .*, Running, Completed/).waitFor();
    await check('backup details');
    await close();
    const { BackupSummaries } = await server.send('ListBackups', {
      TableName: 'Users',
    });
    assert.equal(BackupSummaries.find((one) => one.BackupName === `walk-${mode}`).BackupStatus, 'AVAILABLE');
  });

  test(`a backup is restored into a new table (${mode})`, async () => {
    const { page, check, close } = await openConsole(browser, server.url, {
      mode,
    });
    await navigate(page, 'Backups');
    await check('backups');
    await page
      .getByRole('row', { name: new RegExp(`walk-${mode}`) })
      .getByRole('checkbox')
      .check();
    await page.getByRole('button', { name: 'Restore', exact: true }).click();
    const name = page.getByLabel('Name of restored table');
    assert.match(await name.inputValue(), /^Users-Restored-\d{8}-\d{4}$/);
    await name.fill('Users');
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('There is a table Users already').waitFor();
    await name.fill(`Users-${mode}`);
    await check('new table');
    await page.getByRole('button', { name: 'Next' }).click();
    await check('review');
    await page.getByRole('button', { name: 'Restore table' }).click();
    await page.getByText('Restore job Completed').waitFor();
    await page.getByRole('heading', { level: 1, name: `Users-${mode}` }).waitFor();
    await page.getByText('Active', { exact: true }).waitFor();
    await check('restored table');
    await close();
    assert.equal(await count(server, `Users-${mode}`), 100);
    assert.equal(await count(server, 'Users'), 100);
  });

  test(`a backup is deleted after typing delete (${mode})`, async () => {
    const { page, check, close } = await openConsole(browser, server.url, {
      mode,
    });
    await navigate(page, 'Backups');
    await page
      .getByRole('row', { name: new RegExp(`walk-${mode}`) })
      .getByRole('checkbox')
      .check();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    const dialog = page.getByRole('dialog');
    const button = dialog.getByRole('button', { name: 'Delete', exact: true });
    await dialog.getByLabel('To confirm, type delete').fill('Delete');
    assert.equal(await button.isEnabled(), false);
    await dialog.getByLabel('To confirm, type delete').fill('delete');
    await check('delete dialog');
    await button.click();
    await page.getByRole('row', { name: new RegExp(`walk-${mode}`) }).waitFor({ state: 'detached' });
    await check('after');
    await close();
    const { BackupSummaries } = await server.send('ListBackups', {
      TableName: 'Users',
    });
    assert.ok(!BackupSummaries.some((one) => one.BackupName === `walk-${mode}`));
  });
}

test('a backup is restored into another Region', async () => {
  const { BackupDetails } = await server.send('CreateBackup', {
    TableName: 'Users',
    BackupName: 'to-another-region',
  });
  const { page, check, close } = await openConsole(browser, server.url);
  await page.evaluate(
    (arn) => (location.hash = `#/restore?backup=${encodeURIComponent(arn)}`),
    BackupDetails.BackupArn,
  );
  await page.getByLabel('Name of restored table').fill('Users');
  await page.getByLabel('Region', { exact: true }).fill('eu-west-1');
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByRole('button', { name: 'Restore table' }).click();
  await page.getByText('Restore job Completed').waitFor();
  await page
    .getByText(/^Table Users in eu-west-1 from to-another-region/)
    .first()
    .waitFor();
  await check('jobs');
  await close();
  assert.equal(await count(server.inRegion('eu-west-1'), 'Users'), 100);
});
