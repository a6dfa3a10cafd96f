// Plans in the console: made from a template, assigned tables, changed, deleted.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { MODES, NARROW, launch, navigate, openConsole } from './browser.mjs';
import { makeBackupRole, startServer } from './server.mjs';

const COPIES = 'arn:aws:backup:eu-west-1:123456789012:backup-vault:copies';

// Where to, and for how many days.
const copiesOf = (rule) =>
  (rule.CopyActions ?? []).map((copy) => [copy.DestinationBackupVaultArn, copy.Lifecycle?.DeleteAfterDays]);

let server;
let browser;
let role;
before(async () => {
  server = await startServer();
  role = await makeBackupRole(server, 'backups');
  await server.backup('CreateBackupVault', { BackupVaultName: 'audit' });
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

async function planNamed(name) {
  const { BackupPlansList: plans } = await server.backup('ListBackupPlans', {});
  const found = plans.find((plan) => plan.BackupPlanName === name);
  if (!found) return undefined;
  return server.backup('GetBackupPlan', { BackupPlanId: found.BackupPlanId });
}

for (const mode of MODES) {
  const name = `daily-${mode}`;

  test(`a plan is made and tables are assigned to it (${mode})`, async () => {
    const { page, check, close } = await openConsole(browser, server.url, { mode });
    const dialog = page.getByRole('dialog');
    await navigate(page, 'Plans');
    await check('plans');
    await page.getByRole('button', { name: 'Create plan' }).first().click();
    await page.getByLabel('Plan name').fill(name);
    await choose(page, /^Vault/, 'audit');
    await page.getByLabel('Schedule', { exact: true }).fill('cron(30 2 ? * MON-FRI *)');
    await page.getByText('At 02:30, Monday through Friday').waitFor();
    await page.getByLabel('Time zone').fill('America/New_York');
    await page.getByLabel('Copy to vaults').fill('no ARN');
    assert.equal(await page.getByRole('button', { name: 'Create plan' }).isEnabled(), false);
    await page.getByLabel('Copy to vaults').fill(COPIES);
    await check('create plan');
    await page.getByRole('button', { name: 'Create plan' }).click();
    await page.getByRole('heading', { level: 1, name }).waitFor();
    await page.getByText('At 02:30, Monday through Friday, America/New_York').waitFor();
    await page.getByText('copies in eu-west-1, account 123456789012: 30 days').waitFor();
    await page.getByText('The next 10 runs, UTC').waitFor();
    await check('plan');

    await page.getByRole('button', { name: 'Assign resources' }).first().click();
    await dialog.getByLabel('Selection name').fill('production');
    await dialog.getByLabel('Tag key').fill('stage');
    await dialog.getByLabel('Tag value').fill('production');
    await check('assign resources');
    await dialog.getByRole('button', { name: 'Assign resources' }).click();
    await page.getByRole('row', { name: /production.*tag stage = production.*backups/ }).waitFor();
    await check('assigned');
    await close();

    const plan = await planNamed(name);
    const [rule] = plan.BackupPlan.Rules;
    assert.equal(rule.ScheduleExpressionTimezone, 'America/New_York');
    assert.deepEqual([rule.TargetBackupVaultName, rule.Lifecycle.DeleteAfterDays], ['audit', 30]);
    assert.deepEqual(copiesOf(rule), [[COPIES, 30]]);
    const { BackupSelectionsList: selections } = await server.backup('ListBackupSelections', {
      BackupPlanId: plan.BackupPlanId,
    });
    assert.deepEqual(
      selections.map((one) => [one.SelectionName, one.IamRoleArn]),
      [['production', role]],
    );
  });

  test(`a plan is changed, and keeps what the form does not show (${mode})`, async () => {
    const before_ = await planNamed(name);
    const rules = before_.BackupPlan.Rules.map(({ RuleId: _, ...rule }) => ({
      ...rule,
      RecoveryPointTags: { made: 'by plan' },
    }));
    await server.backup('UpdateBackupPlan', {
      BackupPlanId: before_.BackupPlanId,
      BackupPlan: { BackupPlanName: name, Rules: rules },
    });
    const { page, check, close } = await openConsole(browser, server.url, { mode });
    await navigate(page, 'Plans');
    await page.getByRole('link', { name, exact: true }).click();
    await page.getByRole('button', { name: 'Edit plan' }).click();
    await page.getByLabel('Delete after days').fill('35');
    await page.getByRole('button', { name: 'Add rule' }).click();
    await page.getByLabel('Rule name').nth(1).fill('monthly');
    await page
      .getByRole('button', { name: /^How often/ })
      .nth(1)
      .click();
    await page.getByRole('option', { name: 'Monthly', exact: true }).click();
    await page.getByText('At 05:00, on day 1 of the month').waitFor();
    await check('edit plan');
    await page.getByRole('button', { name: 'Save plan' }).click();
    await page.getByRole('heading', { level: 2, name: 'Rule monthly' }).waitFor();
    await check('changed plan');
    await close();
    const { BackupPlan: plan } = await planNamed(name);
    assert.deepEqual(
      plan.Rules.map((rule) => [
        rule.RuleName,
        rule.Lifecycle?.DeleteAfterDays,
        rule.RecoveryPointTags,
        copiesOf(rule),
      ]),
      [
        ['daily', 35, { made: 'by plan' }, [[COPIES, 30]]],
        ['monthly', undefined, undefined, []],
      ],
    );
    assert.equal(plan.Rules[0].RuleId, before_.BackupPlan.Rules[0].RuleId);
  });

  test(`plans can be used on a narrow screen (${mode})`, async () => {
    const { page, check, close } = await openConsole(browser, server.url, { mode, viewport: NARROW });
    await page.getByRole('button', { name: 'Open side navigation' }).click();
    await navigate(page, 'Plans');
    await page.getByRole('link', { name, exact: true }).click();
    await page.getByText('The next 10 runs, UTC').waitFor();
    await check('plan');
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, `the page is ${wide} pixels too wide`);
    await close();
  });

  test(`a plan is deleted with its selections, after typing delete (${mode})`, async () => {
    const { page, check, close } = await openConsole(browser, server.url, { mode });
    const dialog = page.getByRole('dialog');
    await navigate(page, 'Plans');
    await page.getByRole('link', { name, exact: true }).click();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await dialog.getByText('production: tag stage = production').waitFor();
    await dialog.getByLabel('To confirm, type delete').fill('delete');
    await check('delete plan');
    await dialog.getByRole('button', { name: 'Delete plan' }).click();
    await page.getByRole('heading', { level: 1, name: 'Plans' }).waitFor();
    await close();
    assert.equal(await planNamed(name), undefined);
  });
}
