// Jobs that restore recovery points into new tables.
import Link from '@cloudscape-design/components/link';
import { type RestoreJob, isUnderWay, percentOf, restoreJobs } from '../api/backup_jobs';
import { useApi } from '../api/clients';
import { tableNameOf } from '../api/vaults';
import { DataTable } from '../components/data_table';
import { Size, Time } from '../components/format';
import { JobState } from '../components/job_state';
import { useLoad } from '../hooks/load';
import { href } from '../hooks/route';

const idOf = (job: RestoreJob) => job.RestoreJobId ?? '';

function NewTable({ job }: { job: RestoreJob }) {
  if (!job.CreatedResourceArn) return <>-</>;
  const name = tableNameOf(job.CreatedResourceArn);
  return <Link href={href(['tables', name])}>{name}</Link>;
}

export function RestoreJobs() {
  const api = useApi();
  const loaded = useLoad(() => restoreJobs(api), [api], {
    busy: (jobs) => jobs.some((job) => isUnderWay(job.Status)),
  });
  return (
    <DataTable
      title="Restore jobs"
      noun="restore job"
      loaded={loaded}
      items={loaded.value}
      id={idOf}
      columns={[
        {
          id: 'id',
          header: 'Job ID',
          minWidth: 180,
          isRowHeader: true,
          cell: (job) => <span className="breakable">{idOf(job)}</span>,
        },
        {
          id: 'state',
          header: 'State',
          sortingField: 'Status',
          minWidth: 150,
          cell: (job) => (
            <JobState state={job.Status} percent={percentOf(job.PercentDone)} of={`Restore job ${idOf(job)}`} />
          ),
        },
        { id: 'message', header: 'Message', minWidth: 220, cell: (job) => job.StatusMessage ?? '-' },
        { id: 'table', header: 'New table', cell: (job) => <NewTable job={job} /> },
        { id: 'source', header: 'Recovery point of', cell: (job) => tableNameOf(job.SourceResourceArn) },
        {
          id: 'created',
          header: 'Created',
          sortingField: 'CreationDate',
          cell: (job) => <Time at={job.CreationDate} />,
        },
        { id: 'ended', header: 'Ended', cell: (job) => <Time at={job.CompletionDate} /> },
        { id: 'size', header: 'Size', cell: (job) => <Size bytes={job.BackupSizeInBytes} /> },
      ]}
      empty="No restore jobs. A recovery point is restored from its vault."
    />
  );
}
