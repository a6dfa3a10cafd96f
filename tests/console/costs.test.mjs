// Costs: the month's bill in all its forms, what if, estimates in forms, and advice on the dashboard.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { MODES, NARROW, launch, navigate, openConsole } from './browser.mjs';
import { batch, makeBackupRole, makePoint, makeTable, sleep, startServer, switchRecoveryOn } from './server.mjs';

const SIZE = 50_000; // bytes of an item

let server;
let browser;
before(async () => {
  server = await startServer('--test-hooks', '--test-clock');
  await makeTable(server, 'Users', 'UserId', false);
  await makeTable(server, 'Bare', 'UserId', false);
  await batch(server, 'Users', 100, (n) => ({
    PutRequest: { Item: { UserId: { S: `user-${n}` }, Text: { S: 'x'.repeat(SIZE) } } },
  }));
  // Recovery is metered by the size that the table has when it is switched on, or an hour begins.
  await switchRecoveryOn(server, 'Users');
  await server.send('TagResource', {
    ResourceArn: 'arn:aws:dynamodb:us-east-1:123456789012:table/Users',
    Tags: [{ Key: 'team', Value: 'people' }],
  });
  const { BackupDetails } = await server.send('CreateBackup', { TableName: 'Users', BackupName: 'before-release' });
  const statusOf = async ({ BackupArn }) =>
    (await server.send('DescribeBackup', { BackupArn })).BackupDescription.BackupDetails.BackupStatus;
  while ((await statusOf(BackupDetails)) !== 'AVAILABLE') await sleep(50);
  await server.send('RestoreTableFromBackup', {
    TargetTableName: 'Again',
    BackupArn: BackupDetails.BackupArn,
  });
  while ((await server.send('DescribeTable', { TableName: 'Again' })).Table.TableStatus !== 'ACTIVE') await sleep(50);
  const role = await makeBackupRole(server, 'backups');
  await server.backup('CreateBackupVault', { BackupVaultName: 'audit' });
  await makePoint(server, 'audit', 'Users', role);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

async function choose(page, label, option) {
  await page.getByRole('button', { name: label }).click();
  await page.getByRole('option', { name: option, exact: true }).click();
}

async function downloaded(page, button) {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: button }).click(),
  ]);
  return { name: download.suggestedFilename(), text: readFileSync(await download.path(), 'utf8') };
}

const columnsOf = async (row) => (await row.getByRole('cell').allTextContents()).map((text) => text.trim());

