// Backups with what can be done with them: of one table, or all.
import { type BackupSummary, DeleteBackupCommand } from '@aws-sdk/client-dynamodb';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { type ReactNode, useState } from 'react';
import { useApi } from '../api/clients';
import type { Loaded } from '../hooks/load';
import { go, href } from '../hooks/route';
import { ContinueToVault } from './continue_to_vault';
import { DataTable } from './data_table';
import { Size, Time, countOf, sizeText } from './format';
import { Status } from './status';
import { TypedConfirm } from './typed_confirm';

interface Props {
  title: string;
  loaded: Loaded<BackupSummary[]>;
  table?: string; // whose backups these are; else there is a column for it
  select?: string | null; // ARN of the one that is chosen at first
}

const arnOf = (backup: BackupSummary) => backup.BackupArn ?? '';

// A vault ends the lives of its recovery points itself.
export function Expires({ backup }: { backup: Pick<BackupSummary, 'BackupExpiryDateTime' | 'BackupType'> }) {
  if (backup.BackupExpiryDateTime) return <Time at={backup.BackupExpiryDateTime} />;
  return <>{backup.BackupType === 'AWS_BACKUP' ? 'As its vault says' : 'Never'}</>;
}

function CreateButton({ table, primary }: { table?: string; primary: boolean }) {
  return (
    <Button variant={primary ? 'primary' : 'normal'} onClick={() => go(href(['backups', 'create'], { table }))}>
      Create backup
    </Button>
  );
}

export function DeleteBackups({
  backups,
  onClose,
  onDeleted,
}: {
  backups: BackupSummary[];
  onClose: () => void;
  onDeleted: () => void;
}) {
  const api = useApi();
  const bytes = backups.reduce((sum, backup) => sum + (backup.BackupSizeBytes ?? 0), 0);
  const remove = async () => {
    try {
      for (const backup of backups) await api.dynamodb.send(new DeleteBackupCommand({ BackupArn: arnOf(backup) }));
    } finally {
      onDeleted();
    }
  };
  return (
    <TypedConfirm
      title={`Delete ${countOf(backups.length, 'backup')}?`}
      word="delete"
      action="Delete"
      warning={`${sizeText(bytes)} of backups will be gone for good. Tables are not touched.`}
      onConfirm={remove}
      onClose={onClose}
    >
      <ul>
        {backups.map((backup) => (
          <li key={arnOf(backup)}>
            {backup.BackupName} of {backup.TableName}, <Time at={backup.BackupCreationDateTime} />
          </li>
        ))}
      </ul>
    </TypedConfirm>
  );
}

export function BackupTable({ title, loaded, table, select }: Props) {
  const preselected = loaded.value?.find((backup) => arnOf(backup) === select);
  const [chosen, setChosen] = useState<BackupSummary[] | null>(null);
  const [deleting, setDeleting] = useState(false);
  const wanted = chosen ?? (preselected ? [preselected] : []);
  // As they are now: their state may have changed since they were chosen.
  const selected = (loaded.value ?? []).filter((backup) => wanted.some((one) => arnOf(one) === arnOf(backup)));
  const one = selected.length === 1 ? selected[0] : undefined;
  const deletable = selected.length > 0 && selected.every((backup) => backup.BackupType === 'USER');
  const managed = one?.BackupType === 'AWS_BACKUP';
  const tableColumn = {
    id: 'table',
    header: 'Source table',
    sortingField: 'TableName',
    cell: (backup: BackupSummary): ReactNode => (
      <Link href={href(['tables', backup.TableName ?? ''])}>{backup.TableName}</Link>
    ),
  };
  return (
    <>
      <DataTable
        title={title}
        noun="backup"
        loaded={loaded}
        items={loaded.value}
        id={arnOf}
        selection="multi"
        selected={selected}
        onSelect={setChosen}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button
              disabled={one?.BackupStatus !== 'AVAILABLE'}
              onClick={() => go(href(['restore'], { backup: one?.BackupArn }))}
            >
              Restore
            </Button>
            <Button disabled={!deletable && !managed} onClick={() => setDeleting(true)}>
              Delete
            </Button>
            <CreateButton table={table} primary />
          </SpaceBetween>
        }
        columns={[
          {
            id: 'name',
            header: 'Backup name',
            sortingField: 'BackupName',
            isRowHeader: true,
            cell: (backup) => <Link href={href(['backups', arnOf(backup)])}>{backup.BackupName}</Link>,
          },
          { id: 'status', header: 'Status', cell: (backup) => <Status state={backup.BackupStatus} /> },
          ...(table ? [] : [tableColumn]),
          { id: 'type', header: 'Type', sortingField: 'BackupType', cell: (backup) => backup.BackupType },
          {
            id: 'created',
            header: 'Created',
            sortingField: 'BackupCreationDateTime',
            cell: (backup) => <Time at={backup.BackupCreationDateTime} />,
          },
          {
            id: 'size',
            header: 'Size',
            sortingField: 'BackupSizeBytes',
            cell: (backup) => <Size bytes={backup.BackupSizeBytes} />,
          },
          {
            id: 'expires',
            header: 'Expires',
            cell: (backup) => <Expires backup={backup} />,
          },
        ]}
        empty={
          <SpaceBetween size="s">
            <Box variant="strong">No backups</Box>
            <span>
              A backup holds a table as it is at that instant, until you delete it. Making one does not slow the
              table.
            </span>
            <CreateButton table={table} primary={false} />
          </SpaceBetween>
        }
      />
      {deleting && managed && <ContinueToVault backup={one} onClose={() => setDeleting(false)} />}
      {deleting && !managed && (
        <DeleteBackups backups={selected} onClose={() => setDeleting(false)} onDeleted={loaded.refresh} />
      )}
    </>
  );
}
