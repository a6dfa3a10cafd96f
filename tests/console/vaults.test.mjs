// AWS Backup in the console: vaults, recovery points, jobs, and the brief's way of deleting what it keeps.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { MODES, NARROW, launch, navigate, openConsole } from './browser.mjs';
import { batch, count, makeBackupRole, makePoint, makeTable, put, startServer } from './server.mjs';

let server;
let browser;
let role;
before(async () => {
  server = await startServer();
  await makeTable(server, 'Users');
  await batch(server, 'Users', 100, put);
  role = await makeBackupRole(server, 'backups');
  for (const mode of MODES)
    await server.inRegion('eu-west-1').backup('CreateBackupVault', { BackupVaultName: `copies-${mode}` });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

async function openVault(page, name) {
  await navigate(page, 'Vaults');
  await page.getByRole('link', { name, exact: true }).click();
  await page.getByRole('heading', { level: 1, name }).waitFor();
}

async function choose(page, label, option) {
  await page.getByRole('button', { name: label }).click();
  await page.getByRole('option', { name: option, exact: true }).click();
}

for (const mode of MODES) {
  const vault = `audit-${mode}`;

  test(`a vault is created, and a table backed up into it (${mode})`, async () => {
    const { page, check, close } = await openConsole(browser, server.url, { mode });
    await navigate(page, 'Vaults');
    await check('vaults');
    await page.getByRole('button', { name: 'Create vault' }).first().click();
    await page.getByRole('dialog').getByLabel('Vault name').fill(vault);
    await check('create vault');
    await page.getByRole('dialog').getByRole('button', { name: 'Create vault' }).click();
    await page.getByRole('link', { name: vault, exact: true }).click();
    await page.getByText('No recovery points').waitFor();
    await check('empty vault');
    await page.getByRole('button', { name: 'Create on-demand backup' }).first().click();
    await choose(page, /^Table/, 'Users');
    await page.getByLabel('Move to cold storage after days').fill('30');
    await page.getByLabel('Delete after days').fill('60');
    await page.getByText('At least 120: what moves to cold storage stays there for 90 days').waitFor();
    await page.getByLabel('Move to cold storage after days').fill('');
    assert.equal(await page.getByLabel('Role', { exact: true }).inputValue(), role);
    await check('on-demand backup');
    await page.getByRole('button', { name: 'Create on-demand backup' }).click();
    await page.getByRole('heading', { level: 1, name: 'AWS Backup jobs' }).waitFor();
    await page.getByText('Backup job Completed').waitFor();
    const row = page.getByRole('row', { name: new RegExp(`Completed.*Users.*${vault}`) });
    await row.getByText('On demand').waitFor();
    await check('backup jobs');
    await row.getByRole('link').first().click();
    await page.getByRole('heading', { level: 1, name: 'Recovery point of Users' }).waitFor();
    await page.getByText('60 days').waitFor();
    await page.getByText('Warm', { exact: true }).waitFor();
    await check('recovery point');
    await close();
    const { RecoveryPoints: points } = await server.backup('ListRecoveryPointsByBackupVault', {
      BackupVaultName: vault,
    });
    assert.deepEqual(
      points.map((point) => [point.Status, point.IamRoleArn, point.Lifecycle.DeleteAfterDays]),
      [['COMPLETED', role, 60]],
    );
  });

  test(`a recovery point is restored, and its life changed (${mode})`, async () => {
    const { page, check, close } = await openConsole(browser, server.url, { mode });
    await openVault(page, vault);
    const row = page.getByRole('row', { name: /Users/ });
    await row.getByRole('checkbox').check();
    await page.getByRole('button', { name: 'Edit lifecycle' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Delete after days').fill('2555');
    await check('edit lifecycle');
    await dialog.getByRole('button', { name: 'Save lifecycle' }).click();
    await row.getByText('2,555 days').waitFor();
    await page.getByRole('button', { name: 'Restore', exact: true }).click();
    const name = page.getByLabel('Name of restored table');
    assert.match(await name.inputValue(), /^Users-Restored-\d{8}-\d{4}$/);
    await name.fill('Users');
    await page.getByText('There is a table Users already').waitFor();
    await name.fill(`Again-${mode}`);
    await check('restore recovery point');
    await page.getByRole('button', { name: 'Restore table' }).click();
    await page.getByText('Restore job Completed').waitFor();
    await page
      .getByRole('row', { name: /Completed.*Users/ })
      .first()
      .waitFor();
    await check('restore jobs');
    await navigate(page, 'Protected resources');
    await check('protected resources');
    await page.getByRole('link', { name: 'Users', exact: true }).click();
    await page.getByText(/took 1 minute at most/).waitFor();
    await page.getByRole('row', { name: new RegExp(vault) }).waitFor();
    await check('protected resource');
    await close();
    assert.equal(await count(server, `Again-${mode}`), 100);
  });

  test(`a recovery point is copied into another Region (${mode})`, async () => {
    const { page, check, close } = await openConsole(browser, server.url, { mode });
    const dialog = page.getByRole('dialog');
    await openVault(page, vault);
    await page.getByRole('row', { name: /Users/ }).getByRole('checkbox').check();
    await page.getByRole('button', { name: 'Copy', exact: true }).click();
    await dialog.getByLabel('Destination vault').fill(`copies-${mode}`);
    await dialog.getByLabel('Destination Region').fill('eu-west-1');
    await dialog.getByLabel('Delete after days').fill('90');
    await check('copy recovery point');
    await dialog.getByRole('button', { name: 'Copy', exact: true }).click();
    await page.getByText('Copy job Completed').waitFor();
    await page.getByRole('row', { name: new RegExp(`Completed.*copies-${mode} in eu-west-1`) }).waitFor();
    await check('copy jobs');
    await close();
    const { RecoveryPoints: points } = await server
      .inRegion('eu-west-1')
      .backup('ListRecoveryPointsByBackupVault', { BackupVaultName: `copies-${mode}` });
    assert.deepEqual(
      points.map((point) => [point.Status, point.Lifecycle.DeleteAfterDays]),
      [['COMPLETED', 90]],
    );
  });

  test(`what AWS Backup keeps is deleted in its vault (${mode})`, async () => {
    const arn = await makePoint(server, vault, 'Users', role);
    const { page, check, close } = await openConsole(browser, server.url, { mode });
    await navigate(page, 'Backups');
    await page.getByRole('checkbox', { name: `Select ${arn}` }).check();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await check('continue to AWS Backup');
    await page.getByRole('dialog').getByRole('button', { name: 'Continue to AWS Backup' }).click();
    await page.getByRole('heading', { level: 1, name: vault }).waitFor();
    const box = page.getByRole('checkbox', { name: `Select ${arn}` });
    await box.waitFor();
    assert.ok(await box.isChecked());
    await check('vault with the point selected');
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    const dialog = page.getByRole('dialog');
    const button = dialog.getByRole('button', { name: 'Delete recovery point' });
    await dialog.getByText(arn).waitFor();
    await dialog.getByLabel('To confirm, type delete').fill('Delete');
    assert.equal(await button.isEnabled(), false);
    await dialog.getByLabel('To confirm, type delete').fill('delete');
    await check('delete recovery point');
    await button.click();
    await box.waitFor({ state: 'detached' });
    await check('after');
    await close();
    const { RecoveryPoints: points } = await server.backup('ListRecoveryPointsByBackupVault', {
      BackupVaultName: vault,
    });
    assert.ok(!points.some((point) => point.RecoveryPointArn === arn));
  });

  test(`a vault has a policy and a lock (${mode})`, async () => {
    const { page, check, close } = await openConsole(browser, server.url, { mode });
    const dialog = page.getByRole('dialog');
    await openVault(page, vault);
    await page.getByRole('tab', { name: 'Access policy' }).click();
    await page.getByText('This vault has no access policy').waitFor();
    await page.getByRole('button', { name: 'Edit policy' }).click();
    await dialog.getByRole('button', { name: 'Template: nobody deletes recovery points' }).click();
    await dialog.getByText('Denies backup:DeleteRecoveryPoint on everything to everybody').waitFor();
    await check('edit policy');
    await dialog.getByRole('button', { name: 'Save policy' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByText('Denies backup:DeleteRecoveryPoint on everything to everybody').waitFor();
    await check('policy');
    await page.getByRole('button', { name: 'Delete policy' }).press('Enter');
    await dialog.getByLabel('To confirm, type delete').press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Delete policy' }).press('Enter');
    await dialog.getByLabel('To confirm, type delete').pressSequentially('delete');
    await dialog.getByLabel('To confirm, type delete').press('Enter');
    await page.getByText('This vault has no access policy').waitFor();

    await page.getByRole('tab', { name: 'Lock' }).click();
    await page.getByRole('button', { name: 'Set lock' }).click();
    await dialog.getByLabel('Shortest life in days').fill('7');
    await dialog.getByLabel('Compliance').check();
    const button = dialog.getByRole('button', { name: 'Set lock' });
    await dialog.getByText(/nobody can change or take away this lock, root included/).waitFor();
    assert.equal(await button.isEnabled(), false);
    await check('lock');
    await dialog.getByLabel('To confirm, type lock').fill('lock');
    await button.click();
    await page.getByText(/Compliance: until .* the lock can be changed or taken away/).waitFor();
    await check('locked');
    await page.getByRole('button', { name: 'Remove lock' }).click();
    await dialog.getByLabel('To confirm, type unlock').fill('unlock');
    await dialog.getByRole('button', { name: 'Remove lock' }).click();
    await page.getByText('Not locked: who has the permission').waitFor();
    await close();
  });

  test(`an air-gapped vault says what it is (${mode})`, async () => {
    const { page, check, close } = await openConsole(browser, server.url, { mode });
    const name = `gap-${mode}`;
    await navigate(page, 'Vaults');
    await page.getByRole('button', { name: 'Create vault' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Vault name').fill(name);
    await dialog.getByRole('radio', { name: /Logically air-gapped vault/ }).check();
    const create = dialog.getByRole('button', { name: 'Create vault' });
    await dialog.getByLabel('Longest life in days').fill('6');
    await dialog.getByText('A whole number of days, not less than the shortest').waitFor();
    assert.ok(await create.isDisabled());
    await dialog.getByLabel('Longest life in days').fill('365');
    await check('create an air-gapped vault');
    await create.click();
    await page.getByRole('row', { name: new RegExp(`${name}.*Logically air-gapped.*Compliance, for good`) }).waitFor();
    await page.getByRole('link', { name, exact: true }).click();
    await page.getByText(/of lives of 7 to 365 days, and nobody can delete them before that/).waitFor();
    await page.getByText(/under a key that belongs to no account/).waitFor();
    assert.equal(await page.getByRole('button', { name: 'Create on-demand backup' }).count(), 0);
    await check('air-gapped vault');
    await close();
    const vault = await server.backup('DescribeBackupVault', { BackupVaultName: name });
    assert.deepEqual(
      [vault.VaultType, vault.MinRetentionDays, vault.MaxRetentionDays, vault.EncryptionKeyType],
      ['LOGICALLY_AIR_GAPPED_BACKUP_VAULT', 7, 365, 'AWS_OWNED_KMS_KEY'],
    );
  });

  test(`vaults can be used on a narrow screen (${mode})`, async () => {
    const { page, check, close } = await openConsole(browser, server.url, { mode, viewport: NARROW });
    await page.getByRole('button', { name: 'Open side navigation' }).click();
    await openVault(page, vault);
    await page.getByRole('row', { name: /Users/ }).waitFor();
    await check('vault');
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, `the page is ${wide} pixels too wide`);
    await close();
  });
}

test('a job that fails says why', async () => {
  await server.backup('CreateBackupVault', { BackupVaultName: 'empty' });
  const { Role: idle } = await server.iam('CreateRole', {
    RoleName: 'idle',
    AssumeRolePolicyDocument: JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 'backup.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    }),
  });
  const { page, check, close } = await openConsole(browser, server.url);
  await page.evaluate(() => (location.hash = '#/vault-jobs/create?table=Users&vault=empty'));
  await page.getByLabel('Role', { exact: true }).fill('arn:aws:iam::123456789012:user/ann');
  await page.getByText('This is not the ARN of a role').waitFor();
  await page.getByLabel('Role', { exact: true }).fill(idle.Arn);
  await page.getByRole('button', { name: 'Create on-demand backup' }).click();
  await page.getByText('Backup job Failed').waitFor();
  await page.getByRole('row', { name: /Failed.*not authorized to perform: dynamodb:CreateBackup.*empty/ }).waitFor();
  await check('a failed job');
  await close();
  const { RecoveryPoints: points } = await server.backup('ListRecoveryPointsByBackupVault', {
    BackupVaultName: 'empty',
  });
  assert.deepEqual(points, []);
});

// The last one: it leaves the page in another Region.
test('a role is made where there is none, and a refused deletion says why', async () => {
  const abroad = server.inRegion('eu-west-1');
  await abroad.backup('CreateBackupVault', { BackupVaultName: 'held' });
  await makeTable(abroad, 'Users');
  const held = await makePoint(abroad, 'held', 'Users', role);
  await abroad.backup('PutBackupVaultLockConfiguration', { BackupVaultName: 'held', MinRetentionDays: 1 });
  const { page, check, close } = await openConsole(browser, server.url);
  const dialog = page.getByRole('dialog');
  await page.evaluate(() => (location.hash = '#/vault-jobs/create?table=Users&vault=audit-light'));
  await page.getByRole('button', { name: 'Create role' }).click();
  await dialog.getByLabel('Role name').fill('made-here');
  await check('create role');
  await dialog.getByRole('button', { name: 'Create role' }).click();
  await dialog.waitFor({ state: 'detached' });
  assert.match(await page.getByLabel('Role', { exact: true }).inputValue(), /role\/made-here$/);
  await page.getByRole('button', { name: 'Create on-demand backup' }).click();
  await page.getByText('Backup job Completed').waitFor();
  await check('made as the new role');

  await page.getByRole('button', { name: 'Region us-east-1' }).first().click();
  await dialog.getByLabel('Region').fill('eu-west-1');
  await dialog.getByRole('button', { name: 'Change Region' }).click();
  await openVault(page, 'held');
  await page.getByRole('checkbox', { name: `Select ${held}` }).check();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await dialog.getByText('Vault held is locked').waitFor();
  await check('delete from a locked vault');
  await dialog.getByLabel('To confirm, type delete').fill('delete');
  await dialog.getByRole('button', { name: 'Delete recovery point' }).click();
  await dialog.getByText(/Recovery points cannot be deleted while backup vault held is locked/).waitFor();
  await close();
});
