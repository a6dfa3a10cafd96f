// Restore testing, legal holds, frameworks and reports of AWS Backup in the console.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { MODES, NARROW, launch, navigate, openConsole } from './browser.mjs';
import { advance, batch, makeBackupRole, makePoint, makeTable, put, sleep, startServer } from './server.mjs';

let server;
let browser;
let role;
let point;
let reports;
before(async () => {
  reports = mkdtempSync(join(tmpdir(), 'tidemark-reports-'));
  server = await startServer('--test-hooks', '--test-clock', '--report-directory', reports);
  await makeTable(server, 'Users');
  await makeTable(server, 'Orders', 'OrderId');
  await batch(server, 'Users', 100, put);
  role = await makeBackupRole(server, 'backups');
  await server.backup('CreateBackupVault', { BackupVaultName: 'audit' });
  point = await makePoint(server, 'audit', 'Users', role);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.stop();
  rmSync(reports, { recursive: true, force: true });
});

// A run of the plan, to its end.
async function runPlan(arn, count) {
  await advance(server, 3601);
  for (;;) {
    const { RestoreJobs: jobs } = await server.backup('ListRestoreJobs', {
      ByRestoreTestingPlanArn: arn,
    });
    if (jobs.length >= count && jobs.every((job) => job.DeletionStatus === 'SUCCESSFUL')) return;
    await sleep(50);
  }
}

