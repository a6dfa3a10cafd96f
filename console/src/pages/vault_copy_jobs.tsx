// Jobs that copy recovery points into other vaults.
import Link from '@cloudscape-design/components/link';
import { type CopyJob, copyJobs, isUnderWay } from '../api/backup_jobs';
import { useApi } from '../api/clients';
import { tableNameOf, vaultNameOf, vaultPlace } from '../api/vaults';
import { DataTable } from '../components/data_table';
import { Size, Time } from '../components/format';
import { JobState } from '../components/job_state';
import { useLoad } from '../hooks/load';
import { href } from '../hooks/route';

const idOf = (job: CopyJob) => job.CopyJobId ?? '';

export function CopyJobs() {
  const api = useApi();
  const loaded = useLoad(() => copyJobs(api), [api], { busy: (jobs) => jobs.some((job) => isUnderWay(job.State)) });
  return (
    <DataTable
      title="Copy jobs"
      noun="copy job"
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
          sortingField: 'State',
          minWidth: 150,
          cell: (job) => <JobState state={job.State} of={`Copy job ${idOf(job)}`} />,
        },
        { id: 'message', header: 'Message', minWidth: 220, cell: (job) => job.StatusMessage ?? '-' },
        { id: 'table', header: 'Recovery point of', cell: (job) => tableNameOf(job.ResourceArn) },
        {
          id: 'from',
          header: 'From vault',
          cell: (job) => {
            const name = vaultNameOf(job.SourceBackupVaultArn);
            return <Link href={href(['vaults', name])}>{name}</Link>;
          },
        },
        { id: 'to', header: 'To vault', cell: (job) => vaultPlace(job.DestinationBackupVaultArn) },
        {
          id: 'created',
          header: 'Created',
          sortingField: 'CreationDate',
          cell: (job) => <Time at={job.CreationDate} />,
        },
        { id: 'ended', header: 'Ended', cell: (job) => <Time at={job.CompletionDate} /> },
        { id: 'size', header: 'Size', cell: (job) => <Size bytes={job.BackupSizeInBytes} /> },
      ]}
      empty="No copy jobs. A plan starts them, or Copy beside a recovery point does."
    />
  );
}
