// The document client of the AWS SDK for JavaScript: plain objects in, the same objects out. Run by
// sdk_script.py, which says where to in one argument: {endpoint, region, credentials}.
import assert from 'node:assert/strict';
import {CreateTableCommand, DeleteTableCommand, DynamoDBClient, waitUntilTableExists}
  from '@aws-sdk/client-dynamodb';
import {BatchWriteCommand, DeleteCommand, DynamoDBDocumentClient, GetCommand, PutCommand,
  QueryCommand, UpdateCommand, paginateScan} from '@aws-sdk/lib-dynamodb';

const client = new DynamoDBClient({...JSON.parse(process.argv[2]), maxAttempts: 1});
const documents = DynamoDBDocumentClient.from(client);
const TableName = `documents-${process.pid}-${Date.now()}`;

async function roundTrip() {
  const Item = {
    pk: 'all', sk: 0, text: 'ü', empty: '', number: -1.5, large: Number.MAX_SAFE_INTEGER, yes: true, no: false,
    nothing: null, bytes: Uint8Array.of(0, 1, 255), list: [1, ['two', {three: 3}]],
    map: {'a.b': {c: []}}, strings: new Set(['a', 'b']), numbers: new Set([1, 2.5]),
  };
  await documents.send(new PutCommand({TableName, Item}));
  const answer = await documents.send(new GetCommand({TableName, Key: {pk: 'all', sk: 0}}));
  assert.deepEqual(answer.Item, Item);
}

async function updates() {
  const Key = {pk: 'counter', sk: 1};
  for (let i = 1; i <= 3; ++i) {
    const {Attributes} = await documents.send(new UpdateCommand({TableName, Key,
      UpdateExpression: 'ADD n :one SET seen = list_append(if_not_exists(seen, :none), :now)',
      ExpressionAttributeValues: {':one': 1, ':none': [], ':now': [i]}, ReturnValues: 'ALL_NEW'}));
    assert.deepEqual(Attributes, {...Key, n: i, seen: [1, 2, 3].slice(0, i)});
  }
  await assert.rejects(documents.send(new DeleteCommand({TableName, Key,
    ConditionExpression: 'n = :n', ExpressionAttributeValues: {':n': 7}})),
  {name: 'ConditionalCheckFailedException', message: 'The conditional request failed'});
}

async function pages() {
  const puts = Array.from({length: 25}, (_, sk) => ({PutRequest: {Item: {pk: 'page', sk}}}));
  await documents.send(new BatchWriteCommand({RequestItems: {[TableName]: puts}}));
  const found = await documents.send(new QueryCommand({TableName, ScanIndexForward: false,
    KeyConditionExpression: 'pk = :p AND sk BETWEEN :a AND :b',
    ExpressionAttributeValues: {':p': 'page', ':a': 3, ':b': 5}}));
  assert.deepEqual(found.Items.map((item) => item.sk), [5, 4, 3]);
  let count = 0;
  for await (const page of paginateScan({client: documents, pageSize: 10}, {TableName})) {
    count += page.Count;
  }
  assert.equal(count, 27);
}

await client.send(new CreateTableCommand({TableName, BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [{AttributeName: 'pk', AttributeType: 'S'},
    {AttributeName: 'sk', AttributeType: 'N'}],
  KeySchema: [{AttributeName: 'pk', KeyType: 'HASH'}, {AttributeName: 'sk', KeyType: 'RANGE'}]}));
await waitUntilTableExists({client, maxWaitTime: 60, minDelay: 1}, {TableName});
try {
  for (const test of [roundTrip, updates, pages]) await test();
} finally {
  await client.send(new DeleteTableCommand({TableName}));
}
