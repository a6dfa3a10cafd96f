// Acts under way and ended: those of this tab, and the restores that the server has on record.
import ProgressBar from '@cloudscape-design/components/progress-bar';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { type Api, useApi } from '../api/clients';
import type { ItemRestore, TableRestore } from '../api/operations';
import { allBackups } from '../api/tables';
import { DataTable } from '../components/data_table';
import { Time, countText, durationText } from '../components/format';
import { Page } from '../components/page';
import { Status } from '../components/status';
import { type Job, useJobs } from '../hooks/jobs';
import { useLoad } from '../hooks/load';
import { href } from '../hooks/route';
import { restoredCount } from './bring_back';

const BACKUP_MAX_MS = 6 * 3_600_000; // no backup is under way for longer

interface Row {
  id: string;
  kind: string;
  title: string;
  href: string;
  state: string;
  created: Date | undefined;
  ended: Date | undefined;
  percent: number | undefined;
  message: string;
}

// What the server has under way, whoever asked for it; of restores also those that have ended.
// Dry runs are left out: each question before an item restore is one.
async function serverRows(api: Api, show: (first: Row[]) => void, signal: AbortSignal): Promise<Row[]> {
  const [{ ItemRestores }, { TableRestores }] = await Promise.all([
    api.tidemark('ListItemRestores', { Limit: 100 }),
    api.tidemark('ListTableRestores', { Limit: 100 }),
  ]);
  const restores = [
    ...TableRestores.map(tableRestoreRow),
    ...ItemRestores.filter((job) => !job.DryRun).map(itemRestoreRow),
  ];
  if (restores.length) show(restores); // the rest takes longer where there are many backups
  const backups = await allBackups(api, { since: new Date(Date.now() - BACKUP_MAX_MS), signal });
  const making: Row[] = backups
    .filter((backup) => backup.BackupStatus === 'CREATING')
    .map((backup) => ({
      id: backup.BackupArn ?? '',
      kind: 'Backup',
      title: `Backup ${backup.BackupName} of table ${backup.TableName}`,
      href: href(['backups', backup.BackupArn ?? '']),
      state: 'RUNNING',
      created: backup.BackupCreationDateTime,
      ended: undefined,
      percent: undefined,
      message: '',
    }));
  return [...making, ...restores];
}

function tableRestoreRow(restore: TableRestore): Row {
  const left = restore.EstimatedSecondsLeft;
  return {
    id: restore.TableId,
    kind: 'Restore',
    title: `Table ${restore.TableName}`,
    href: href(['tables', restore.TableName]),
    state: restore.Status,
    created: new Date(restore.CreationDateTime),
    ended: restore.EndDateTime ? new Date(restore.EndDateTime) : undefined,
    percent: restore.ProgressPercent,
    message: restore.FailureReason ?? (left === undefined ? '' : `About ${durationText(left)} left`),
  };
}

function itemRestoreRow(job: ItemRestore): Row {
  return {
    id: job.JobId,
    kind: 'Item restore',
    title: `Items of ${job.TableName}`,
    href: href(['jobs', job.JobId]),
    state: job.Status,
    created: new Date(job.CreationDateTime),
    ended: job.EndDateTime ? new Date(job.EndDateTime) : undefined,
    percent: job.ProgressPercent,
    message:
      job.FailureReason ?? `${countText(restoredCount(job))} brought back, ${countText(job.Conflicts)} left alone`,
  };
}

function tabRow(job: Job): Row {
  return {
    id: job.id,
    kind: job.kind,
    title: job.title,
    href: job.href,
    state: job.progress.state.toUpperCase(),
    created: job.created,
    ended: job.ended,
    percent: job.progress.percent,
    message: job.progress.message ?? '',
  };
}

export default function Jobs() {
  const api = useApi();
  const { jobs } = useJobs();
  const server = useLoad<Row[]>((show, signal) => serverRows(api, show, signal), [api], {
    busy: (found) => found.some((row) => row.state === 'RUNNING'),
  });
  // An act of this tab that the server tells of as well is shown once: a table's restore as the tab tells it, which
  // knows what was set on the table afterwards; all others as the server does.
  const mine = jobs.map(tabRow);
  const restored = new Set(mine.filter((row) => row.kind === 'Restore').map((row) => row.href));
  const others = server.value?.filter((row) => row.kind !== 'Restore' || !restored.has(row.href));
  const told = new Set(others?.filter((row) => row.kind !== 'Restore').map((row) => row.href));
  const own = mine.filter((row) => !told.has(row.href));
  const rows = others ? [...own, ...others] : own.length ? own : undefined;
  return (
    <Page
      title="Jobs"
      crumbs={[]}
      description="Acts that take a while. The server keeps restores on record for 35 days."
    >
      <DataTable
        title="Jobs"
        noun="job"
        loaded={server}
        items={rows}
        id={(row) => row.id}
        columns={[
          { id: 'kind', header: 'Kind', sortingField: 'kind', cell: (row) => row.kind },
          { id: 'title', header: 'Of', isRowHeader: true, cell: (row) => <Link href={row.href}>{row.title}</Link> },
          {
            id: 'state',
            header: 'State',
            minWidth: 150,
            cell: (row) => (
              <SpaceBetween size="xxs">
                <Status state={row.state} />
                {row.state === 'RUNNING' && row.percent !== undefined && (
                  <ProgressBar value={row.percent} ariaLabel={row.title} />
                )}
              </SpaceBetween>
            ),
          },
          { id: 'created', header: 'Created', sortingField: 'created', cell: (row) => <Time at={row.created} /> },
          { id: 'ended', header: 'Ended', cell: (row) => <Time at={row.ended} /> },
          { id: 'message', header: 'Result', cell: (row) => row.message },
        ]}
        empty="Nothing is under way."
      />
    </Page>
  );
}
