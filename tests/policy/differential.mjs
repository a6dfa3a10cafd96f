// Compares our policy evaluator with an independent one on random policies and requests.
//
//     node differential.mjs EVALUATOR [COUNT] [SEED]
//
// EVALUATOR: the binary made of evaluate_main.cc. Prints each disagreement as a case that can be given to it again, and
// ends with 1 if there is any beyond those explained in README.md.
import {spawnSync} from 'node:child_process';
import {runSimulation} from '@cloud-copilot/iam-simulate';

const [evaluator, countText = '2000', seedText = String(Date.now() % 1e9)] = process.argv.slice(2);
const count = Number(countText);
let state = Number(seedText) >>> 0;

function random() {  // mulberry32
  state = (state + 0x6D2B79F5) >>> 0;
  let t = state;
  t = Math.imul(t ^ (t >>> 15), t | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}
const below = (n) => Math.floor(random() * n);
const chance = (p) => random() < p;
const pick = (list) => list[below(list.length)];
const some = (list, most) => Array.from({length: 1 + below(most)}, () => pick(list));
const oneOrMany = (list) => (list.length === 1 && chance(0.5) ? list[0] : list);

const HERE = '123456789012', THERE = '999999999999';
const ACTIONS = ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:DeleteTable', 'dynamodb:Scan'];
const ACTION_PATTERNS = [...ACTIONS, 'dynamodb:*', 'dynamodb:Get*', 'DynamoDB:getitem', 'dynamodb:*Item', '*', 's3:*',
  'dynamodb:?etItem', 'dynamodb:*e*'];
const tables = (account) => ['Users', 'Orders', 'users', 'Users-Old'].map((name) =>
  `arn:aws:dynamodb:us-east-1:${account}:table/${name}`);
const RESOURCE_PATTERNS = (account) => [...tables(account), '*', `arn:aws:dynamodb:us-east-1:${account}:table/*`,
  `arn:aws:dynamodb:*:${account}:table/Users*`, `arn:aws:dynamodb:us-east-1:*:table/?rders`,
  `arn:aws:dynamodb:*:*:*`, `arn:aws:dynamodb:eu-*:${account}:table/*`,
  `arn:aws:dynamodb:us-east-1:${account}:table/\${aws:PrincipalTag/table}`,
  `arn:aws:dynamodb:us-east-1:${account}:table/\${aws:PrincipalTag/absent, 'Users'}`, 'arn:aws:s3:::bucket/*'];
const USER = `arn:aws:iam::${HERE}:user/alice`;
const ROLE = `arn:aws:iam::${HERE}:role/worker`;
const SESSION = `arn:aws:sts::${HERE}:assumed-role/worker/session`;
const PRINCIPALS = [USER, ROLE, SESSION, `arn:aws:iam::${HERE}:root`, HERE, `arn:aws:iam::${HERE}:user/bob`,
  `arn:aws:iam::${THERE}:root`];
const NOT_THE_SESSION = PRINCIPALS.filter((one) => one !== SESSION);
const VALUES = {
  'aws:PrincipalTag/team': ['red', 'Red', 'blue', 'r*d'],
  'aws:PrincipalTag/table': ['Users', 'Orders', '*'],
  'aws:SourceIp': [],
  'aws:RequestedRegion': ['us-east-1', 'eu-west-2'],
  'aws:SecureTransport': ['true', 'false'],
  'aws:EpochTime': ['1700000000', '1800000000'],
  'aws:CurrentTime': ['2026-01-01T00:00:00Z', '2026-06-01T12:00:00Z'],
  'aws:PrincipalArn': [USER, ROLE],
  'aws:TagKeys': ['a', 'b', 'c'],
};
// Of one case, addresses are of one family.
let addresses, networks;
const PATTERNS = {...VALUES,
  'aws:PrincipalTag/team': [...VALUES['aws:PrincipalTag/team'], '', 're?', '*', '${aws:PrincipalTag/team}', 'RED'],
  'aws:PrincipalArn': [USER, 'arn:aws:iam::*:user/*', `arn:aws:iam::${HERE}:role/wor*`, 'arn:aws:iam::*:*']};
const OPERATORS = {
  text: ['StringEquals', 'StringNotEquals', 'StringEqualsIgnoreCase', 'StringNotEqualsIgnoreCase', 'StringLike',
    'StringNotLike'],
  ip: ['IpAddress', 'NotIpAddress'],
  bool: ['Bool'],
  number: ['NumericEquals', 'NumericNotEquals', 'NumericLessThan', 'NumericLessThanEquals', 'NumericGreaterThan',
    'NumericGreaterThanEquals'],
  date: ['DateEquals', 'DateNotEquals', 'DateLessThan', 'DateLessThanEquals', 'DateGreaterThan',
    'DateGreaterThanEquals'],
  arn: ['ArnLike', 'ArnEquals', 'ArnNotLike', 'ArnNotEquals'],
};
const KINDS = {'aws:SourceIp': 'ip', 'aws:SecureTransport': 'bool', 'aws:EpochTime': 'number',
  'aws:CurrentTime': 'date',
  'aws:PrincipalArn': 'arn'};

function condition() {
  const block = {};
  for (let i = 0; i <= below(2); ++i) {
    const key = pick(Object.keys(VALUES));
    if (chance(0.1)) {
      block.Null = {[key]: pick(['true', 'false'])};
      continue;
    }
    let operator = pick(OPERATORS[KINDS[key] ?? 'text']);
    if (key === 'aws:TagKeys') operator = pick(['ForAllValues:', 'ForAnyValue:']) + pick(OPERATORS.text);
    if (chance(0.25) && !operator.startsWith('ForAnyValue:')) operator += 'IfExists';
    block[operator] = {...block[operator],
      [chance(0.2) ? key.replace('aws:', 'AWS:') : key]:
        oneOrMany(some(key === 'aws:SourceIp' ? networks : PATTERNS[key], 2))};
  }
  return block;
}

function statement(account, principals) {
  const one = {Effect: chance(0.75) ? 'Allow' : 'Deny'};
  one[chance(0.08) ? 'NotAction' : 'Action'] = oneOrMany(some(ACTION_PATTERNS, 3));
  one[chance(0.08) ? 'NotResource' : 'Resource'] = oneOrMany(some(RESOURCE_PATTERNS(account), 3));
  if (chance(0.45)) one.Condition = condition();
  if (principals) {
    one.Principal = principals === PRINCIPALS && chance(0.15) ? '*' : {AWS: oneOrMany(some(principals, 2))};
  }
  return one;
}

const policy = (account, principals) => ({Version: '2012-10-17',
  Statement: Array.from({length: 1 + below(3)}, () => statement(account, principals))});
const allowAll = {Version: '2012-10-17', Statement: {Effect: 'Allow', Action: '*', Resource: '*'}};

function makeCase() {
  const owner = chance(0.7) ? HERE : THERE;
  [addresses, networks] = chance(0.7)
    ? [['10.0.0.7', '10.1.2.3', '192.168.0.1'], ['10.0.0.0/8', '10.0.0.7', '10.0.0.0/29', '192.0.0.0/2']]
    : [['2001:db8::1', '2001:db9::7', 'fe80::1'], ['2001:db8::/32', '2001:db8::1', 'fe80::/10']];
  const isSession = chance(0.4);
  const one = {
    identity: Array.from({length: below(3)}, () => policy(owner)),
    action: pick(ACTIONS), resource: pick(tables(owner)), resourceAccount: owner, account: HERE,
    principal: isSession ? SESSION : USER, entity: isSession ? ROLE : USER, context: {},
  };
  if (chance(0.25)) one.boundary = [chance(0.3) ? allowAll : policy(owner)];
  if (isSession && chance(0.4)) one.session = [chance(0.3) ? allowAll : policy(owner)];
  if (chance(0.5)) one.resourcePolicy = policy(owner, one.session ? NOT_THE_SESSION : PRINCIPALS);
  for (const [key, values] of Object.entries(VALUES)) {
    if (chance(0.7)) {
      one.context[key] =
        key === 'aws:TagKeys' ? some(values, 3) : [pick(key === 'aws:SourceIp' ? addresses : values)];
    }
  }
  one.context['aws:PrincipalArn'] = [one.entity];
  return one;
}

function lineOf(one) {
  const texts = (list) => list?.map((document) => JSON.stringify(document));
  return JSON.stringify({...one, identity: texts(one.identity), boundary: texts(one.boundary),
    session: texts(one.session), resourcePolicy: one.resourcePolicy && JSON.stringify(one.resourcePolicy)});
}

async function theirs(one) {
  const named = (list) => list?.map((document, i) => ({name: `p${i}`, policy: document}));
  const context = Object.fromEntries(Object.entries(one.context).map(([key, values]) =>
    [key, key === 'aws:TagKeys' ? values : values[0]]));
  const scp = [{orgIdentifier: 'o', policies: [{name: 'all', policy: allowAll}]}];
  const simulation = {
    request: {principal: one.principal, action: one.action,
      resource: {resource: one.resource, accountId: one.resourceAccount}, contextVariables: context},
    identityPolicies: named(one.identity), serviceControlPolicies: scp, resourceControlPolicies: [],
    resourcePolicy: one.resourcePolicy, permissionBoundaryPolicies: named(one.boundary),
    sessionPolicy: one.session?.[0],
  };
  const answer = await runSimulation(simulation, {});
  return answer.resultType === 'error' ? `refused: ${JSON.stringify(answer.errors)}` : answer.overallResult;
}

const cases = Array.from({length: count}, makeCase);
const ours = spawnSync(evaluator, {input: cases.map(lineOf).join('\n') + '\n', maxBuffer: 1 << 30});
if (ours.status !== 0) throw new Error(`${evaluator}: ${ours.error ?? ours.stderr}`);
const answers = ours.stdout.toString().trimEnd().split('\n');
const seen = {};
let disagreements = 0;
for (let i = 0; i < count; ++i) {
  const other = await theirs(cases[i]);
  seen[answers[i]] = (seen[answers[i]] ?? 0) + 1;
  if (other === answers[i]) continue;
  if (++disagreements <= 20) console.log(`ours ${answers[i]}, theirs ${other}: ${lineOf(cases[i])}`);
}
console.log(`seed ${seedText}: ${count} cases, ${JSON.stringify(seen)}, ${disagreements} disagreements`);
if (disagreements > 0 || Object.keys(seen).length < 3) process.exit(1);
