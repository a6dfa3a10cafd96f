// The server under test, and data made through the AWS SDK.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const require = createRequire(new URL('../../console/package.json', import.meta.url));
const dynamo = require('@aws-sdk/client-dynamodb');
const backup = require('@aws-sdk/client-backup');
const iam = require('@aws-sdk/client-iam');
const { Sha256 } = require('@aws-crypto/sha256-js');
const { SignatureV4 } = require('@smithy/signature-v4');

const ROOT = new URL('../../', import.meta.url).pathname;
const BINARY = process.env.TIDEMARK_BIN ?? join(ROOT, 'build/release/src/server/tidemark');
export const KEY = 'AKIDCONSOLE000000001';
export const SECRET = 'console/secret+key/of/forty/characters00';
export const REGION = 'us-east-1';
export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

// Starts a server on an empty data directory. `stop` ends it and removes the data.
export async function startServer(...flags) {
  const data = mkdtempSync(join(tmpdir(), 'tidemark-console-'));
  const process_ = spawn(BINARY, ['serve', '--data', join(data, 'data'), '--listen', '127.0.0.1:0', ...flags], {
    env: {
      ...process.env,
      TIDEMARK_ROOT_ACCESS_KEY_ID: KEY,
      TIDEMARK_ROOT_SECRET_ACCESS_KEY: SECRET,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  process_.stderr.on('data', (text) => (said += text));
  const url = await new Promise((found, failed) => {
    process_.stdout.on('data', (text) => {
      said += text;
      const match = /listening on (\S+)/.exec(said);
      if (match) found(match[1]);
    });
    process_.on('exit', () => failed(new Error(`the server ended:\n${said}`)));
  });
  // Calls of the API in a Region: send('ListTables', {}), backup('ListBackupVaults', {}), iam('ListRoles', {}).
  const inRegion = (region) => {
    const sender = (service, Client) => {
      const client = new Client({
        endpoint: url,
        region,
        credentials: { accessKeyId: KEY, secretAccessKey: SECRET },
      });
      return (name, input) => client.send(new service[`${name}Command`](input));
    };
    return {
      send: sender(dynamo, dynamo.DynamoDBClient),
      backup: sender(backup, backup.BackupClient),
      iam: sender(iam, iam.IAMClient),
    };
  };
  const stop = async () => {
    process_.removeAllListeners('exit');
    const ended = new Promise((done) => process_.on('exit', done));
    process_.kill('SIGTERM');
    await ended;
    rmSync(data, { recursive: true, force: true });
  };
  return { url, stop, inRegion, ...inRegion(REGION) };
}

// Moves the time of a server that was started with --test-clock on; its new time, in epoch seconds.
export async function advance(server, seconds) {
  const url = new URL('/_test/clock', server.url);
  const signer = new SignatureV4({
    service: 'dynamodb',
    region: REGION,
    sha256: Sha256,
    credentials: { accessKeyId: KEY, secretAccessKey: SECRET },
  });
  const request = await signer.sign({
    method: 'POST',
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    headers: { host: url.host, 'content-type': 'application/json' },
    body: JSON.stringify({ advance_seconds: seconds }),
  });
  const { host: _, ...headers } = request.headers;
  const answer = await fetch(url, {
    method: 'POST',
    headers,
    body: request.body,
  });
  if (!answer.ok) throw new Error(`/_test/clock: ${answer.status} ${await answer.text()}`);
  return (await answer.json()).now;
}

// An on-demand table with one string key, ACTIVE; with recovery on unless told otherwise.
export async function makeTable(server, name, key = 'UserId', recovery = true) {
  await server.send('CreateTable', {
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: key, AttributeType: 'S' }],
    KeySchema: [{ AttributeName: key, KeyType: 'HASH' }],
  });
  while ((await server.send('DescribeTable', { TableName: name })).Table.TableStatus !== 'ACTIVE') await sleep(20);
  if (recovery) await switchRecoveryOn(server, name);
}

export async function switchRecoveryOn(server, name) {
  await server.send('UpdateContinuousBackups', {
    TableName: name,
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
  });
}

// Puts or deletes user-1 ... user-`count`, 25 at a time.
export async function batch(server, table, count, request) {
  for (let first = 1; first <= count; first += 25) {
    const requests = [];
    for (let n = first; n < first + 25 && n <= count; n += 1) requests.push(request(n));
    await server.send('BatchWriteItem', {
      RequestItems: { [table]: requests },
    });
  }
}

const PLANS = ['gold', 'silver', 'bronze'];
export const put = (n) => ({
  PutRequest: {
    Item: {
      UserId: { S: `user-${n}` },
      Plan: { S: PLANS[n % 3] },
      Visits: { N: String(n * 7) },
    },
  },
});
export const remove = (n) => ({
  DeleteRequest: { Key: { UserId: { S: `user-${n}` } } },
});

// The ARN of a new role as which AWS Backup can make, copy and restore recovery points of all tables.
export async function makeBackupRole(server, name) {
  const document = (statement) =>
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', ...statement }],
    });
  const { Role: role } = await server.iam('CreateRole', {
    RoleName: name,
    AssumeRolePolicyDocument: document({
      Principal: { Service: 'backup.amazonaws.com' },
      Action: 'sts:AssumeRole',
    }),
  });
  await server.iam('PutRolePolicy', {
    RoleName: name,
    PolicyName: 'work',
    PolicyDocument: document({
      Action: ['dynamodb:*', 'backup:*'],
      Resource: '*',
    }),
  });
  return role.Arn;
}

// The ARN of a new recovery point of a table, COMPLETED.
export async function makePoint(server, vault, table, role, options = {}) {
  const { Table: described } = await server.send('DescribeTable', {
    TableName: table,
  });
  const { BackupJobId } = await server.backup('StartBackupJob', {
    BackupVaultName: vault,
    ResourceArn: described.TableArn,
    IamRoleArn: role,
    ...options,
  });
  for (;;) {
    const job = await server.backup('DescribeBackupJob', { BackupJobId });
    if (job.State === 'COMPLETED') return job.RecoveryPointArn;
    if (!['CREATED', 'PENDING', 'RUNNING'].includes(job.State)) throw new Error(`${job.State}: ${job.StatusMessage}`);
    await sleep(50);
  }
}

export async function count(server, table) {
  let sum = 0;
  let start;
  do {
    const page = await server.send('Scan', {
      TableName: table,
      Select: 'COUNT',
      ExclusiveStartKey: start,
    });
    sum += page.Count;
    start = page.LastEvaluatedKey;
  } while (start);
  return sum;
}
