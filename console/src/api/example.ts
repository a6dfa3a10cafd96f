// A table to try things out on, and a mistake to put right.
import { BatchWriteItemCommand, CreateTableCommand, type WriteRequest } from '@aws-sdk/client-dynamodb';
import type { Api } from './clients';
import { mapSome, turnRecoveryOn, untilActive } from './tables';

export const EXAMPLE = 'Example-Users';
export const USERS = 1000;
export const DELETED = 900;

const BATCH = 25; // requests, the most that one call takes
const PLANS = ['free', 'silver', 'gold'];
const TOWNS = ['Aachen', 'Bergen', 'Cork', 'Delft', 'Evora', 'Fano', 'Graz'];

const nameOf = (n: number) => `user-${String(n).padStart(4, '0')}`;

// Sends `request` of 0 ... count - 1; what the server leaves over is sent again.
async function writeAll(api: Api, count: number, request: (n: number) => WriteRequest): Promise<void> {
  const firsts = Array.from({ length: Math.ceil(count / BATCH) }, (_, at) => at * BATCH);
  await mapSome(firsts, async (first) => {
    const length = Math.min(BATCH, count - first);
    let left: WriteRequest[] = Array.from({ length }, (_, at) => request(first + at));
    while (left.length) {
      const answer = await api.dynamodb.send(new BatchWriteItemCommand({ RequestItems: { [EXAMPLE]: left } }));
      left = answer.UnprocessedItems?.[EXAMPLE] ?? [];
    }
  });
}

export async function makeExample(api: Api): Promise<void> {
  await api.dynamodb.send(
    new CreateTableCommand({
      TableName: EXAMPLE,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'UserId', AttributeType: 'S' },
        { AttributeName: 'Town', AttributeType: 'S' },
      ],
      KeySchema: [{ AttributeName: 'UserId', KeyType: 'HASH' }],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'ByTown',
          KeySchema: [
            { AttributeName: 'Town', KeyType: 'HASH' },
            { AttributeName: 'UserId', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'ALL' },
        },
      ],
    }),
  );
  await untilActive(api, EXAMPLE);
  await turnRecoveryOn(api, EXAMPLE);
  await writeAll(api, USERS, (n) => ({
    PutRequest: {
      Item: {
        UserId: { S: nameOf(n) },
        Plan: { S: PLANS[n % PLANS.length] ?? '' },
        Town: { S: TOWNS[n % TOWNS.length] ?? '' },
        Visits: { N: String((n * 37) % 101) },
      },
    },
  }));
}

// As a faulty release would.
export async function spoilExample(api: Api): Promise<void> {
  await writeAll(api, DELETED, (n) => ({ DeleteRequest: { Key: { UserId: { S: nameOf(n) } } } }));
}
