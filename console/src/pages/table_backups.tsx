import type { BackupSummary, PointInTimeRecoveryDescription } from '@aws-sdk/client-dynamodb';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useApi } from '../api/clients';
import { allBackups } from '../api/tables';
import { BackupTable } from '../components/backup_table';
import { useLoad } from '../hooks/load';
import { useRoute } from '../hooks/route';
import { RecoveryCard } from './recovery_card';

interface Props {
  table: string;
  recovery: PointInTimeRecoveryDescription | undefined;
  onChanged: () => void; // of recovery
}

export function BackupsTab({ table, recovery, onChanged }: Props) {
  const api = useApi();
  const { query } = useRoute();
  const select = query.get('select');
  const loaded = useLoad<BackupSummary[]>(
    (show, signal) => allBackups(api, { table, show, signal }),
    [api, table, select],
    {
      busy: (backups) => backups.some((backup) => backup.BackupStatus === 'CREATING'),
    },
  );
  return (
    <SpaceBetween size="l">
      <RecoveryCard table={table} recovery={recovery} onChanged={onChanged} />
      <BackupTable title="Backups" loaded={loaded} table={table} select={select} />
    </SpaceBetween>
  );
}