test('a price is set and taken back', async () => {
  const { page, check, complaints, close } = await openConsole(browser, server.url, { mode: 'light' });
  await navigate(page, 'Costs');
  const prices = page.getByRole('table', { name: 'Prices' });
  const imports = prices.getByRole('row', { name: /Imports/ });
  await imports.getByRole('radio').check();
  await page.getByRole('button', { name: 'Set price' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('US dollars for a GB').fill('much');
  await dialog.getByText('A decimal number like 0.25').waitFor();
  await dialog.getByLabel('US dollars for a GB').fill('0.42');
  await dialog.getByLabel('From').fill('2026-01-02');
  await dialog.getByRole('button', { name: 'Set price' }).click();
  await dialog.getByText(/keeps its prices: write/).waitFor();
  assert.match(complaints.join(), /status of 400/);
  complaints.length = 0;
  await dialog.getByLabel('From').fill(new Date().toISOString().slice(0, 10));
  await dialog.getByRole('button', { name: 'Set price' }).click();
  await dialog.waitFor({ state: 'hidden' });
  await prices.getByRole('row', { name: /Imports.*\$0\.42.*Set by the operator/ }).waitFor();
  await check();
  await page.getByRole('button', { name: 'Reset' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Reset' }).click();
  await prices.getByRole('row', { name: /Imports.*\$0\.42/ }).waitFor({ state: 'detached' });
  await close();
});

for (const mode of MODES) {
  test(`a month's bill is told apart and exported (${mode})`, async () => {
    const { page, check, close } = await openConsole(browser, server.url, { mode });
    await navigate(page, 'Costs');
    await page.getByText(/By prices of 20\d\d-\d\d-\d\d, in US dollars/).waitFor();
    await page.getByText('At the end of the month, if nothing changes').waitFor();
    const kinds = page.getByRole('table', { name: 'By kind' });
    for (const kind of ['On-demand backups', 'Point-in-time recovery', 'Recovery points, warm', 'Restores'])
      await kinds.getByRole('row', { name: new RegExp(`^${kind}`) }).waitFor();
    const recovery = await columnsOf(kinds.getByRole('row', { name: /^Point-in-time recovery/ }));
    assert.ok(recovery.includes('$0.20'), recovery.join());
    assert.ok(recovery.includes('4.78 MiB') || recovery.includes('4.77 MiB'), recovery.join());
    await page.getByRole('button', { name: /^As a table/ }).click();
    await page.getByRole('table', { name: 'Costs by day' }).getByRole('row').nth(1).waitFor();
    await check('costs');

    await page.getByRole('table', { name: 'By table' }).getByRole('link', { name: 'Users' }).waitFor();
    await choose(page, /^One line for each/, 'Table and kind');
    const lines = page.getByRole('table', { name: 'By table and kind' });
    await lines.getByRole('row', { name: /Users.*On-demand backups/ }).waitFor();
    const csv = await downloaded(page, 'Export CSV');
    assert.match(csv.name, /^tidemark-costs-\d{4}-\d\d\.csv$/);
    assert.match(csv.text, /^Region,Table,Kind,Cost,GigabyteMonths,OnceBytes,LogicalBytes,PhysicalBytes\n/);
    assert.match(csv.text, /^us-east-1,Users,ON_DEMAND,/m);
    const json = await downloaded(page, 'Export JSON');
    const bill = JSON.parse(json.text);
    const asked = bill.Groups.find((group) => group.Table === 'Users' && group.Kind === 'ON_DEMAND');
    const size = (await server.send('DescribeTable', { TableName: 'Users' })).Table.TableSizeBytes;
    assert.equal(asked.LogicalBytes, size);

    await choose(page, /^One line for each/, 'Tag of the table');
    await page.getByText('Write the key of a tag.').waitFor();
    await page.getByLabel('Tag key').fill('team');
    await page.getByRole('row', { name: /^people/ }).waitFor();
    await page.getByRole('button', { name: 'Show as' }).last().click();
    await page.getByText(/^tidemark costs --by tag:team --endpoint /).waitFor();
    await check('costs by tag');
    await close();
  });

  test(`another month has its own bill (${mode})`, async () => {
    const { page, check, close } = await openConsole(browser, server.url, { mode });
    await navigate(page, 'Costs');
    const now = new Date();
    const before_ = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 1, 1)).toISOString().slice(0, 7);
    await choose(page, /^Month/, before_);
    await page.getByRole('heading', { level: 2, name: before_ }).waitFor();
    await page.getByText('Nothing was kept or restored in this month.').first().waitFor();
    assert.equal(await page.getByText('At the end of the month, if nothing changes').count(), 0);
    await check('another month');
    await close();
  });

  test(`what if backups were kept otherwise (${mode})`, async () => {
    const { page, check, close } = await openConsole(browser, server.url, { mode });
    await navigate(page, 'Costs');
    await choose(page, /^Table(?! and)/, 'Users');
    await page.getByText('Saved this month if recovery is switched off now').waitFor();
    await page.getByText(/for 30 backups$/).waitFor();
    await page.getByLabel('Delete after days').fill('365');
    await page.getByLabel('A backup every days').fill('30');
    await page.getByLabel('Move to cold storage after days').fill('30');
    await page.getByText(/for 13 backups, 12 of them cold$/).waitFor();
    await check('what if');
    await close();
  });

  test(`forms tell what they cost (${mode})`, async () => {
    const { page, check, close } = await openConsole(browser, server.url, { mode });
    const forms = {
      '#/backups/create?table=Users': /^At AWS: under \$0\.01 a month for as long as it is kept, by prices of 2026/,
      '#/vault-jobs/create?table=Users&vault=audit': /^At AWS: under \$0\.01 a month for as long as it is kept warm/,
    };
    for (const [hash, text] of Object.entries(forms)) {
      await page.evaluate((to) => (location.hash = to), hash);
      await page.getByText(text).waitFor();
      await check(hash);
    }
    await page.evaluate(() => (location.hash = '#/tables/Bare/backups'));
    await page.getByRole('button', { name: 'Turn on', exact: true }).click();
    await page.getByText(/^At AWS: \$0\.00 a month while it is on/).waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.evaluate(() => (location.hash = '#/plans/create'));
    await choose(page, /^For a table as large as/, 'Users');
    await page.getByText(/under \$0\.01 for 30 backups|\$0\.\d\d for 30 backups/).waitFor();
    await check('create plan');
    await close();
  });

  test(`advice names what is lacking and where it is mended (${mode})`, async () => {
    const { page, check, close } = await openConsole(browser, server.url, { mode });
    const advice = page.getByRole('table', { name: 'Advice' });
    await advice.getByRole('row', { name: /High.*Table Bare has no point-in-time recovery/ }).waitFor();
    await advice.getByText(/^tidemark serve \.\.\. --backup-store/).waitFor(); // no page does that
    await check('dashboard');
    await page.getByLabel('Filter findings').fill('Vault audit');
    await advice.getByRole('link', { name: 'Lock the vault' }).click();
    await page.getByRole('heading', { level: 1, name: 'audit' }).waitFor();
    await navigate(page, 'Dashboard');
    await page.getByLabel('Filter findings').fill('Table Bare has no backup');
    await advice.getByRole('link', { name: 'Create backup' }).click();
    await page.getByRole('heading', { level: 1, name: 'Create backup' }).waitFor();
    await close();
  });

  test(`costs can be read on a narrow screen (${mode})`, async () => {
    const { page, check, close } = await openConsole(browser, server.url, { mode, viewport: NARROW });
    await page.getByRole('button', { name: 'Open side navigation' }).click();
    await navigate(page, 'Costs');
    await page.getByText('At the end of the month, if nothing changes').waitFor();
    await check('costs');
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, `the page is ${wide} pixels too wide`);
    await close();
  });
}
