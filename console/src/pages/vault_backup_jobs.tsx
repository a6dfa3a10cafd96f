// Jobs that make recovery points.
import Button from '@cloudscape-design/components/button';
import Link from '@cloudscape-design/components/link';
import { useState } from 'react';
import { type BackupJob, backupJobs, isUnderWay, stopBackup } from '../api/backup_jobs';
import { useApi } from '../api/clients';
import { tableNameOf } from '../api/vaults';
import { DataTable } from '../components/data_table';
import { FormDialog } from '../components/form_dialog';
import { Size, Time } from '../components/format';
import { JobState } from '../components/job_state';
import { useLoad } from '../hooks/load';
import { href } from '../hooks/route';

const idOf = (job: BackupJob) => job.BackupJobId ?? '';

function StartedBy({ job }: { job: BackupJob }) {
  const by = job.CreatedBy;
  if (!by?.BackupPlanId) return <>On demand</>;
  const name = by.BackupPlanName ?? by.BackupPlanId;
  return (
    <Link href={href(['plans', by.BackupPlanId])}>{by.BackupRuleName ? `${name}, ${by.BackupRuleName}` : name}</Link>
  );
}

function JobId({ job }: { job: BackupJob }) {
  const id = <span className="breakable">{idOf(job)}</span>;
  if (job.State !== 'COMPLETED') return id;
  return <Link href={href(['vaults', job.BackupVaultName ?? '', 'points', job.RecoveryPointArn ?? ''])}>{id}</Link>;
}

function StopJob({ job, onClose, onDone }: { job: BackupJob; onClose: () => void; onDone: () => void }) {
  const api = useApi();
  return (
    <FormDialog
      title="Stop backup job?"
      action="Stop job"
      ready
      onSubmit={() => stopBackup(api, idOf(job))}
      onDone={onDone}
      onClose={onClose}
    >
      <div>
        The backup of {tableNameOf(job.ResourceArn)} into vault {job.BackupVaultName} is given up, and nothing of it
        stays behind. The table is not touched.
      </div>
    </FormDialog>
  );
}

export function BackupJobs() {
  const api = useApi();
  const loaded = useLoad(() => backupJobs(api), [api], { busy: (jobs) => jobs.some((job) => isUnderWay(job.State)) });
  const [chosen, setChosen] = useState('');
  const [stopping, setStopping] = useState(false);
  const one = loaded.value?.find((job) => idOf(job) === chosen);
  return (
    <>
      <DataTable
        title="Backup jobs"
        noun="backup job"
        loaded={loaded}
        items={loaded.value}
        id={idOf}
        selection="single"
        selected={one ? [one] : []}
        onSelect={([job]) => setChosen(job ? idOf(job) : '')}
        actions={
          <Button disabled={!isUnderWay(one?.State)} onClick={() => setStopping(true)}>
            Stop
          </Button>
        }
        columns={[
          { id: 'id', header: 'Job ID', minWidth: 180, isRowHeader: true, cell: (job) => <JobId job={job} /> },
          {
            id: 'state',
            header: 'State',
            sortingField: 'State',
            minWidth: 150,
            cell: (job) => <JobState state={job.State} of={`Backup of ${tableNameOf(job.ResourceArn)}`} />,
          },
          { id: 'message', header: 'Message', minWidth: 220, cell: (job) => job.StatusMessage ?? '-' },
          {
            id: 'table',
            header: 'Resource',
            sortingField: 'ResourceArn',
            cell: (job) => tableNameOf(job.ResourceArn),
          },
          {
            id: 'vault',
            header: 'Vault',
            sortingField: 'BackupVaultName',
            cell: (job) => <Link href={href(['vaults', job.BackupVaultName ?? ''])}>{job.BackupVaultName}</Link>,
          },
          {
            id: 'created',
            header: 'Created',
            sortingField: 'CreationDate',
            cell: (job) => <Time at={job.CreationDate} />,
          },
          { id: 'ended', header: 'Ended', cell: (job) => <Time at={job.CompletionDate} /> },
          { id: 'size', header: 'Size', cell: (job) => <Size bytes={job.BackupSizeInBytes} /> },
          { id: 'by', header: 'Started by', cell: (job) => <StartedBy job={job} /> },
        ]}
        empty="No backup jobs. A plan starts them, or Create on-demand backup does."
      />
      {stopping && one && <StopJob job={one} onClose={() => setStopping(false)} onDone={loaded.refresh} />}
    </>
  );
}
