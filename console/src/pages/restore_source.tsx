// The first step of a restore: what from, and of which instant.
import {
  DescribeBackupCommand,
  type GlobalSecondaryIndexInfo,
  type LocalSecondaryIndexInfo,
} from '@aws-sdk/client-dynamodb';
import Alert from '@cloudscape-design/components/alert';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { type Extras, extrasOf } from '../api/carry_over';
import type { Api } from '../api/clients';
import { allBackups, describeTable, recovery } from '../api/tables';
import { Size, Time, countText } from '../components/format';
import { InstantPicker } from '../components/instant_picker';
import { Preview, useDifference } from '../components/preview';
import type { Pin, Window } from '../components/timeline';

export interface SourceDetails {
  keys: string[];
  items?: number;
  bytes?: number;
  billing?: string;
  globalIndexes: GlobalSecondaryIndexInfo[];
  localIndexes: LocalSecondaryIndexInfo[];
}

export interface Source {
  table: string;
  tableArn?: string;
  backupArn?: string;
  backupName?: string;
  created?: Date; // of the backup
  window?: Window; // of the table's recovery
  pins: Pin[]; // its backups
  details: SourceDetails;
  extras: Pick<Extras, 'timeToLive' | 'tags'>; // that a restore leaves out
}

async function backupSource(api: Api, arn: string): Promise<Source> {
  const { BackupDescription } = await api.dynamodb.send(new DescribeBackupCommand({ BackupArn: arn }));
  const {
    BackupDetails: backup,
    SourceTableDetails: source,
    SourceTableFeatureDetails: features,
  } = BackupDescription ?? {};
  return {
    table: source?.TableName ?? '',
    backupArn: arn,
    backupName: backup?.BackupName,
    created: backup?.BackupCreationDateTime,
    pins: [],
    extras: {
      timeToLive:
        features?.TimeToLiveDescription?.TimeToLiveStatus === 'ENABLED'
          ? features.TimeToLiveDescription.AttributeName
          : undefined,
    },
    details: {
      keys: source?.KeySchema?.map((key) => key.AttributeName ?? '') ?? [],
      items: source?.ItemCount,
      bytes: backup?.BackupSizeBytes,
      billing: source?.BillingMode,
      globalIndexes: features?.GlobalSecondaryIndexes ?? [],
      localIndexes: features?.LocalSecondaryIndexes ?? [],
    },
  };
}

async function tableSource(api: Api, name: string): Promise<Source> {
  const [table, pitr, backups] = await Promise.all([
    describeTable(api, name),
    recovery(api, name),
    pinsOf(api, name),
  ]);
  return {
    table: name,
    tableArn: table.TableArn,
    window: windowOf(pitr),
    pins: backups,
    extras: await extrasOf(api, name, table.TableArn ?? ''),
    details: {
      keys: table.KeySchema?.map((key) => key.AttributeName ?? '') ?? [],
      items: table.ItemCount,
      bytes: table.TableSizeBytes,
      billing: table.BillingModeSummary?.BillingMode ?? 'PROVISIONED',
      globalIndexes: (table.GlobalSecondaryIndexes ?? []) as GlobalSecondaryIndexInfo[],
      localIndexes: (table.LocalSecondaryIndexes ?? []) as LocalSecondaryIndexInfo[],
    },
  };
}

export function loadSource(api: Api, backupArn: string | null, table: string | null): Promise<Source> {
  if (backupArn) return backupSource(api, backupArn);
  return tableSource(api, table ?? '');
}

export function windowOf(pitr: Awaited<ReturnType<typeof recovery>> | undefined): Window | undefined {
  const { EarliestRestorableDateTime: from, LatestRestorableDateTime: until } = pitr ?? {};
  return from && until ? { from, until } : undefined;
}

export async function pinsOf(api: Api, table: string): Promise<Pin[]> {
  const backups = await allBackups(api, { table });
  return backups.flatMap(({ BackupCreationDateTime: at, BackupName: label = '' }) => (at ? [{ at, label }] : []));
}

export function Untouched() {
  return <Alert type="info">A restore makes a new table. The source is neither changed nor slowed down.</Alert>;
}

function InstantStep({ source, window, at, onAt }: StepProps & { window: Window }) {
  const difference = useDifference(source.table, at);
  return (
    <SpaceBetween size="l">
      <Untouched />
      <Container header={<Header variant="h2">Instant of {source.table}</Header>}>
        <InstantPicker table={source.table} window={window} value={at} onChange={onAt} pins={source.pins} />
      </Container>
      <Container
        header={
          <Header variant="h2">
            The table at <Time at={at} />
          </Header>
        }
      >
        <Preview loaded={difference} keys={source.details.keys} />
      </Container>
    </SpaceBetween>
  );
}

interface StepProps {
  source: Source;
  at: Date;
  onAt: (at: Date) => void;
}

export function SourceStep(props: StepProps) {
  const { source } = props;
  const { details, window } = source;
  if (window) return <InstantStep {...props} window={window} />;
  return (
    <SpaceBetween size="l">
      <Untouched />
      <Container header={<Header variant="h2">Backup</Header>}>
        <KeyValuePairs
          columns={3}
          items={[
            { label: 'Backup name', value: source.backupName },
            { label: 'Source table', value: source.table },
            { label: 'Created', value: <Time at={source.created} /> },
            { label: 'Items', value: countText(details.items ?? 0) },
            { label: 'Size', value: <Size bytes={details.bytes} /> },
            { label: 'Keys', value: details.keys.join(', ') },
          ]}
        />
      </Container>
    </SpaceBetween>
  );
}
