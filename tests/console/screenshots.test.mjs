// A picture of each page, to be looked at: build/screenshots/PAGE-WIDTH-MODE.png
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { MODES, NARROW, WIDE, launch, openConsole } from './browser.mjs';
import { advance, batch, makeBackupRole, makePoint, makeTable, put, remove, sleep, startServer } from './server.mjs';

const OUT = new URL('../../build/screenshots/', import.meta.url);

let server;
let browser;
let arn;
let point;
let plan;
let hold;

// A vault with a recovery point, and a plan that makes them.
async function makeVault() {
  const role = await makeBackupRole(server, 'backups');
  await server.backup('CreateBackupVault', { BackupVaultName: 'audit' });
  point = await makePoint(server, 'audit', 'Users', role, {
    Lifecycle: { DeleteAfterDays: 2555 },
  });
  ({ BackupPlanId: plan } = await server.backup('CreateBackupPlan', {
    BackupPlan: {
      BackupPlanName: 'nightly',
      Rules: [
        {
          RuleName: 'nightly',
          TargetBackupVaultName: 'audit',
          ScheduleExpression: 'cron(30 2 ? * * *)',
          ScheduleExpressionTimezone: 'America/New_York',
          Lifecycle: { DeleteAfterDays: 30 },
        },
      ],
    },
  }));
  await server.backup('CreateBackupSelection', {
    BackupPlanId: plan,
    BackupSelection: {
      SelectionName: 'production',
      IamRoleArn: role,
      ListOfTags: [
        {
          ConditionType: 'STRINGEQUALS',
          ConditionKey: 'stage',
          ConditionValue: 'production',
        },
      ],
    },
  });
}

// What watches over them: tests of restores, a hold, a framework, reports.
async function makeAudit() {
  const role = await makeBackupRole(server, 'testers');
  const which = { RestoreTestingPlanName: 'hourly' };
  const made = await server.backup('CreateRestoreTestingPlan', {
    RestoreTestingPlan: {
      ...which,
      ScheduleExpression: 'cron(0 * ? * * *)',
      RecoveryPointSelection: {
        Algorithm: 'LATEST_WITHIN_WINDOW',
        IncludeVaults: ['*'],
        RecoveryPointTypes: ['SNAPSHOT'],
      },
    },
    Tags: { 'tidemark:restore-objective-seconds': '0.1' },
  });
  await server.backup('CreateRestoreTestingSelection', {
    ...which,
    RestoreTestingSelection: {
      RestoreTestingSelectionName: 'all',
      ProtectedResourceType: 'DynamoDB',
      ProtectedResourceArns: ['*'],
      IamRoleArn: role,
    },
  });
  for (let count = 1; count <= 3; count += 1) {
    await advance(server, 3601);
    for (;;) {
      const filter = { ByRestoreTestingPlanArn: made.RestoreTestingPlanArn };
      const { RestoreJobs: jobs } = await server.backup('ListRestoreJobs', filter);
      if (jobs.length >= count && jobs.every((job) => job.DeletionStatus === 'SUCCESSFUL')) break;
      await sleep(50);
    }
  }
  ({ LegalHoldId: hold } = await server.backup('CreateLegalHold', {
    Title: 'case-7',
    Description: 'as counsel asked',
    RecoveryPointSelection: { VaultNames: ['audit'] },
  }));
  await server.backup('CreateFramework', {
    FrameworkName: 'protected',
    FrameworkControls: [
      { ControlName: 'BACKUP_RESOURCES_PROTECTED_BY_BACKUP_PLAN' },
      { ControlName: 'BACKUP_LAST_RECOVERY_POINT_CREATED' },
      { ControlName: 'BACKUP_RECOVERY_POINT_MINIMUM_RETENTION_CHECK' },
    ],
  });
  await server.backup('CreateReportPlan', {
    ReportPlanName: 'jobs',
    ReportSetting: { ReportTemplate: 'BACKUP_JOB_REPORT' },
    ReportDeliveryChannel: { S3BucketName: 'office' },
  });
  await server.backup('StartReportJob', { ReportPlanName: 'jobs' });
}

