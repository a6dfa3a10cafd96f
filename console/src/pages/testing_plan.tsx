// One restore testing plan: what it tests, and how its restores went.
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { isUnderWay, percentOf } from '../api/backup_jobs';
import { useApi } from '../api/clients';
import { scheduleText } from '../api/schedules';
import { type TestJob, type TestingPlanDetails, describeTestingPlan, testJobs, tookSeconds } from '../api/testing';
import { tableNameOf } from '../api/vaults';
import { Copy } from '../components/copy';
import { DataTable } from '../components/data_table';
import { ErrorAlert } from '../components/error_alert';
import { Time, countOf } from '../components/format';
import { JobState } from '../components/job_state';
import { Page } from '../components/page';
import { RestoreChart, tookText } from '../components/restore_chart';
import { Status } from '../components/status';
import { useLoad } from '../hooks/load';
import { go, href } from '../hooks/route';
import { DeleteTestingPlan } from './testing';
import { TestingSelections } from './testing_selections';

function Facts({ plan, objective }: TestingPlanDetails) {
  const points = plan.RecoveryPointSelection;
  const which = points?.Algorithm === 'RANDOM_WITHIN_WINDOW' ? 'one at random' : 'the newest';
  return (
    <Container>
      <KeyValuePairs
        columns={3}
        items={[
          {
            label: 'When',
            value: (
              <>
                {scheduleText(plan.ScheduleExpression) ?? plan.ScheduleExpression}, {plan.ScheduleExpressionTimezone}
                <div className="breakable">{plan.ScheduleExpression}</div>
              </>
            ),
          },
          { label: 'Last run', value: plan.LastExecutionTime ? <Time at={plan.LastExecutionTime} /> : 'Never' },
          { label: 'Objective', value: objective === undefined ? 'None' : tookText(objective) },
          {
            label: 'Restores of each table',
            value: `${which} of the last ${countOf(points?.SelectionWindowDays ?? 0, 'day')}`,
          },
          {
            label: 'From vaults',
            value: (points?.IncludeVaults ?? []).map((vault) => (vault === '*' ? 'all' : vault)).join(', '),
          },
          { label: 'ARN', value: <Copy text={plan.RestoreTestingPlanArn ?? ''} what="ARN" /> },
        ]}
      />
    </Container>
  );
}

const idOf = (job: TestJob) => job.RestoreJobId ?? '';

// A link while the table lives.
function TestTable({ job }: { job: TestJob }) {
  const name = tableNameOf(job.CreatedResourceArn);
  if (!job.CreatedResourceArn) return <>-</>;
  if (job.DeletionStatus === 'SUCCESSFUL') return <>Removed</>;
  return <Link href={href(['tables', name])}>{name}</Link>;
}

function Result({ job }: { job: TestJob }) {
  return (
    <>
      <Status state={job.ValidationStatus} />
      {job.ValidationStatusMessage && <div>{job.ValidationStatusMessage}</div>}
      {job.DeletionStatusMessage && <div>{job.DeletionStatusMessage}</div>}
    </>
  );
}

function Runs({ arn, objective }: { arn: string; objective: number | undefined }) {
  const api = useApi();
  const loaded = useLoad(() => testJobs(api, arn), [api, arn], {
    busy: (jobs) => jobs.some((job) => isUnderWay(job.Status) || job.ValidationStatus === 'VALIDATING'),
  });
  const took = (job: TestJob) => tookSeconds(job) ?? -1;
  return (
    <SpaceBetween size="l">
      {loaded.value?.some((job) => tookSeconds(job) !== undefined) && (
        <Container
          header={
            <Header variant="h2" description="Seconds from the job's creation to its completion, the oldest left.">
              How long restores took
            </Header>
          }
        >
          <RestoreChart jobs={loaded.value} objective={objective} />
        </Container>
      )}
      <DataTable
        title="Tests of the last 30 days"
        noun="test"
        loaded={loaded}
        items={loaded.value}
        id={idOf}
        columns={[
          {
            id: 'source',
            header: 'Recovery point of',
            isRowHeader: true,
            cell: (job) => tableNameOf(job.SourceResourceArn),
          },
          {
            id: 'state',
            header: 'Restore',
            minWidth: 150,
            cell: (job) => (
              <>
                <JobState state={job.Status} percent={percentOf(job.PercentDone)} of={`Restore job ${idOf(job)}`} />
                {job.StatusMessage && <div className="breakable">{job.StatusMessage}</div>}
              </>
            ),
          },
          {
            id: 'took',
            header: 'Took',
            sortingComparator: (a, b) => took(a) - took(b),
            cell: (job) => (took(job) < 0 ? '-' : tookText(took(job))),
          },
          { id: 'result', header: 'Result', minWidth: 220, cell: (job) => <Result job={job} /> },
          { id: 'table', header: 'Table', cell: (job) => <TestTable job={job} /> },
          {
            id: 'created',
            header: 'Begun',
            sortingField: 'CreationDate',
            cell: (job) => <Time at={job.CreationDate} />,
          },
        ]}
        empty="No tests yet. The plan begins them when it is due."
      />
    </SpaceBetween>
  );
}

export default function TestingPlan({ name }: { name: string }) {
  const api = useApi();
  const [deleting, setDeleting] = useState(false);
  const loaded = useLoad(() => describeTestingPlan(api, name), [api, name]);
  const details = loaded.value;
  return (
    <Page
      title={name}
      crumbs={[{ text: 'Restore testing', href: '#/restore-testing' }]}
      actions={
        <Button disabled={!details} onClick={() => setDeleting(true)}>
          Delete
        </Button>
      }
    >
      <ErrorAlert error={loaded.error} onRetry={loaded.refresh} />
      {details && (
        <SpaceBetween size="l">
          <Facts {...details} />
          <Runs arn={details.plan.RestoreTestingPlanArn ?? ''} objective={details.objective} />
          <TestingSelections plan={name} />
        </SpaceBetween>
      )}
      {deleting && (
        <DeleteTestingPlan name={name} onClose={() => setDeleting(false)} onDone={() => go('#/restore-testing')} />
      )}
    </Page>
  );
}
