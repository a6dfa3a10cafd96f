// Sends requests through the AWS SDK for JavaScript, for transports.py: a line of JSON in, a line of
// JSON out. The first line says where to (endpoint, region, credentials) and is answered with the
// operations the SDK has; each further one is {operation, input} and answered with {answer} or
// {error, text}. Binary values are base64 on these lines and bytes for the SDK.
import readline from 'node:readline';
import * as dynamodb from '@aws-sdk/client-dynamodb';
import * as streams from '@aws-sdk/client-dynamodb-streams';

const clients = [
  [dynamodb, dynamodb.DynamoDBClient],
  [streams, streams.DynamoDBStreamsClient],
];

function toSdk(value, name) {
  if (typeof value === 'string') return name === 'B' ? Buffer.from(value, 'base64') : value;
  if (Array.isArray(value)) return value.map((member) => toSdk(member, name === 'BS' ? 'B' : ''));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, toSdk(member, key)]));
}

function fromSdk(value) {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (value instanceof Date) return value.getTime() / 1000;
  if (Array.isArray(value)) return value.map(fromSdk);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value)
    .filter(([, member]) => member !== undefined).map(([key, member]) => [key, fromSdk(member)]));
}

function operationsOf(where) {
  const operations = new Map();
  for (const [module, Client] of clients) {
    const client = new Client({...where, maxAttempts: 1});
    for (const [name, Command] of Object.entries(module)) {
      const operation = name.slice(0, -'Command'.length);
      if (name === `${operation}Command`) operations.set(operation, {client, Command});
    }
  }
  return operations;
}

async function send(operations, {operation, input}) {
  const {client, Command} = operations.get(operation);
  try {
    const {$metadata, ...answer} = await client.send(new Command(toSdk(input, '')));
    return {answer: fromSdk(answer)};
  } catch (error) {
    // An error of the service has the HTTP answer; all others are faults of this program.
    if (error.$metadata?.httpStatusCode === undefined) throw error;
    return {error: error.name, text: error.message};
  }
}

let operations;
for await (const line of readline.createInterface({input: process.stdin})) {
  const message = JSON.parse(line);
  let answer;
  if (operations === undefined) {
    operations = operationsOf(message);
    answer = {operations: [...operations.keys()]};
  } else {
    answer = await send(operations, message);
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