before(async () => {
  mkdirSync(OUT, { recursive: true });
  server = await startServer('--test-hooks', '--test-clock');
  await makeTable(server, 'Users');
  await makeTable(server, 'Orders', 'OrderId', false);
  await batch(server, 'Users', 300, put);
  ({
    BackupDetails: { BackupArn: arn },
  } = await server.send('CreateBackup', {
    TableName: 'Users',
    BackupName: 'before-release',
  }));
  await makeVault();
  await makeAudit();
  await sleep(1500);
  await batch(server, 'Users', 200, remove);
  await sleep(1200);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const tablePages = () => ({
  dashboard: '#/dashboard',
  costs: '#/costs',
  tables: '#/tables',
  table: '#/tables/Users',
  'table-backups': '#/tables/Users/backups',
  'time-machine': '#/tables/Users/past',
  explore: '#/explore/Users',
  item: `#/item/Users?key=${encodeURIComponent('{"UserId":{"S":"user-250"}}')}`,
  backups: '#/backups',
  backup: `#/backups/${encodeURIComponent(arn)}`,
  'create-backup': '#/backups/create?table=Users',
  'restore-backup': `#/restore?backup=${encodeURIComponent(arn)}`,
  'restore-past': '#/restore?table=Users',
  jobs: '#/jobs',
  users: '#/access/users',
  groups: '#/access/groups',
  policies: '#/access/policies',
  simulate: '#/access/simulate',
  server: '#/server',
});

const vaultPages = () => ({
  vaults: '#/vaults',
  vault: '#/vaults/audit',
  'vault-policy': '#/vaults/audit/policy',
  'vault-lock': '#/vaults/audit/lock',
  'recovery-point': `#/vaults/audit/points/${encodeURIComponent(point)}`,
  'restore-point': `#/vaults/audit/restore/${encodeURIComponent(point)}`,
  'vault-backup': '#/vault-jobs/create?table=Users&vault=audit',
  'vault-jobs': '#/vault-jobs',
  plans: '#/plans',
  plan: `#/plans/${plan}`,
  'create-plan': '#/plans/create',
  protected: '#/protected',
  'restore-testing': '#/restore-testing',
  'restore-testing-plan': '#/restore-testing/hourly',
  'legal-holds': '#/legal-holds',
  'legal-hold': `#/legal-holds/${hold}`,
  frameworks: '#/audit',
  framework: '#/audit/frameworks/protected',
  'report-plans': '#/audit/reports',
  'report-jobs': '#/audit/report-jobs',
});

const PARTS = { tables: tablePages, 'AWS Backup': vaultPages };

for (const mode of MODES) {
  for (const viewport of [WIDE, NARROW]) {
    for (const [part, pages] of Object.entries(PARTS)) {
      test(`pictures of ${part} at ${viewport.width} pixels (${mode})`, async () => {
        const { page, check, close } = await openConsole(browser, server.url, {
          mode,
          viewport,
        });
        for (const [name, hash] of Object.entries(pages())) {
          await page.evaluate((to) => (location.hash = to), hash);
          await page.getByRole('heading', { level: 1 }).waitFor();
          await page.waitForLoadState('networkidle');
          if (name === 'time-machine') {
            await page
              .getByRole('button', { name: /Just before/ })
              .first()
              .click();
            await page.getByText('Some items as they were').waitFor();
          }
          await page.screenshot({
            path: new URL(`${name}-${viewport.width}-${mode}.png`, OUT).pathname,
            fullPage: true,
          });
          await check(name);
          const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          assert.ok(wide <= 0, `${name} is ${wide} pixels too wide`);
        }
        await close();
      });
    }
  }
}
