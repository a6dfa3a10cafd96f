// A restore of items: what it does, how far it is, what it left alone and why.
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import Link from '@cloudscape-design/components/link';
import ProgressBar from '@cloudscape-design/components/progress-bar';
import { useApi } from '../api/clients';
import { keyText } from '../api/items';
import { DataTable } from '../components/data_table';
import { ErrorAlert } from '../components/error_alert';
import { Time, countText } from '../components/format';
import { Page } from '../components/page';
import { Status } from '../components/status';
import { useLoad } from '../hooks/load';
import { href } from '../hooks/route';

export default function JobPage({ id }: { id: string }) {
  const api = useApi();
  const loaded = useLoad(() => api.tidemark('DescribeItemRestore', { JobId: id }), [api, id], {
    busy: (job) => job.Status === 'RUNNING',
  });
  const job = loaded.value;
  return (
    <Page
      title={job ? `Restore of items of ${job.TableName}` : 'Restore of items'}
      crumbs={[{ text: 'Jobs', href: '#/jobs' }]}
    >
      <ErrorAlert error={loaded.error} onRetry={loaded.refresh} />
      {job && (
        <>
          <Container header={<Header variant="h2">{job.DryRun ? 'Dry run: nothing is written' : 'Details'}</Header>}>
            {job.Status === 'RUNNING' && <ProgressBar value={job.ProgressPercent} label="Progress" />}
            <KeyValuePairs
              columns={4}
              items={[
                { label: 'State', value: <Status state={job.Status} /> },
                { label: 'Table', value: <Link href={href(['tables', job.TableName])}>{job.TableName}</Link> },
                { label: 'Back to', value: <Time at={job.RestoreDateTime} /> },
                { label: 'Undoes what was done until', value: <Time at={job.Until} /> },
                { label: 'Created', value: <Time at={job.CreationDateTime} /> },
                { label: 'Ended', value: <Time at={job.EndDateTime} /> },
                { label: 'Access key', value: job.AccessKeyId ?? '-' },
                { label: 'Failure', value: job.FailureReason ?? '-' },
                { label: 'Put again', value: countText(job.Restored.REMOVED) },
                { label: 'Changed back', value: countText(job.Restored.CHANGED) },
                { label: 'Deleted', value: countText(job.Restored.ADDED) },
                { label: 'Already so', value: countText(job.AlreadySo) },
              ]}
            />
          </Container>
          <DataTable
            title="Left alone"
            noun="item"
            loaded={loaded}
            items={job.NotRestored}
            id={(left) => keyText(left.Key)}
            columns={[
              { id: 'key', header: 'Key', isRowHeader: true, cell: (left) => keyText(left.Key) },
              { id: 'kind', header: 'What it was', cell: (left) => left.Kind },
              {
                id: 'why',
                header: 'Why',
                cell: (left) => left.Message ?? 'Somebody changed it meanwhile; that change was kept.',
              },
            ]}
            empty="No item was left alone."
          />
        </>
      )}
    </Page>
  );
}
