import type { PointInTimeRecoveryDescription, TableDescription } from '@aws-sdk/client-dynamodb';
import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { useState } from 'react';
import { keysText } from '../api/tables';
import { Copy } from '../components/copy';
import { Size, Time, countText } from '../components/format';
import { Status } from '../components/status';
import { href } from '../hooks/route';
import { ProtectTables } from './protect_tables';

function restoredFrom({ RestoreSummary: restore }: TableDescription) {
  if (!restore) return null;
  const source = restore.SourceTableArn?.split('/').pop() ?? '';
  const from = restore.SourceBackupArn ? (
    <Link href={href(['backups', restore.SourceBackupArn])}>a backup</Link>
  ) : (
    'point-in-time recovery'
  );
  return (
    <>
      From {from} of <Link href={href(['tables', source])}>{source}</Link>, as of{' '}
      <Time at={restore.RestoreDateTime} />
      {restore.RestoreInProgress && (
        <div>
          <Status state="RESTORING" />
        </div>
      )}
    </>
  );
}

export function OverviewTab({
  table,
  recovery,
  onRecoveryChanged,
}: {
  table: TableDescription;
  recovery?: PointInTimeRecoveryDescription;
  onRecoveryChanged: () => void;
}) {
  const [protecting, setProtecting] = useState(false);
  const restored = restoredFrom(table);
  const indexes = [
    ...(table.GlobalSecondaryIndexes ?? []).map((index) => ({ ...index, kind: 'Global', state: index.IndexStatus })),
    ...(table.LocalSecondaryIndexes ?? []).map((index) => ({ ...index, kind: 'Local', state: 'ACTIVE' })),
  ];
  const facts = [
    { label: 'State', value: <Status state={table.TableStatus} /> },
    { label: 'Keys', value: keysText(table) },
    { label: 'Items', value: countText(table.ItemCount ?? 0) },
    { label: 'Size', value: <Size bytes={table.TableSizeBytes} /> },
    { label: 'Billing mode', value: table.BillingModeSummary?.BillingMode ?? 'PROVISIONED' },
    { label: 'Created', value: <Time at={table.CreationDateTime} /> },
    { label: 'Point-in-time recovery', value: <Status state={recovery?.PointInTimeRecoveryStatus} /> },
    { label: 'Deletion protection', value: table.DeletionProtectionEnabled ? 'On' : 'Off' },
    { label: 'Stream', value: table.StreamSpecification?.StreamViewType ?? 'Off' },
    { label: 'ARN', value: <Copy text={table.TableArn ?? ''} what="ARN" /> },
  ];
  if (restored) facts.push({ label: 'Restored', value: restored });
  return (
    <SpaceBetween size="l">
      {recovery?.PointInTimeRecoveryStatus === 'DISABLED' && table.TableStatus === 'ACTIVE' && (
        <Alert
          type="warning"
          header="Point-in-time recovery is off"
          action={<Button onClick={() => setProtecting(true)}>Turn on recovery</Button>}
        >
          {restored && 'A restore does not carry it over. '}
          What is deleted or overwritten here by mistake cannot be brought back, unless a backup has it.
        </Alert>
      )}
      {protecting && (
        <ProtectTables
          names={[table.TableName ?? '']}
          onClose={() => setProtecting(false)}
          onDone={onRecoveryChanged}
        />
      )}
      <Container header={<Header variant="h2">General information</Header>}>
        <KeyValuePairs columns={3} items={facts} />
      </Container>
      <Table
        header={
          <Header variant="h2" counter={`(${indexes.length})`}>
            Indexes
          </Header>
        }
        items={indexes}
        trackBy="IndexName"
        ariaLabels={{ tableLabel: 'Indexes' }}
        empty="No secondary indexes"
        columnDefinitions={[
          { id: 'name', header: 'Name', isRowHeader: true, cell: (index) => index.IndexName },
          { id: 'kind', header: 'Kind', cell: (index) => index.kind },
          { id: 'state', header: 'Status', cell: (index) => <Status state={index.state} /> },
          {
            id: 'keys',
            header: 'Keys',
            cell: (index) => index.KeySchema?.map((key) => key.AttributeName).join(', '),
          },
          { id: 'projection', header: 'Projection', cell: (index) => index.Projection?.ProjectionType },
        ]}
      />
    </SpaceBetween>
  );
}
