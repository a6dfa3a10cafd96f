// Restore testing: plans, their selections, and the restore jobs that they begin.
import {
  CreateRestoreTestingPlanCommand,
  type CreateRestoreTestingPlanInput,
  CreateRestoreTestingSelectionCommand,
  DeleteRestoreTestingPlanCommand,
  DeleteRestoreTestingSelectionCommand,
  GetRestoreTestingPlanCommand,
  GetRestoreTestingSelectionCommand,
  type RestoreJobsListMember,
  type RestoreTestingPlanForGet,
  type RestoreTestingPlanForList,
  type RestoreTestingSelectionForCreate,
  type RestoreTestingSelectionForGet,
  paginateListRestoreJobs,
  paginateListRestoreTestingPlans,
  paginateListRestoreTestingSelections,
} from '@aws-sdk/client-backup';
import type { Api } from './clients';
import { mapSome } from './tables';
import { PAGE, gather, tagsOf } from './vaults';

export type { RestoreTestingPlanForList as TestingPlan, RestoreTestingSelectionForGet as TestingSelection };
export type { RestoreJobsListMember as TestJob, RestoreTestingSelectionForCreate as NewSelection };

export const OBJECTIVE_TAG = 'tidemark:restore-objective-seconds';

export interface TestingPlanDetails {
  plan: RestoreTestingPlanForGet;
  objective: number | undefined; // seconds within which restores should be done
}

export async function listTestingPlans(api: Api): Promise<RestoreTestingPlanForList[]> {
  const client = await api.backup();
  return gather(paginateListRestoreTestingPlans({ client }, PAGE), (page) => page.RestoreTestingPlans);
}

export async function describeTestingPlan(api: Api, name: string): Promise<TestingPlanDetails> {
  const client = await api.backup();
  const answer = await client.send(new GetRestoreTestingPlanCommand({ RestoreTestingPlanName: name }));
  const plan = answer.RestoreTestingPlan as RestoreTestingPlanForGet;
  const seconds = Number((await tagsOf(api, plan.RestoreTestingPlanArn ?? ''))[OBJECTIVE_TAG]);
  return { plan, objective: seconds > 0 ? seconds : undefined };
}

export async function createTestingPlan(api: Api, input: CreateRestoreTestingPlanInput): Promise<void> {
  await (await api.backup()).send(new CreateRestoreTestingPlanCommand(input));
}

export async function testingSelections(api: Api, plan: string): Promise<RestoreTestingSelectionForGet[]> {
  const client = await api.backup();
  const pages = paginateListRestoreTestingSelections({ client }, { RestoreTestingPlanName: plan, ...PAGE });
  const listed = await gather(pages, (page) => page.RestoreTestingSelections);
  return mapSome(listed, async ({ RestoreTestingSelectionName: name }) => {
    const which = { RestoreTestingPlanName: plan, RestoreTestingSelectionName: name };
    const answer = await client.send(new GetRestoreTestingSelectionCommand(which));
    return answer.RestoreTestingSelection as RestoreTestingSelectionForGet;
  });
}

export async function createTestingSelection(
  api: Api,
  plan: string,
  selection: RestoreTestingSelectionForCreate,
): Promise<void> {
  const input = { RestoreTestingPlanName: plan, RestoreTestingSelection: selection };
  await (await api.backup()).send(new CreateRestoreTestingSelectionCommand(input));
}

export async function deleteTestingSelection(api: Api, plan: string, name: string): Promise<void> {
  const which = { RestoreTestingPlanName: plan, RestoreTestingSelectionName: name };
  await (await api.backup()).send(new DeleteRestoreTestingSelectionCommand(which));
}

// With its selections, which have to go first.
export async function deleteTestingPlan(api: Api, name: string): Promise<void> {
  for (const one of await testingSelections(api, name))
    await deleteTestingSelection(api, name, one.RestoreTestingSelectionName ?? '');
  await (await api.backup()).send(new DeleteRestoreTestingPlanCommand({ RestoreTestingPlanName: name }));
}

// Of the last 30 days, the newest first.
export async function testJobs(api: Api, planArn: string): Promise<RestoreJobsListMember[]> {
  const client = await api.backup();
  const pages = paginateListRestoreJobs({ client }, { ByRestoreTestingPlanArn: planArn, ...PAGE });
  return gather(pages, (page) => page.RestoreJobs);
}

// Seconds that a restore took, from the job's creation to its completion; undefined: it is not done.
export function tookSeconds(job: RestoreJobsListMember): number | undefined {
  if (job.Status !== 'COMPLETED' || !job.CompletionDate || !job.CreationDate) return undefined;
  return (job.CompletionDate.getTime() - job.CreationDate.getTime()) / 1000;
}
