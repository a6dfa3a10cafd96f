// Jobs of AWS Backup: backups, restores and copies. The server tells of them for 30 days.
import {
  type BackupJob,
  type CopyJob,
  DescribeBackupJobCommand,
  DescribeCopyJobCommand,
  DescribeRestoreJobCommand,
  type RestoreJobsListMember,
  StartBackupJobCommand,
  type StartBackupJobInput,
  StartCopyJobCommand,
  type StartCopyJobInput,
  StartRestoreJobCommand,
  type StartRestoreJobInput,
  StopBackupJobCommand,
  paginateListBackupJobs,
  paginateListCopyJobs,
  paginateListRestoreJobs,
} from '@aws-sdk/client-backup';
import type { Progress } from '../hooks/jobs';
import type { Api } from './clients';
import { PAGE, gather } from './vaults';

export type { BackupJob, CopyJob, RestoreJobsListMember as RestoreJob };

const UNDER_WAY = ['CREATED', 'PENDING', 'RUNNING', 'ABORTING'];

export function isUnderWay(state: string | undefined): boolean {
  return UNDER_WAY.includes(state ?? '');
}

// 0 to 100, from "42.00%" or "42.0".
export function percentOf(text: string | undefined): number | undefined {
  const percent = Number.parseFloat(text ?? '');
  return Number.isNaN(percent) ? undefined : percent;
}

export async function startBackup(api: Api, input: StartBackupJobInput): Promise<string> {
  return (await (await api.backup()).send(new StartBackupJobCommand(input))).BackupJobId ?? '';
}

export async function startRestore(api: Api, input: StartRestoreJobInput): Promise<string> {
  return (await (await api.backup()).send(new StartRestoreJobCommand(input))).RestoreJobId ?? '';
}

export async function startCopy(api: Api, input: StartCopyJobInput): Promise<string> {
  return (await (await api.backup()).send(new StartCopyJobCommand(input))).CopyJobId ?? '';
}

export async function stopBackup(api: Api, id: string): Promise<void> {
  await (await api.backup()).send(new StopBackupJobCommand({ BackupJobId: id }));
}

export async function backupJobs(api: Api): Promise<BackupJob[]> {
  const client = await api.backup();
  return gather(paginateListBackupJobs({ client }, PAGE), (page) => page.BackupJobs);
}

export async function restoreJobs(api: Api): Promise<RestoreJobsListMember[]> {
  const client = await api.backup();
  return gather(paginateListRestoreJobs({ client }, PAGE), (page) => page.RestoreJobs);
}

export async function copyJobs(api: Api): Promise<CopyJob[]> {
  const client = await api.backup();
  return gather(paginateListCopyJobs({ client }, PAGE), (page) => page.CopyJobs);
}

function progressOf(state: string | undefined, percent: string | undefined, message: string | undefined): Progress {
  if (isUnderWay(state)) return { state: 'Running', percent: percentOf(percent), message };
  return state === 'COMPLETED' ? { state: 'Completed' } : { state: 'Failed', message: message ?? state };
}

export async function backupJobProgress(api: Api, id: string): Promise<Progress> {
  const job = await (await api.backup()).send(new DescribeBackupJobCommand({ BackupJobId: id }));
  return progressOf(job.State, undefined, job.StatusMessage); // how far it is, is not known of backups
}

export async function restoreJobProgress(api: Api, id: string): Promise<Progress> {
  const job = await (await api.backup()).send(new DescribeRestoreJobCommand({ RestoreJobId: id }));
  return progressOf(job.Status, job.PercentDone, job.StatusMessage);
}

export async function copyJobProgress(api: Api, id: string): Promise<Progress> {
  const { CopyJob: job } = await (await api.backup()).send(new DescribeCopyJobCommand({ CopyJobId: id }));
  return progressOf(job?.State, undefined, job?.StatusMessage);
}
