// Reading tables and backups, page after page.
import {
  type BackupSummary,
  DescribeBackupCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  ListBackupsCommand,
  ListTablesCommand,
  type PointInTimeRecoveryDescription,
  type TableDescription,
  UpdateContinuousBackupsCommand,
} from '@aws-sdk/client-dynamodb';
import type { Progress } from '../hooks/jobs';
import type { Api } from './clients';
import type { TableRestore } from './operations';

const AT_ONCE = 8; // requests that a page has under way
const FIRST = 20; // tables of a list's first page

// As Promise.all(items.map(work)), a few at a time.
export async function mapSome<T, R>(items: T[], work: (item: T) => Promise<R>, signal?: AbortSignal): Promise<R[]> {
  const results: R[] = new Array(items.length);
  let next = 0;
  const worker = async () => {
    for (let at = next++; at < items.length; at = next++) {
      signal?.throwIfAborted();
      results[at] = await work(items[at] as T);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}

export async function tableNames(api: Api): Promise<string[]> {
  const names: string[] = [];
  let start: string | undefined;
  do {
    const page = await api.dynamodb.send(new ListTablesCommand({ ExclusiveStartTableName: start }));
    names.push(...(page.TableNames ?? []));
    start = page.LastEvaluatedTableName;
  } while (start);
  return names;
}

export async function describeTable(api: Api, name: string): Promise<TableDescription> {
  const answer = await api.dynamodb.send(new DescribeTableCommand({ TableName: name }));
  return answer.Table as TableDescription;
}

export async function recovery(api: Api, name: string): Promise<PointInTimeRecoveryDescription> {
  const answer = await api.dynamodb.send(new DescribeContinuousBackupsCommand({ TableName: name }));
  return answer.ContinuousBackupsDescription?.PointInTimeRecoveryDescription ?? {};
}

export async function turnRecoveryOn(api: Api, name: string): Promise<void> {
  await api.dynamodb.send(
    new UpdateContinuousBackupsCommand({
      TableName: name,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    }),
  );
}

export async function untilActive(api: Api, name: string): Promise<void> {
  while ((await describeTable(api, name)).TableStatus !== 'ACTIVE')
    await new Promise((done) => setTimeout(done, 200));
}

export interface TableOverview {
  table: TableDescription;
  recovery?: PointInTimeRecoveryDescription; // absent: not to be known
  pending?: boolean; // only the name is known yet
}

// Tables that go while they are read are left out.
async function overviews(api: Api, names: string[], signal?: AbortSignal): Promise<TableOverview[]> {
  const tables = await mapSome(
    names,
    async (name): Promise<TableOverview | null> => {
      const [table, pitr] = await Promise.allSettled([describeTable(api, name), recovery(api, name)]);
      if (table.status === 'rejected') {
        if ((table.reason as Error).name === 'ResourceNotFoundException') return null;
        throw table.reason;
      }
      return { table: table.value, recovery: pitr.status === 'fulfilled' ? pitr.value : undefined };
    },
    signal,
  );
  return tables.filter((table) => table !== null);
}

// `show` is given their names, then a page of them, as soon as they are there.
export async function allTables(
  api: Api,
  show?: (first: TableOverview[]) => void,
  signal?: AbortSignal,
): Promise<TableOverview[]> {
  const names = await tableNames(api);
  show?.(names.map((name) => ({ table: { TableName: name }, pending: true })));
  const first = await overviews(api, names.slice(0, FIRST), signal);
  const later = names.slice(FIRST);
  show?.([...first, ...later.map((name) => ({ table: { TableName: name }, pending: true }))]);
  return [...first, ...(await overviews(api, later, signal))];
}

function newestFirst(backups: BackupSummary[]): BackupSummary[] {
  const time = (backup: BackupSummary) => backup.BackupCreationDateTime?.getTime() ?? 0;
  return backups.toSorted((a, b) => time(b) - time(a));
}

export interface BackupQuery {
  table?: string; // else of all tables
  since?: Date; // made then or later
  show?: (first: BackupSummary[]) => void; // given those of the first page as soon as they are there
  signal?: AbortSignal;
}

// The newest first.
export async function allBackups(api: Api, query: BackupQuery = {}): Promise<BackupSummary[]> {
  const { table, since, show, signal } = query;
  const backups: BackupSummary[] = [];
  let start: string | undefined;
  do {
    signal?.throwIfAborted();
    const page = await api.dynamodb.send(
      new ListBackupsCommand({
        TableName: table,
        BackupType: 'ALL',
        TimeRangeLowerBound: since,
        ExclusiveStartBackupArn: start,
      }),
    );
    if (!start) show?.(newestFirst(page.BackupSummaries ?? []));
    backups.push(...(page.BackupSummaries ?? []));
    start = page.LastEvaluatedBackupArn;
  } while (start);
  return newestFirst(backups);
}

// What has become of a backup that was asked for.
export async function backupProgress(api: Api, arn: string): Promise<Progress> {
  const answer = await api.dynamodb.send(new DescribeBackupCommand({ BackupArn: arn }));
  const status = answer.BackupDescription?.BackupDetails?.BackupStatus;
  return { state: status === 'AVAILABLE' ? 'Completed' : status === 'CREATING' ? 'Running' : 'Failed' };
}

// What has become of a table that is being made, restored or changed. A restore that fails leaves no table.
export async function tableProgress(api: Api, name: string): Promise<Progress> {
  let table: TableDescription;
  try {
    table = await describeTable(api, name);
  } catch (error) {
    if ((error as Error).name !== 'ResourceNotFoundException') throw error;
    return { state: 'Failed', message: `There is no table ${name}. ${await whyNotRestored(api, name)}` };
  }
  if (table.TableStatus === 'ACTIVE') return { state: 'Completed' };
  if (!table.RestoreSummary) return { state: 'Running' };
  const restore = await tableRestore(api, name);
  const left = restore?.EstimatedSecondsLeft;
  return {
    state: 'Running',
    percent: restore?.ProgressPercent,
    message: left === undefined ? undefined : `About ${left} s left`,
  };
}

// The newest restore into a table of this name; undefined: none is on record, or the user may not see it.
async function tableRestore(api: Api, name: string): Promise<TableRestore | undefined> {
  try {
    return await api.tidemark('DescribeTableRestore', { TableName: name });
  } catch (error) {
    if (['ResourceNotFoundException', 'AccessDeniedException'].includes((error as Error).name)) return undefined;
    throw error;
  }
}

async function whyNotRestored(api: Api, name: string): Promise<string> {
  const restore = await tableRestore(api, name);
  if (restore?.Status === 'CANCELLED') return 'Its restore was cancelled.';
  return restore?.FailureReason ?? 'The log of the server tells why it could not be made.';
}

export function keysText(table: TableDescription): string {
  return (table.KeySchema ?? [])
    .map(({ AttributeName, KeyType }) => {
      const type = table.AttributeDefinitions?.find((a) => a.AttributeName === AttributeName)?.AttributeType;
      return `${AttributeName} (${KeyType === 'HASH' ? 'partition' : 'sort'}, ${type})`;
    })
    .join(', ');
}