for (const mode of MODES) {
  const suffix = mode === 'light' ? 'a' : 'b';

  test(`a restore testing plan is made, and tells how its restores went (${mode})`, async () => {
    const name = `drill_${suffix}`;
    const { page, check, close } = await openConsole(browser, server.url, {
      mode,
    });
    const dialog = page.getByRole('dialog');
    await navigate(page, 'Restore testing');
    await check('restore testing');
    await page.getByRole('button', { name: 'Create plan' }).first().click();
    await dialog.getByLabel('Plan name').fill(name);
    await dialog.getByLabel('Schedule').fill('cron(0 * ? * * *)');
    await dialog.getByLabel('Objective in seconds').fill('soon');
    assert.equal(await dialog.getByRole('button', { name: 'Create plan' }).isEnabled(), false);
    await dialog.getByLabel('Objective in seconds').fill('600');
    await check('create restore testing plan');
    await dialog.getByRole('button', { name: 'Create plan' }).click();
    await page.getByRole('heading', { level: 1, name }).waitFor();
    await page.getByText('No tests yet').waitFor();
    // Far from the next hour, so that the plan has one run where it is to have one.
    await advance(server, 3660 - ((await advance(server, 0)) % 3600));
    await page.getByRole('button', { name: 'Assign tables' }).first().click();
    await dialog.getByLabel('Selection name').fill('users');
    await dialog.getByText('Tables by name or ARN').click();
    await dialog.getByLabel('Tables', { exact: true }).fill('Users');
    await check('assign tables');
    await dialog.getByRole('button', { name: 'Assign tables' }).click();
    await page.getByRole('row', { name: /users.*table\/Users.*backups/ }).waitFor();

    const answer = await server.backup('GetRestoreTestingPlan', {
      RestoreTestingPlanName: name,
    });
    const arn = answer.RestoreTestingPlan.RestoreTestingPlanArn;
    const tags = await server.backup('ListTags', { ResourceArn: arn });
    assert.deepEqual(tags.Tags, {
      'tidemark:restore-objective-seconds': '600',
    });
    await runPlan(arn, 1);
    await page.getByRole('button', { name: 'Refresh tests' }).click();
    await page
      .getByRole('row', {
        name: /Users.*Completed.* s .*Successful.*has the 100 items.*Removed/,
      })
      .waitFor();
    await page.getByRole('heading', { name: 'How long restores took' }).waitFor();
    await page.getByText('Objective: 10 min 0 s').waitFor();
    assert.equal(await page.locator('svg.restores rect.restores-good').count(), 1);
    await check('restore testing plan');

    // An objective that nothing meets.
    await server.backup('TagResource', {
      ResourceArn: arn,
      Tags: { 'tidemark:restore-objective-seconds': '0.0001' },
    });
    await runPlan(arn, 2);
    await page.reload();
    await page
      .getByRole('row', {
        name: /Failed.*longer than the objective of 0\.0001 s/,
      })
      .waitFor();
    assert.ok((await page.locator('svg.restores rect.restores-bad').count()) >= 1);
    await check('missed objective');

    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await dialog.getByLabel('To confirm, type delete').fill('delete');
    await dialog.getByRole('button', { name: 'Delete plan' }).click();
    await page.getByRole('heading', { level: 1, name: 'Restore testing' }).waitFor();
    await close();
    const left = await server.backup('ListRestoreTestingPlans', {});
    assert.deepEqual(left.RestoreTestingPlans, []);
  });

  test(`a legal hold is made, tells what it holds, and is cancelled (${mode})`, async () => {
    const title = `case-${suffix}`;
    const { page, check, close } = await openConsole(browser, server.url, {
      mode,
    });
    const dialog = page.getByRole('dialog');
    await navigate(page, 'Legal holds');
    await page.getByRole('button', { name: 'Create legal hold' }).first().click();
    await dialog.getByLabel('Title').fill(title);
    await dialog.getByLabel('Description').fill('as counsel asked');
    assert.equal(await dialog.getByRole('button', { name: 'Create legal hold' }).isEnabled(), false);
    await dialog.getByLabel('Made from').fill('2020-01-01');
    await dialog.getByLabel('Made to').fill('2199-12-31');
    await check('create legal hold');
    await dialog.getByRole('button', { name: 'Create legal hold' }).click();
    await check('legal holds');
    await page.getByRole('link', { name: title }).click();
    await page.getByText('made from 2020-01-01 to 2199-12-31').waitFor();
    await page.getByRole('row', { name: /Users.*audit/ }).waitFor();
    await check('legal hold');
    await assert.rejects(
      server.backup('DeleteRecoveryPoint', {
        BackupVaultName: 'audit',
        RecoveryPointArn: point,
      }),
      /legal hold/i,
    );
    await page.getByRole('button', { name: 'Cancel hold' }).click();
    await dialog.getByLabel('Why').fill('settled');
    await dialog.getByLabel('To confirm, type cancel').fill('cancel');
    await dialog.getByRole('button', { name: 'Cancel legal hold' }).click();
    await page.getByText('settled').waitFor();
    await page.getByText('Canceled').waitFor();
    await check('cancelled legal hold');
    await close();
  });

  test(`a framework tells what does not comply, and a report of it is written (${mode})`, async () => {
    const [name, report] = [`mine_${suffix}`, `resources_${suffix}`];
    const { page, check, close } = await openConsole(browser, server.url, {
      mode,
    });
    const dialog = page.getByRole('dialog');
    await navigate(page, 'Frameworks and reports');
    await page.getByRole('button', { name: 'Create framework' }).first().click();
    await dialog.getByLabel('Framework name').fill(name);
    await check('create framework');
    await dialog.getByRole('button', { name: 'Create framework' }).click();
    await page.getByRole('row', { name: new RegExp(`${name}.*of 4 controls not kept`) }).waitFor();
    await check('frameworks');
    await page.getByRole('link', { name }).click();
    await page
      .getByRole('row', {
        name: /table\/Orders.*Tables are in a backup plan.*assign it to one/,
      })
      .waitFor();
    await page.getByRole('row', { name: /Recovery points are kept long.*Compliant/ }).waitFor();
    await check('framework');

    await page.getByRole('link', { name: 'Frameworks and reports' }).first().click();
    await page.getByRole('tab', { name: 'Report plans' }).click();
    await page.getByRole('button', { name: 'Create report plan' }).first().click();
    await dialog.getByLabel('Report plan name').fill(report);
    await dialog.getByRole('button', { name: /^What it tells/ }).click();
    await page.getByRole('option', { name: 'Compliance of resources' }).click();
    await dialog.getByLabel('Bucket').fill('office');
    await check('create report plan');
    await dialog.getByRole('button', { name: 'Create report plan' }).click();
    await page.getByRole('radio', { name: `Select ${report}` }).check();
    await check('report plans');
    await page.getByRole('button', { name: 'Write report now' }).click();
    await page
      .getByRole('row', {
        name: new RegExp(`Completed.*Compliance of resources.*${report}_.*csv`),
      })
      .waitFor();
    await check('report jobs');
    await close();
    const { ReportJobs: jobs } = await server.backup('ListReportJobs', {
      ByReportPlanName: report,
    });
    const text = readFileSync(join(reports, 'office', jobs[0].ReportDestination.S3Keys[0]), 'utf8');
    assert.match(text, new RegExp(`${name},,BACKUP_RESOURCES_PROTECTED_BY_BACKUP_PLAN,Orders,.*NON_COMPLIANT`));
    await server.backup('DeleteFramework', { FrameworkName: name });
    await server.backup('DeleteReportPlan', { ReportPlanName: report });
  });

  test(`on a narrow screen nothing is wider than it (${mode})`, async () => {
    const { page, check, close } = await openConsole(browser, server.url, {
      mode,
      viewport: NARROW,
    });
    for (const hash of ['#/restore-testing', '#/legal-holds', '#/audit/frameworks', '#/audit/reports']) {
      await page.evaluate((to) => (location.hash = to), hash);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.waitForLoadState('networkidle');
      await check(`${hash}, narrow`);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `${hash} is ${wide} pixels too wide`);
    }
    await close();
  });
}
