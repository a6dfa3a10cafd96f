// A picture of each page, to be looked at: build/screenshots/PAGE-WIDTH-MODE.png
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { MODES, NARROW, WIDE, launch, openConsole } from './browser.mjs';
import { batch, makeBackupRole, makePoint, makeTable, put, remove, sleep, startServer } from './server.mjs';

const OUT = new URL('../../build/screenshots/', import.meta.url);

let server;
let browser;
let arn;
let point;
let plan;

// A vault with a recovery point, and a plan that makes them.
async function makeVault() {
  const role = await makeBackupRole(server, 'backups');
  await server.backup('CreateBackupVault', { BackupVaultName: 'audit' });
  point = await makePoint(server, 'audit', 'Users', role, { Lifecycle: { DeleteAfterDays: 2555 } });
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
      ListOfTags: [{ ConditionType: 'STRINGEQUALS', ConditionKey: 'stage', ConditionValue: 'production' }],
    },
  });
}

before(async () => {
  mkdirSync(OUT, { recursive: true });
  server = await startServer();
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
