// Legal holds.
import {
  CancelLegalHoldCommand,
  CreateLegalHoldCommand,
  type CreateLegalHoldInput,
  GetLegalHoldCommand,
  type GetLegalHoldOutput,
  type LegalHold,
  type RecoveryPointMember,
  paginateListLegalHolds,
  paginateListRecoveryPointsByLegalHold,
} from '@aws-sdk/client-backup';
import type { Api } from './clients';
import { PAGE, gather } from './vaults';

export type { LegalHold, GetLegalHoldOutput as HoldDetails, RecoveryPointMember as HeldPoint };

// The newest first.
export async function listHolds(api: Api): Promise<LegalHold[]> {
  const client = await api.backup();
  return gather(paginateListLegalHolds({ client }, PAGE), (page) => page.LegalHolds);
}

export async function describeHold(api: Api, id: string): Promise<GetLegalHoldOutput> {
  return (await api.backup()).send(new GetLegalHoldCommand({ LegalHoldId: id }));
}

export async function heldPoints(api: Api, id: string): Promise<RecoveryPointMember[]> {
  const client = await api.backup();
  const pages = paginateListRecoveryPointsByLegalHold({ client }, { LegalHoldId: id, ...PAGE });
  return gather(pages, (page) => page.RecoveryPoints);
}

export async function createHold(api: Api, input: CreateLegalHoldInput): Promise<void> {
  await (await api.backup()).send(new CreateLegalHoldCommand(input));
}

export async function cancelHold(api: Api, id: string, why: string): Promise<void> {
  await (await api.backup()).send(new CancelLegalHoldCommand({ LegalHoldId: id, CancelDescription: why }));
}

// What it holds, a line each.
export function holdLines({ RecoveryPointSelection: selection }: GetLegalHoldOutput): string[] {
  const range = selection?.DateRange;
  const day = (time: Date | undefined) => time?.toISOString().slice(0, 10);
  return [
    ...(selection?.VaultNames ?? []).map((name) => `vault ${name}`),
    ...(selection?.ResourceIdentifiers ?? []),
    ...(range ? [`made from ${day(range.FromDate)} to ${day(range.ToDate)}`] : []),
  ];
}
