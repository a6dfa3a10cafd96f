// What a restore leaves out, as DynamoDB does, set on the new table once it is there.
import {
  DescribeTimeToLiveCommand,
  ListTagsOfResourceCommand,
  type Tag,
  TagResourceCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import type { Api } from './clients';
import { describeTable, turnRecoveryOn } from './tables';

export interface Extras {
  recovery: boolean;
  deletionProtection: boolean;
  timeToLive?: string; // name of the attribute
  tags?: Tag[];
}

// Of a live source: its time to live and tags, as far as they may be read.
export async function extrasOf(api: Api, table: string, arn: string): Promise<Pick<Extras, 'timeToLive' | 'tags'>> {
  const [ttl, tags] = await Promise.allSettled([
    api.dynamodb.send(new DescribeTimeToLiveCommand({ TableName: table })),
    api.dynamodb.send(new ListTagsOfResourceCommand({ ResourceArn: arn })),
  ]);
  const description = ttl.status === 'fulfilled' ? ttl.value.TimeToLiveDescription : undefined;
  return {
    timeToLive: description?.TimeToLiveStatus === 'ENABLED' ? description.AttributeName : undefined,
    tags: tags.status === 'fulfilled' ? tags.value.Tags : undefined,
  };
}

// Of an ACTIVE table.
export async function setExtras(api: Api, table: string, extras: Extras): Promise<void> {
  const { recovery, deletionProtection, timeToLive, tags } = extras;
  if (recovery) await turnRecoveryOn(api, table);
  if (timeToLive) {
    const TimeToLiveSpecification = { Enabled: true, AttributeName: timeToLive };
    await api.dynamodb.send(new UpdateTimeToLiveCommand({ TableName: table, TimeToLiveSpecification }));
  }
  if (tags?.length) {
    const { TableArn: ResourceArn } = await describeTable(api, table);
    await api.dynamodb.send(new TagResourceCommand({ ResourceArn, Tags: tags }));
  }
  if (deletionProtection) {
    await api.dynamodb.send(new UpdateTableCommand({ TableName: table, DeletionProtectionEnabled: true }));
  }
}

export function extrasText({ recovery, deletionProtection, timeToLive, tags }: Extras): string {
  const parts = [
    recovery && 'point-in-time recovery',
    deletionProtection && 'deletion protection',
    timeToLive && `time to live (${timeToLive})`,
    tags?.length && `tags (${tags.map((tag) => tag.Key).join(', ')})`,
  ];
  return parts.filter(Boolean).join(', ') || 'Nothing';
}
