// The recovery points of a vault.
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useApi } from '../api/clients';
import { retentionText } from '../api/lifecycle';
import { type Point, type VaultDetails, isAirGapped, tableNameOf, vaultPoints } from '../api/vaults';
import { CopyPoint } from '../components/copy_point';
import { DataTable } from '../components/data_table';
import { Size, Time } from '../components/format';
import { DeletePoints, EditLifecycle } from '../components/point_acts';
import { Status } from '../components/status';
import { useLoad } from '../hooks/load';
import { go, href, useRoute } from '../hooks/route';

const arnOf = (point: Point) => point.RecoveryPointArn ?? '';
const MOVING = ['CREATING', 'DELETING'];

export function VaultPoints({ vault, onChanged }: { vault: VaultDetails; onChanged: () => void }) {
  const api = useApi();
  const name = vault.BackupVaultName ?? '';
  const { query } = useRoute();
  const select = query.get('select');
  const loaded = useLoad(() => vaultPoints(api, name), [api, name, select], {
    busy: (points) => points.some((point) => MOVING.includes(point.Status ?? '')),
  });
  const [chosen, setChosen] = useState<string[] | null>(null);
  const [dialog, setDialog] = useState<'copy' | 'delete' | 'life' | null>(null);
  const wanted = chosen ?? (select ? [select] : []);
  const selected = (loaded.value ?? []).filter((point) => wanted.includes(arnOf(point)));
  const one = selected.length === 1 ? selected[0] : undefined;
  const ready = selected.length > 0 && selected.every((point) => !MOVING.includes(point.Status ?? ''));
  const changed = () => {
    loaded.refresh();
    onChanged();
  };
  return (
    <>
      <DataTable
        title="Recovery points"
        noun="recovery point"
        loaded={loaded}
        items={loaded.value}
        id={arnOf}
        selection="multi"
        selected={selected}
        onSelect={(points) => setChosen(points.map(arnOf))}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button
              disabled={one?.Status !== 'COMPLETED'}
              onClick={() => go(href(['vaults', name, 'restore', arnOf(one as Point)]))}
            >
              Restore
            </Button>
            <Button disabled={one?.Status !== 'COMPLETED'} onClick={() => setDialog('copy')}>
              Copy
            </Button>
            <Button disabled={!one || !ready} onClick={() => setDialog('life')}>
              Edit lifecycle
            </Button>
            <Button disabled={!ready} onClick={() => setDialog('delete')}>
              Delete
            </Button>
          </SpaceBetween>
        }
        columns={[
          {
            id: 'id',
            header: 'Recovery point ID',
            minWidth: 180,
            isRowHeader: true,
            cell: (point) => (
              <Link href={href(['vaults', name, 'points', arnOf(point)])}>
                <span className="breakable">{arnOf(point).replace(/^.*[/:]/, '')}</span>
              </Link>
            ),
          },
          {
            id: 'table',
            header: 'Resource',
            sortingField: 'ResourceArn',
            cell: (point) => (
              <Link href={href(['protected', point.ResourceArn ?? ''])}>{tableNameOf(point.ResourceArn)}</Link>
            ),
          },
          { id: 'status', header: 'Status', minWidth: 150, cell: (point) => <Status state={point.Status} /> },
          {
            id: 'created',
            header: 'Created',
            sortingField: 'CreationDate',
            cell: (point) => <Time at={point.CreationDate} />,
          },
          {
            id: 'size',
            header: 'Size',
            sortingField: 'BackupSizeInBytes',
            cell: (point) => <Size bytes={point.BackupSizeInBytes} />,
          },
          { id: 'kept', header: 'Kept', cell: (point) => retentionText(point.Lifecycle) },
          { id: 'end', header: 'Deleted at', cell: (point) => <Time at={point.CalculatedLifecycle?.DeleteAt} /> },
        ]}
        empty={
          <SpaceBetween size="s">
            <Box variant="strong">No recovery points</Box>
            {isAirGapped(vault) ? (
              <span>Copies come here: of a recovery point in another vault, by Copy, or by a plan.</span>
            ) : (
              <>
                <span>A recovery point is a backup of a table that is kept here, made by a job or by a plan.</span>
                <Button onClick={() => go(href(['vault-jobs', 'create'], { vault: name }))}>
                  Create on-demand backup
                </Button>
              </>
            )}
          </SpaceBetween>
        }
      />
      {dialog === 'copy' && one && <CopyPoint vault={name} point={one} onClose={() => setDialog(null)} />}
      {dialog === 'delete' && (
        <DeletePoints
          vault={name}
          points={selected}
          locked={vault.Locked === true}
          onClose={() => setDialog(null)}
          onDone={changed}
        />
      )}
      {dialog === 'life' && one && (
        <EditLifecycle
          vault={name}
          point={one}
          locked={vault.Locked === true}
          onClose={() => setDialog(null)}
          onDone={changed}
        />
      )}
    </>
  );
}
