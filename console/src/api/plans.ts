// Backup plans: rules that say when, and selections that say of what.
import {
  type BackupPlan,
  type BackupPlanInput,
  type BackupPlansListMember,
  type BackupRule,
  type BackupRuleInput,
  type BackupSelection,
  CreateBackupPlanCommand,
  CreateBackupSelectionCommand,
  DeleteBackupPlanCommand,
  DeleteBackupSelectionCommand,
  GetBackupPlanCommand,
  GetBackupSelectionCommand,
  type GetBackupPlanOutput,
  type ScheduledPlanExecutionMember,
  UpdateBackupPlanCommand,
  paginateListBackupPlans,
  paginateListBackupSelections,
} from '@aws-sdk/client-backup';
import type { Api } from './clients';
import { mapSome } from './tables';
import { PAGE, gather } from './vaults';

export type { BackupPlan, BackupPlanInput, BackupRule, BackupRuleInput, BackupSelection };
export type { GetBackupPlanOutput as PlanDetails, ScheduledPlanExecutionMember as Run };

const RUNS_MAX = 10; // that a preview tells

export interface PlanOverview {
  plan: BackupPlansListMember;
  next: Date | undefined; // when it runs next
}

export async function describePlan(api: Api, id: string): Promise<GetBackupPlanOutput> {
  const input = { BackupPlanId: id, MaxScheduledRunsPreview: RUNS_MAX };
  return (await api.backup()).send(new GetBackupPlanCommand(input));
}

export async function listPlans(api: Api, signal: AbortSignal): Promise<PlanOverview[]> {
  const client = await api.backup();
  const plans = await gather(paginateListBackupPlans({ client }, PAGE), (page) => page.BackupPlansList);
  return mapSome(
    plans,
    async (plan) => {
      const details = await describePlan(api, plan.BackupPlanId ?? '');
      return { plan, next: details.ScheduledRunsPreview?.[0]?.ExecutionTime };
    },
    signal,
  );
}

// The id of the plan.
export async function createPlan(api: Api, plan: BackupPlanInput): Promise<string> {
  return (await (await api.backup()).send(new CreateBackupPlanCommand({ BackupPlan: plan }))).BackupPlanId ?? '';
}

export async function updatePlan(api: Api, id: string, plan: BackupPlanInput): Promise<void> {
  await (await api.backup()).send(new UpdateBackupPlanCommand({ BackupPlanId: id, BackupPlan: plan }));
}

export interface Selection {
  id: string;
  selection: BackupSelection;
}

export async function selectionsOf(api: Api, plan: string): Promise<Selection[]> {
  const client = await api.backup();
  const pages = paginateListBackupSelections({ client }, { BackupPlanId: plan, ...PAGE });
  const listed = await gather(pages, (page) => page.BackupSelectionsList);
  return mapSome(listed, async ({ SelectionId: id = '' }) => {
    const answer = await client.send(new GetBackupSelectionCommand({ BackupPlanId: plan, SelectionId: id }));
    return { id, selection: answer.BackupSelection as BackupSelection };
  });
}

export async function createSelection(api: Api, plan: string, selection: BackupSelection): Promise<void> {
  const input = { BackupPlanId: plan, BackupSelection: selection };
  await (await api.backup()).send(new CreateBackupSelectionCommand(input));
}

export async function deleteSelection(api: Api, plan: string, id: string): Promise<void> {
  await (await api.backup()).send(new DeleteBackupSelectionCommand({ BackupPlanId: plan, SelectionId: id }));
}

// With its selections, which have to go first.
export async function deletePlan(api: Api, id: string): Promise<void> {
  for (const selection of await selectionsOf(api, id)) await deleteSelection(api, id, selection.id);
  await (await api.backup()).send(new DeleteBackupPlanCommand({ BackupPlanId: id }));
}

// What a selection names, a line each: "table/Users", "tag stage = production", "but not table/Test*".
export function selectionLines(selection: BackupSelection): string[] {
  const short = (arn: string) => arn.replace(/^arn:aws:dynamodb:[^:]*:[^:]*:/, '');
  const pairs = (verb: string, tests: { ConditionKey?: string; ConditionValue?: string }[] | undefined) =>
    (tests ?? []).map(
      (one) => `only if tag ${one.ConditionKey?.replace('aws:ResourceTag/', '')} ${verb} ${one.ConditionValue}`,
    );
  const { Conditions: conditions } = selection;
  return [
    ...(selection.Resources ?? []).map(short),
    ...(selection.ListOfTags ?? []).map((tag) => `tag ${tag.ConditionKey} = ${tag.ConditionValue}`),
    ...(selection.NotResources ?? []).map((arn) => `but not ${short(arn)}`),
    ...pairs('=', conditions?.StringEquals),
    ...pairs('is not', conditions?.StringNotEquals),
    ...pairs('is like', conditions?.StringLike),
    ...pairs('is not like', conditions?.StringNotLike),
  ];
}
