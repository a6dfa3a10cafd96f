// Frameworks, what their controls find, and reports.
import {
  CreateFrameworkCommand,
  type CreateFrameworkInput,
  CreateReportPlanCommand,
  type CreateReportPlanInput,
  DeleteFrameworkCommand,
  DeleteReportPlanCommand,
  type Framework,
  type FrameworkControl,
  type ReportJob,
  type ReportPlan,
  StartReportJobCommand,
  paginateListFrameworks,
  paginateListReportJobs,
  paginateListReportPlans,
} from '@aws-sdk/client-backup';
import type { Api } from './clients';
import { mapSome } from './tables';
import { PAGE, gather } from './vaults';

export type { Framework, FrameworkControl, ReportJob, ReportPlan };

export interface Finding {
  ResourceArn: string;
  ResourceType: string; // "AWS::DynamoDB::Table"
  Reason: string;
}

export interface ControlCompliance {
  ControlName: string;
  Status: string;
  CompliantResources: number;
  NonCompliantResources: number;
  Findings: Finding[];
}

// As the server answers; the SDK leaves Compliance out.
export interface FrameworkDetails {
  FrameworkName: string;
  FrameworkArn: string;
  FrameworkDescription: string;
  CreationTime: number; // seconds
  FrameworkControls: FrameworkControl[];
  Compliance: ControlCompliance[];
}

export const CONTROLS: Record<string, string> = {
  BACKUP_RESOURCES_PROTECTED_BY_BACKUP_PLAN: 'Tables are in a backup plan',
  BACKUP_LAST_RECOVERY_POINT_CREATED: 'Tables have a recent recovery point',
  BACKUP_PLAN_MIN_FREQUENCY_AND_MIN_RETENTION_CHECK: 'Plans run often and keep long',
  BACKUP_RECOVERY_POINT_MINIMUM_RETENTION_CHECK: 'Recovery points are kept long',
  BACKUP_RECOVERY_POINT_ENCRYPTED: 'Recovery points are sealed under keys that are there',
  BACKUP_RECOVERY_POINT_MANUAL_DELETION_DISABLED: 'Vaults prevent deletion by hand',
  BACKUP_RESOURCES_PROTECTED_BY_BACKUP_VAULT_LOCK: 'Tables have recovery points in locked vaults',
  BACKUP_RESOURCES_PROTECTED_BY_CROSS_REGION: 'Tables are copied to another Region',
  BACKUP_RESOURCES_PROTECTED_BY_CROSS_ACCOUNT: 'Tables are copied to another account',
  RESOURCES_IN_LOGICALLY_AIR_GAPPED_VAULT: 'Tables have a recent copy in an air-gapped vault',
  RESTORE_TIME_FOR_RESOURCES_MEET_TARGET: 'Restores meet their target time',
};

export const REPORTS: Record<string, string> = {
  BACKUP_JOB_REPORT: 'Backup jobs',
  COPY_JOB_REPORT: 'Copy jobs',
  RESTORE_JOB_REPORT: 'Restore jobs',
  CONTROL_COMPLIANCE_REPORT: 'Compliance of controls',
  RESOURCE_COMPLIANCE_REPORT: 'Compliance of resources',
};

export async function describeFramework(api: Api, name: string): Promise<FrameworkDetails> {
  return (await api.backupRaw(`/audit/frameworks/${encodeURIComponent(name)}`)) as FrameworkDetails;
}

export async function listFrameworks(api: Api, signal: AbortSignal): Promise<FrameworkDetails[]> {
  const client = await api.backup();
  const all = await gather(paginateListFrameworks({ client }, PAGE), (page) => page.Frameworks);
  return mapSome(all, (one) => describeFramework(api, one.FrameworkName ?? ''), signal);
}

export async function createFramework(api: Api, input: CreateFrameworkInput): Promise<void> {
  await (await api.backup()).send(new CreateFrameworkCommand(input));
}

export async function deleteFramework(api: Api, name: string): Promise<void> {
  await (await api.backup()).send(new DeleteFrameworkCommand({ FrameworkName: name }));
}

export async function listReportPlans(api: Api): Promise<ReportPlan[]> {
  const client = await api.backup();
  return gather(paginateListReportPlans({ client }, PAGE), (page) => page.ReportPlans);
}

export async function createReportPlan(api: Api, input: CreateReportPlanInput): Promise<void> {
  await (await api.backup()).send(new CreateReportPlanCommand(input));
}

export async function deleteReportPlan(api: Api, name: string): Promise<void> {
  await (await api.backup()).send(new DeleteReportPlanCommand({ ReportPlanName: name }));
}

export async function startReport(api: Api, name: string): Promise<void> {
  await (await api.backup()).send(new StartReportJobCommand({ ReportPlanName: name }));
}

// The newest first.
export async function reportJobs(api: Api): Promise<ReportJob[]> {
  const client = await api.backup();
  return gather(paginateListReportJobs({ client }, PAGE), (page) => page.ReportJobs);
}
