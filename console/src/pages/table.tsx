// One table: overview, backups with recovery, its past.
import { DeleteTableCommand } from '@aws-sdk/client-dynamodb';
import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Tabs from '@cloudscape-design/components/tabs';
import { useState } from 'react';
import { useApi } from '../api/clients';
import { describeTable, recovery, tableProgress } from '../api/tables';
import { ErrorAlert } from '../components/error_alert';
import { Page } from '../components/page';
import { TypedConfirm } from '../components/typed_confirm';
import { useJobs } from '../hooks/jobs';
import { useLoad } from '../hooks/load';
import { go, href } from '../hooks/route';
import { BackupsTab } from './table_backups';
import { OverviewTab } from './table_overview';
import { PastTab } from './table_past';

export default function Table({ name, tab }: { name: string; tab: string }) {
  const api = useApi();
  const { follow, jobs } = useJobs();
  // A restore in this tab sets recovery once the table is there.
  const restoring = jobs.find((job) => job.kind === 'Restore' && job.href === href(['tables', name]))?.progress.state;
  const [deleting, setDeleting] = useState(false);
  const table = useLoad(() => describeTable(api, name), [api, name], { busy: (one) => one.TableStatus !== 'ACTIVE' });
  const state = table.value?.TableStatus;
  const pitr = useLoad(() => recovery(api, name), [api, name, state, restoring]);
  const remove = async () => {
    await api.dynamodb.send(new DeleteTableCommand({ TableName: name }));
    follow({
      kind: 'Delete table',
      title: `Table ${name}`,
      href: '#/backups',
      look: async () => {
        const progress = await tableProgress(api, name);
        return progress.state === 'Failed' ? { state: 'Completed' } : progress;
      },
    });
    go('#/tables');
  };
  const protectedNow = pitr.value?.PointInTimeRecoveryStatus === 'ENABLED';
  return (
    <Page
      title={name}
      crumbs={[{ text: 'Tables', href: '#/tables' }]}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <ButtonDropdown
            items={[{ id: 'delete', text: 'Delete table', disabled: state !== 'ACTIVE' }]}
            onItemClick={() => setDeleting(true)}
          >
            Actions
          </ButtonDropdown>
          <Button variant="primary" onClick={() => go(href(['explore', name]))}>
            Explore items
          </Button>
        </SpaceBetween>
      }
    >
      <ErrorAlert error={table.error} onRetry={table.refresh} />
      <ErrorAlert error={pitr.error} onRetry={pitr.refresh} />
      {table.value && (
        <Tabs
          ariaLabel={`Table ${name}`}
          activeTabId={tab}
          onChange={({ detail }) => go(href(['tables', name, detail.activeTabId]))}
          tabs={[
            {
              id: 'overview',
              label: 'Overview',
              content: (
                <OverviewTab
                  table={table.value}
                  recovery={restoring === 'Running' ? undefined : pitr.value}
                  onRecoveryChanged={pitr.refresh}
                />
              ),
            },
            {
              id: 'backups',
              label: 'Backups',
              content: <BackupsTab table={name} recovery={pitr.value} onChanged={pitr.refresh} />,
            },
            {
              id: 'past',
              label: 'Time machine',
              content: (
                <PastTab
                  table={table.value}
                  recovery={pitr.value}
                  onRefresh={pitr.refresh}
                  onTableChanged={table.refresh}
                />
              ),
            },
          ]}
        />
      )}
      {deleting && (
        <TypedConfirm
          title={`Delete table ${name}?`}
          word="delete"
          action="Delete table"
          warning={
            protectedNow
              ? 'The table and its history will be gone. A backup of type SYSTEM remains for 35 days.'
              : 'The table will be gone for good: point-in-time recovery is off, so no backup is made of it.'
          }
          onConfirm={remove}
          onClose={() => setDeleting(false)}
        />
      )}
    </Page>
  );
}
