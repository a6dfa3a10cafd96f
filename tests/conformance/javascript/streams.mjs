// Streams through the AWS SDK for JavaScript, read as a consumer does. Run by sdk_script.py, which
// says where to in one argument: {endpoint, region, credentials}.
import assert from 'node:assert/strict';
import {CreateTableCommand, DeleteItemCommand, DeleteTableCommand, DynamoDBClient, PutItemCommand,
  TransactWriteItemsCommand, UpdateItemCommand, UpdateTableCommand, waitUntilTableExists}
  from '@aws-sdk/client-dynamodb';
import {DescribeStreamCommand, DynamoDBStreamsClient, GetRecordsCommand, GetShardIteratorCommand,
  ListStreamsCommand} from '@aws-sdk/client-dynamodb-streams';

const options = {...JSON.parse(process.argv[2]), maxAttempts: 1};
const client = new DynamoDBClient(options);
const streams = new DynamoDBStreamsClient(options);
const TableName = `streamed-${process.pid}-${Date.now()}`;
const key = (name) => ({pk: {S: name}});
let StreamArn;

async function describe() {
  return (await streams.send(new DescribeStreamCommand({StreamArn}))).StreamDescription;
}

async function iterator(ShardIteratorType, SequenceNumber) {
  const ShardId = (await describe()).Shards[0].ShardId;
  const answer = await streams.send(
    new GetShardIteratorCommand({StreamArn, ShardId, ShardIteratorType, SequenceNumber}));
  return answer.ShardIterator;
}

// Up to the present; an open shard has no end.
async function drain(from, Limit) {
  const records = [];
  for (let ShardIterator = from, empty = 0; ShardIterator && empty < 3;) {
    const page = await streams.send(new GetRecordsCommand({ShardIterator, Limit}));
    records.push(...page.Records);
    empty = page.Records.length ? 0 : empty + 1;
    ShardIterator = page.NextShardIterator;
  }
  return records;
}

async function writes() {
  await client.send(new PutItemCommand({TableName, Item: {...key('a'), v: {N: '1'}}}));
  await client.send(new UpdateItemCommand({TableName, Key: key('a'), UpdateExpression: 'SET v = :v',
    ExpressionAttributeValues: {':v': {B: Uint8Array.of(0, 255)}}}));
  await client.send(new DeleteItemCommand({TableName, Key: key('a')}));
  await client.send(new TransactWriteItemsCommand({TransactItems: ['b', 'c'].map(
    (name) => ({Put: {TableName, Item: {...key(name), v: {SS: ['x', 'y']}}}}))}));
}

async function everythingInOrder() {
  const records = await drain(await iterator('TRIM_HORIZON'));
  assert.deepEqual(records.map((one) => [one.eventName, one.dynamodb.Keys.pk.S]),
    [['INSERT', 'a'], ['MODIFY', 'a'], ['REMOVE', 'a'], ['INSERT', 'b'], ['INSERT', 'c']]);
  const [insert, modify, remove] = records.map((one) => one.dynamodb);
  assert.equal(insert.OldImage, undefined);
  assert.deepEqual(modify.OldImage, insert.NewImage);
  assert.deepEqual(modify.NewImage.v.B, Uint8Array.of(0, 255));
  assert.deepEqual(remove.OldImage, modify.NewImage);
  assert.equal(remove.NewImage, undefined);
  assert.ok(insert.ApproximateCreationDateTime instanceof Date);
  assert.ok(records.every((one) => one.eventSource === 'aws:dynamodb' && one.eventID));
  return records;
}

async function fromEveryPlace(records) {
  const id = (one) => one.eventID;
  const second = records[1].dynamodb.SequenceNumber;
  assert.deepEqual((await drain(await iterator('AT_SEQUENCE_NUMBER', second), 1)).map(id),
    records.slice(1).map(id));
  assert.deepEqual((await drain(await iterator('AFTER_SEQUENCE_NUMBER', second), 2)).map(id),
    records.slice(2).map(id));
  const latest = await iterator('LATEST');
  assert.deepEqual(await drain(latest), []);
  await client.send(new PutItemCommand({TableName, Item: key('d')}));
  assert.deepEqual((await drain(latest)).map((one) => one.dynamodb.Keys), [key('d')]);
}

async function refusals() {
  await assert.rejects(streams.send(new GetRecordsCommand({ShardIterator: 'nonsense'})),
    {name: 'ValidationException'});
  await assert.rejects(streams.send(new DescribeStreamCommand({StreamArn: `${StreamArn}0`})),
    {name: 'ResourceNotFoundException'});
}

async function end() {
  const {Streams} = await streams.send(new ListStreamsCommand({TableName}));
  assert.deepEqual(Streams.map((one) => one.StreamArn), [StreamArn]);
  await client.send(new UpdateTableCommand(
    {TableName, StreamSpecification: {StreamEnabled: false}}));
  assert.equal((await describe()).StreamStatus, 'DISABLED');
  // Closed, so it has an end now.
  let ShardIterator = await iterator('TRIM_HORIZON'), count = 0;
  while (ShardIterator) {
    const page = await streams.send(new GetRecordsCommand({ShardIterator}));
    count += page.Records.length;
    ShardIterator = page.NextShardIterator;
  }
  assert.equal(count, 6);
}

await client.send(new CreateTableCommand({TableName, BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [{AttributeName: 'pk', AttributeType: 'S'}],
  KeySchema: [{AttributeName: 'pk', KeyType: 'HASH'}],
  StreamSpecification: {StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES'}}));
try {
  await waitUntilTableExists({client, maxWaitTime: 60, minDelay: 1}, {TableName});
  StreamArn = (await streams.send(new ListStreamsCommand({TableName}))).Streams[0].StreamArn;
  await writes();
  await fromEveryPlace(await everythingInOrder());
  await refusals();
  await end();
} finally {
  await client.send(new DeleteTableCommand({TableName}));
}
