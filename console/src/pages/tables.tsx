import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useApi } from '../api/clients';
import { type TableOverview, allTables, keysText } from '../api/tables';
import { DataTable } from '../components/data_table';
import { Size, countText, durationText } from '../components/format';
import { Page } from '../components/page';
import { Status } from '../components/status';
import { useLoad } from '../hooks/load';
import { href, replace } from '../hooks/route';
import { CreateTable } from './create_table';
import { ProtectTables } from './protect_tables';

// "On, 3 d 4 h": whether recovery is on, and how far back it reaches.
export function recoveryText({ recovery, pending }: TableOverview): string {
  if (pending) return '...';
  if (!recovery) return '-';
  if (recovery.PointInTimeRecoveryStatus !== 'ENABLED') return 'Off';
  const { EarliestRestorableDateTime: earliest, LatestRestorableDateTime: latest } = recovery;
  if (!earliest || !latest) return 'On';
  return `On, ${durationText((latest.getTime() - earliest.getTime()) / 1000)}`;
}

const nameOf = ({ table }: TableOverview) => table.TableName ?? '';
const isBusy = (tables: TableOverview[]) => tables.some(({ table }) => table.TableStatus !== 'ACTIVE');

export default function Tables({ create }: { create: boolean }) {
  const api = useApi();
  const [creating, setCreating] = useState(create);
  const [protecting, setProtecting] = useState(false);
  const [selected, setSelected] = useState<TableOverview[]>([]);
  const loaded = useLoad<TableOverview[]>((show, signal) => allTables(api, show, signal), [api], { busy: isBusy });
  const closeCreating = () => {
    setCreating(false);
    if (create) replace('#/tables');
  };
  return (
    <Page title="Tables" crumbs={[]}>
      <DataTable
        title="Tables"
        noun="table"
        loaded={loaded}
        items={loaded.value}
        id={nameOf}
        selection="multi"
        selected={selected}
        onSelect={setSelected}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button disabled={!selected.length} onClick={() => setProtecting(true)}>
              Turn on recovery
            </Button>
            <Button variant="primary" onClick={() => setCreating(true)}>
              Create table
            </Button>
          </SpaceBetween>
        }
        columns={[
          {
            id: 'name',
            header: 'Name',
            sortingField: 'name',
            sortingComparator: (a, b) => nameOf(a).localeCompare(nameOf(b)),
            isRowHeader: true,
            cell: (one) => <Link href={href(['tables', nameOf(one)])}>{nameOf(one)}</Link>,
          },
          { id: 'state', header: 'State', cell: ({ table }) => <Status state={table.TableStatus} /> },
          { id: 'keys', header: 'Keys', cell: ({ table }) => keysText(table) },
          {
            id: 'items',
            header: 'Items',
            cell: ({ table, pending }) => (pending ? '...' : countText(table.ItemCount ?? 0)),
          },
          { id: 'size', header: 'Size', cell: ({ table }) => <Size bytes={table.TableSizeBytes} /> },
          { id: 'recovery', header: 'Point-in-time recovery', cell: recoveryText },
          {
            id: 'deletion',
            header: 'Deletion protection',
            cell: ({ table, pending }) => (pending ? '...' : table.DeletionProtectionEnabled ? 'On' : 'Off'),
          },
        ]}
        empty={
          <SpaceBetween size="s">
            <Box variant="strong">No tables in this Region</Box>
            <span>
              A table holds items, each found by its key. The Dashboard makes an example to try things out on.
            </span>
            <Button onClick={() => setCreating(true)}>Create table</Button>
          </SpaceBetween>
        }
      />
      {creating && <CreateTable onClose={closeCreating} onCreated={loaded.refresh} />}
      {protecting && (
        <ProtectTables names={selected.map(nameOf)} onClose={() => setProtecting(false)} onDone={loaded.refresh} />
      )}
    </Page>
  );
}
