// The table in a backup or recovery point, as far as it is to be told.
import {
  DescribeBackupCommand,
  type AttributeDefinition,
  type ScalarAttributeType,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import type { Api } from './clients';
import { scanItems } from './past';

const SAMPLE = 50; // items

export interface BackupTable {
  table: TableDescription;
  created: Date;
}

// WHY a sample: nothing tells the types of keys in a backup but items. Of an index that none of them is in, a text.
export async function tableInBackup(api: Api, arn: string): Promise<BackupTable> {
  const { BackupDescription: backup } = await api.dynamodb.send(new DescribeBackupCommand({ BackupArn: arn }));
  const source = backup?.SourceTableDetails;
  const { GlobalSecondaryIndexes, LocalSecondaryIndexes } = backup?.SourceTableFeatureDetails ?? {};
  const sample = await scanItems(api, { TableName: source?.TableName, Limit: SAMPLE }, { backup: arn });
  const schemas = [source, ...(GlobalSecondaryIndexes ?? []), ...(LocalSecondaryIndexes ?? [])];
  const names = new Set(schemas.flatMap((one) => one?.KeySchema ?? []).map((key) => key.AttributeName ?? ''));
  const types = [...names].map((name): AttributeDefinition => {
    const type = Object.keys(sample.items.find((item) => item[name])?.[name] ?? {})[0];
    return { AttributeName: name, AttributeType: (type ?? 'S') as ScalarAttributeType };
  });
  return {
    created: backup?.BackupDetails?.BackupCreationDateTime ?? new Date(0),
    table: {
      TableName: source?.TableName,
      KeySchema: source?.KeySchema,
      AttributeDefinitions: types,
      GlobalSecondaryIndexes,
      LocalSecondaryIndexes,
    },
  };
}
