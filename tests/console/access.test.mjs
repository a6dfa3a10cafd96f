// Access: the brief's policy is pasted, attached and tried out; the user it is for signs in.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { MODES, launch, navigate, openConsole, openPage } from './browser.mjs';
import { KEY, REGION, SECRET, makeTable, require, startServer } from './server.mjs';

const POLICY = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["dynamodb:CreateBackup",
"dynamodb:RestoreTableFromBackup","dynamodb:PutItem","dynamodb:UpdateItem","dynamodb:DeleteItem","dynamodb:GetItem",
"dynamodb:Query","dynamodb:Scan","dynamodb:BatchWriteItem"],
"Resource":"arn:aws:dynamodb:us-east-1:123456789012:table/WebSeries"}]}`;

let server;
let browser;
before(async () => {
  server = await startServer();
  await makeTable(server, 'WebSeries', 'Title');
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

async function choose(page, field, option) {
  await page.getByRole('button', { name: new RegExp(`^${field}`) }).click();
  await page.getByRole('option', { name: option }).click();
}

for (const mode of MODES) {
  test(`the brief's policy is created, attached and simulated (${mode})`, async () => {
    const { page, check, close } = await openConsole(browser, server.url, {
      mode,
    });
    await navigate(page, 'Access');
    await page.getByRole('tab', { name: 'Policies' }).click();
    await page.getByRole('button', { name: 'Create policy' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Policy name').fill(`series-${mode}`);
    await dialog.getByLabel('Policy document').fill('{"Version": }');
    assert.equal(await dialog.getByRole('button', { name: 'Create policy' }).isEnabled(), false);
    await dialog.getByLabel('Policy document').fill(POLICY);
    await dialog.getByText(/^Allows dynamodb:CreateBackup, .* on arn:aws:dynamodb:.*WebSeries$/).waitFor();
    await check('create policy');
    await dialog.getByRole('button', { name: 'Create policy' }).click();
    await page.getByRole('row', { name: new RegExp(`series-${mode}`) }).waitFor();
    await check('policies');

    await page.getByRole('tab', { name: 'Users' }).click();
    await page.getByRole('button', { name: 'Create user' }).click();
    await dialog.getByLabel('User name').fill(`ann-${mode}`);
    await dialog.getByRole('button', { name: 'Create user' }).click();
    const row = page.getByRole('row', { name: new RegExp(`ann-${mode}`) });
    await row.getByRole('radio').check();
    await page.getByRole('button', { name: 'Attach policy' }).click();
    await choose(dialog, 'Policy', `series-${mode}`);
    await check('attach policy');
    await dialog.getByRole('button', { name: 'Attach policy' }).click();
    await row.getByText(`series-${mode}`).waitFor();
    await page.getByRole('button', { name: 'Create access key' }).click();
    await dialog.getByRole('button', { name: 'Create access key' }).click();
    await dialog.getByText('The secret is shown this once.').waitFor();
    await check('access key');
    await dialog.getByRole('button', { name: 'Done' }).click();

    await page.getByRole('tab', { name: 'Simulate' }).click();
    await choose(page, 'User', `ann-${mode}`);
    await page.getByLabel('Resource').fill('arn:aws:dynamodb:us-east-1:123456789012:table/WebSeries');
    await page.getByRole('button', { name: 'Simulate' }).click();
    await page.getByRole('row', { name: /CreateBackup.*Allowed/ }).waitFor();
    await page.getByRole('row', { name: /DeleteTable.*Denied: nothing allows it/ }).waitFor();
    await check('simulator');
    await close();
  });
}

test('a user who may not list tables is told which permission is missing', async () => {
  const { CreateUserCommand, CreateAccessKeyCommand, IAMClient } = require('@aws-sdk/client-iam');
  const iam = new IAMClient({
    endpoint: server.url,
    region: REGION,
    credentials: { accessKeyId: KEY, secretAccessKey: SECRET },
  });
  await iam.send(new CreateUserCommand({ UserName: 'nobody' }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'nobody' }));
  const { page, close } = await openPage(browser, server.url);
  await page.getByLabel('Access key ID').fill(AccessKey.AccessKeyId);
  await page.getByLabel('Secret access key').fill(AccessKey.SecretAccessKey);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page
    .getByText(/is not authorized to perform: dynamodb:List/)
    .first()
    .waitFor();
  await close();
});

test('a group with a policy of its own lets a member do what it allows', async () => {
  const { page, check, close } = await openConsole(browser, server.url);
  await navigate(page, 'Access');
  await page.getByRole('button', { name: 'Create user' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('User name').fill('eve');
  await page.keyboard.press('Enter');
  await page.getByRole('row', { name: /eve/ }).waitFor();
  await page.getByRole('tab', { name: 'Groups' }).click();
  await page.getByRole('button', { name: 'Create group' }).click();
  await dialog.getByLabel('Group name').fill('operators');
  await dialog.getByRole('button', { name: 'Create group' }).click();
  await page.getByRole('link', { name: 'operators' }).click();
  await page.getByRole('button', { name: 'Create inline policy' }).click();
  await dialog.getByLabel('Policy name').fill('series');
  await dialog.getByLabel('Policy document').fill(POLICY);
  await dialog.getByRole('button', { name: 'Create inline policy' }).click();
  await page.getByRole('row', { name: /series.*Inline/ }).waitFor();
  await page.getByRole('button', { name: 'Add user' }).click();
  await choose(dialog, 'User', 'eve');
  await dialog.getByRole('button', { name: 'Add user' }).click();
  await check('group');
  await page.getByRole('link', { name: 'eve' }).click();
  await page.getByRole('heading', { level: 1, name: 'eve' }).waitFor();
  await page.getByRole('link', { name: 'operators' }).waitFor();
  await check('user');
  await page.getByRole('link', { name: 'Access' }).last().click();
  await page.getByRole('tab', { name: 'Simulate' }).click();
  await choose(page, 'User', 'eve');
  await page.getByRole('button', { name: 'Simulate' }).click();
  await page.getByRole('row', { name: /CreateBackup.*Allowed/ }).waitFor();
  await close();
});
