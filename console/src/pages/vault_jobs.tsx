// Jobs of AWS Backup: under way, and ended in the last 30 days.
import Button from '@cloudscape-design/components/button';
import Tabs from '@cloudscape-design/components/tabs';
import { Page } from '../components/page';
import { go, href } from '../hooks/route';
import { BackupJobs } from './vault_backup_jobs';
import { CopyJobs } from './vault_copy_jobs';
import { RestoreJobs } from './vault_restore_jobs';

export default function VaultJobs({ tab }: { tab: string }) {
  return (
    <Page
      title="AWS Backup jobs"
      crumbs={[]}
      description="The server goes on with them by itself, and tells of them for 30 days."
      actions={
        <Button variant="primary" onClick={() => go('#/vault-jobs/create')}>
          Create on-demand backup
        </Button>
      }
    >
      <Tabs
        ariaLabel="Kinds of jobs"
        activeTabId={tab}
        onChange={({ detail }) => go(href(['vault-jobs', detail.activeTabId]))}
        tabs={[
          { id: 'backup', label: 'Backup jobs', content: <BackupJobs /> },
          { id: 'restore', label: 'Restore jobs', content: <RestoreJobs /> },
          { id: 'copy', label: 'Copy jobs', content: tab === 'copy' && <CopyJobs /> },
        ]}
      />
    </Page>
  );
}
