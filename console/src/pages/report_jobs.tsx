// Jobs that write reports, of the last 30 days.
import { REPORTS, type ReportJob, reportJobs } from '../api/audit';
import { isUnderWay } from '../api/backup_jobs';
import { useApi } from '../api/clients';
import { DataTable } from '../components/data_table';
import { Time } from '../components/format';
import { Status } from '../components/status';
import { useLoad } from '../hooks/load';

const idOf = (job: ReportJob) => job.ReportJobId ?? '';

export function ReportJobs() {
  const api = useApi();
  const loaded = useLoad(() => reportJobs(api), [api], {
    busy: (jobs) => jobs.some((job) => isUnderWay(job.Status)),
  });
  return (
    <DataTable
      title="Report jobs"
      noun="report job"
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
        { id: 'state', header: 'State', cell: (job) => <Status state={job.Status} /> },
        { id: 'message', header: 'Message', minWidth: 200, cell: (job) => job.StatusMessage ?? '-' },
        { id: 'template', header: 'Tells', cell: (job) => REPORTS[job.ReportTemplate ?? ''] ?? job.ReportTemplate },
        {
          id: 'files',
          header: 'Files',
          minWidth: 220,
          cell: ({ ReportDestination: to }) =>
            (to?.S3Keys ?? []).map((key) => (
              <div key={key} className="breakable">
                {to?.S3BucketName}/{key}
              </div>
            )),
        },
        {
          id: 'created',
          header: 'Created',
          sortingField: 'CreationTime',
          cell: (job) => <Time at={job.CreationTime} />,
        },
      ]}
      empty="No report jobs. Report plans begin one a day."
    />
  );
}
