// How well the tables of this Region are protected, and what is under way.
import type { BackupSummary } from '@aws-sdk/client-dynamodb';
import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import { useMemo, useState } from 'react';
import { useApi } from '../api/clients';
import { type TableOverview, allBackups, allTables, tableNames } from '../api/tables';
import { DataTable } from '../components/data_table';
import { ErrorAlert } from '../components/error_alert';
import { Size, Time, countText } from '../components/format';
import { Page } from '../components/page';
import { useLoad } from '../hooks/load';
import { go, href } from '../hooks/route';
import { Advice } from './advice';
import { GetStarted, hasStart } from './get_started';
import { ProtectTables } from './protect_tables';

const isOn = ({ recovery }: TableOverview) => recovery?.PointInTimeRecoveryStatus === 'ENABLED';
const nameOf = ({ table }: TableOverview) => table.TableName ?? '';

// By table, its newest backup that can be restored.
function newestBackups(backups: BackupSummary[]): Map<string, BackupSummary> {
  const newest = new Map<string, BackupSummary>();
  for (const backup of backups) {
    const table = backup.TableName ?? '';
    if (backup.BackupStatus === 'AVAILABLE' && !newest.has(table)) newest.set(table, backup);
  }
  return newest;
}

export default function Dashboard() {
  const api = useApi();
  const [protecting, setProtecting] = useState<string[] | null>(null);
  const names = useLoad(() => tableNames(api), [api]);
  const loaded = useLoad<TableOverview[]>((_, signal) => allTables(api, undefined, signal), [api]);
  const kept = useLoad<BackupSummary[]>((_, signal) => allBackups(api, { signal }), [api]);
  const tables = loaded.value;
  const backups = kept.value;
  const newest = useMemo(() => backups && newestBackups(backups), [backups]);
  const refresh = () => [names, loaded, kept].forEach((one) => one.refresh());
  const inVaults = backups?.filter((one) => one.BackupType === 'AWS_BACKUP').length ?? 0;
  const open = tables?.filter((one) => !isOn(one));
  const sum = (numbers: (number | undefined)[]) => numbers.reduce<number>((all, one) => all + (one ?? 0), 0);
  return (
    <Page title="Dashboard" crumbs={[]} actions={<Button onClick={() => go('#/tables')}>View tables</Button>}>
      {tables && hasStart(tables) && <GetStarted tables={tables} onChanged={refresh} />}
      {open && open.length > 0 && (
        <Alert
          type="warning"
          header={`${countText(open.length)} of ${countText(tables?.length ?? 0)} tables cannot be put back`}
          action={<Button onClick={() => setProtecting(open.map(nameOf))}>Turn on recovery for all</Button>}
        >
          Point-in-time recovery is off for them: what is deleted there by mistake is gone, unless a backup has it.
        </Alert>
      )}
      {names.value && (
        <Container header={<Header variant="h2">Protection</Header>}>
          <KeyValuePairs
            columns={4}
            items={[
              { label: 'Tables', value: countText(names.value.length) },
              { label: 'With point-in-time recovery', value: tables ? countText(tables.filter(isOn).length) : '...' },
              {
                label: 'Size of tables',
                value: tables ? <Size bytes={sum(tables.map(({ table }) => table.TableSizeBytes))} /> : '...',
              },
              {
                label: 'Backups',
                value: backups ? (
                  <>
                    {countText(backups.length)}, <Size bytes={sum(backups.map((one) => one.BackupSizeBytes))} />
                    {inVaults > 0 && (
                      <div>
                        <Link href="#/vaults">{countText(inVaults)} in vaults</Link>
                      </div>
                    )}
                  </>
                ) : (
                  '...'
                ),
              },
            ]}
          />
        </Container>
      )}
      <ErrorAlert error={loaded.error ?? kept.error} onRetry={refresh} />
      {!tables && loaded.loading && <Spinner size="large" />}
      {tables && tables.length > 0 && (
        <DataTable
          title="Tables without recovery"
          noun="table"
          loaded={{ ...loaded, error: undefined, refresh }}
          items={open}
          id={nameOf}
          columns={[
            {
              id: 'name',
              header: 'Name',
              isRowHeader: true,
              cell: (one) => <Link href={href(['tables', nameOf(one), 'backups'])}>{nameOf(one)}</Link>,
            },
            { id: 'items', header: 'Items', cell: ({ table }) => countText(table.ItemCount ?? 0) },
            { id: 'size', header: 'Size', cell: ({ table }) => <Size bytes={table.TableSizeBytes} /> },
            {
              id: 'backup',
              header: 'Newest backup',
              cell: (one) => <Time at={newest?.get(nameOf(one))?.BackupCreationDateTime} />,
            },
            {
              id: 'act',
              header: 'Recovery',
              minWidth: 160,
              cell: (one) => (
                <SpaceBetween direction="horizontal" size="xs">
                  <Button
                    variant="inline-link"
                    ariaLabel={`Turn on recovery of ${nameOf(one)}`}
                    onClick={() => setProtecting([nameOf(one)])}
                  >
                    Turn on recovery
                  </Button>
                </SpaceBetween>
              ),
            },
          ]}
          empty="Every table has point-in-time recovery."
        />
      )}
      {tables && tables.length > 0 && <Advice key={loaded.at?.getTime()} />}
      {protecting && <ProtectTables names={protecting} onClose={() => setProtecting(null)} onDone={refresh} />}
    </Page>
  );
}
