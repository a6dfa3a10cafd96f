import type { BackupSummary } from '@aws-sdk/client-dynamodb';
import { useApi } from '../api/clients';
import { allBackups } from '../api/tables';
import { BackupTable } from '../components/backup_table';
import { Page } from '../components/page';
import { useLoad } from '../hooks/load';
import { useRoute } from '../hooks/route';

export default function Backups() {
  const api = useApi();
  const { query } = useRoute();
  const loaded = useLoad<BackupSummary[]>((show, signal) => allBackups(api, { show, signal }), [api], {
    busy: (backups) => backups.some((backup) => backup.BackupStatus === 'CREATING'),
  });
  return (
    <Page
      title="Backups"
      crumbs={[]}
      description="On-demand backups of all tables, and those the server made when a protected table was deleted."
    >
      <BackupTable title="Backups" loaded={loaded} select={query.get('select')} />
    </Page>
  );
}
