// AWS Backup's vaults and recovery points. Its client is loaded with the pages that use it.
import {
  type BackupVaultListMember,
  CreateBackupVaultCommand,
  type CreateBackupVaultInput,
  CreateLogicallyAirGappedBackupVaultCommand,
  type CreateLogicallyAirGappedBackupVaultInput,
  DeleteBackupVaultAccessPolicyCommand,
  DeleteBackupVaultCommand,
  DeleteBackupVaultLockConfigurationCommand,
  DeleteRecoveryPointCommand,
  DescribeBackupVaultCommand,
  type DescribeBackupVaultOutput,
  DescribeProtectedResourceCommand,
  type DescribeProtectedResourceOutput,
  DescribeRecoveryPointCommand,
  type DescribeRecoveryPointOutput,
  GetBackupVaultAccessPolicyCommand,
  ListTagsCommand,
  PutBackupVaultAccessPolicyCommand,
  PutBackupVaultLockConfigurationCommand,
  type PutBackupVaultLockConfigurationInput,
  type ProtectedResource,
  type RecoveryPointByBackupVault,
  type RecoveryPointByResource,
  UpdateRecoveryPointLifecycleCommand,
  type UpdateRecoveryPointLifecycleInput,
  paginateListBackupVaults,
  paginateListProtectedResources,
  paginateListRecoveryPointsByBackupVault,
  paginateListRecoveryPointsByResource,
} from '@aws-sdk/client-backup';
import type { Api } from './clients';

export type { BackupVaultListMember as Vault, DescribeBackupVaultOutput as VaultDetails };
export type { ProtectedResource, RecoveryPointByResource as PointOfResource };
export type { DescribeRecoveryPointOutput as PointDetails, RecoveryPointByBackupVault as Point };

export const PAGE = { MaxResults: 1000 }; // the most that a list gives at once

// All that the pages of a list hold.
export async function gather<Page, T>(pages: AsyncIterable<Page>, of: (page: Page) => T[] | undefined): Promise<T[]> {
  const all: T[] = [];
  for await (const page of pages) all.push(...(of(page) ?? []));
  return all;
}

export async function listVaults(api: Api): Promise<BackupVaultListMember[]> {
  const client = await api.backup();
  return gather(paginateListBackupVaults({ client }, PAGE), (page) => page.BackupVaultList);
}

export async function describeVault(api: Api, name: string): Promise<DescribeBackupVaultOutput> {
  return (await api.backup()).send(new DescribeBackupVaultCommand({ BackupVaultName: name }));
}

export async function createVault(api: Api, input: CreateBackupVaultInput): Promise<void> {
  await (await api.backup()).send(new CreateBackupVaultCommand(input));
}

export async function createAirGappedVault(api: Api, input: CreateLogicallyAirGappedBackupVaultInput): Promise<void> {
  await (await api.backup()).send(new CreateLogicallyAirGappedBackupVaultCommand(input));
}

// Logically: for copies alone, locked from the start.
export function isAirGapped(vault: { VaultType?: string | undefined }): boolean {
  return vault.VaultType === 'LOGICALLY_AIR_GAPPED_BACKUP_VAULT';
}

export async function deleteVault(api: Api, name: string): Promise<void> {
  await (await api.backup()).send(new DeleteBackupVaultCommand({ BackupVaultName: name }));
}

function newestFirst<T extends { CreationDate?: Date | undefined }>(points: T[]): T[] {
  const time = (point: T) => point.CreationDate?.getTime() ?? 0;
  return points.toSorted((a, b) => time(b) - time(a));
}

// The newest first.
export async function vaultPoints(api: Api, vault: string): Promise<RecoveryPointByBackupVault[]> {
  const client = await api.backup();
  const pages = paginateListRecoveryPointsByBackupVault({ client }, { BackupVaultName: vault, ...PAGE });
  return newestFirst(await gather(pages, (page) => page.RecoveryPoints));
}

export async function describePoint(api: Api, vault: string, arn: string): Promise<DescribeRecoveryPointOutput> {
  const input = { BackupVaultName: vault, RecoveryPointArn: arn };
  return (await api.backup()).send(new DescribeRecoveryPointCommand(input));
}

export async function deletePoint(api: Api, vault: string, arn: string): Promise<void> {
  const input = { BackupVaultName: vault, RecoveryPointArn: arn };
  await (await api.backup()).send(new DeleteRecoveryPointCommand(input));
}

export async function updateLifecycle(api: Api, input: UpdateRecoveryPointLifecycleInput): Promise<void> {
  await (await api.backup()).send(new UpdateRecoveryPointLifecycleCommand(input));
}

// Of a vault, a plan or a recovery point.
export async function tagsOf(api: Api, arn: string): Promise<Record<string, string>> {
  return (await (await api.backup()).send(new ListTagsCommand({ ResourceArn: arn }))).Tags ?? {};
}

// The ARN of a table, from that of a backup of it.
export function tableArnOf(arn: string): string {
  return arn.replace(/\/backup\/[^/]*$/, '');
}

// "Users", from the ARN of a table or of a backup of one.
export function tableNameOf(arn: string | undefined): string {
  return /:table\/([^/]+)/.exec(arn ?? '')?.[1] ?? arn ?? '';
}

// The name at the end of a vault's ARN.
export function vaultNameOf(arn: string | undefined): string {
  return arn?.slice(arn.lastIndexOf(':') + 1) ?? '';
}

// "audit in eu-west-1, account 123456789012", from a vault's ARN.
export function vaultPlace(arn = ''): string {
  const [, , , region, account] = arn.split(':');
  return `${vaultNameOf(arn)} in ${region}, account ${account}`;
}

// Which vault holds a recovery point; undefined: none that may be seen.
export async function vaultOfPoint(api: Api, arn: string): Promise<string | undefined> {
  const isIt = (point: { RecoveryPointArn?: string }) => point.RecoveryPointArn === arn;
  const found = (await pointsOfResource(api, tableArnOf(arn))).find(isIt);
  if (found) return found.BackupVaultName;
  // A copy's ARN is not that of its table in the Region or account it was made in.
  for (const { BackupVaultName: vault = '' } of await listVaults(api))
    if ((await vaultPoints(api, vault)).some(isIt)) return vault;
  return undefined;
}

// Tables that have recovery points; those that are gone as well.
export async function protectedResources(api: Api): Promise<ProtectedResource[]> {
  const client = await api.backup();
  return gather(paginateListProtectedResources({ client }, PAGE), (page) => page.Results);
}

export async function describeResource(api: Api, arn: string): Promise<DescribeProtectedResourceOutput> {
  return (await api.backup()).send(new DescribeProtectedResourceCommand({ ResourceArn: arn }));
}

// Of all vaults, the newest first.
export async function pointsOfResource(api: Api, arn: string): Promise<RecoveryPointByResource[]> {
  const client = await api.backup();
  const pages = paginateListRecoveryPointsByResource({ client }, { ResourceArn: arn, ...PAGE });
  return newestFirst(await gather(pages, (page) => page.RecoveryPoints));
}

// JSON; empty: there is none.
export async function vaultPolicy(api: Api, vault: string): Promise<string> {
  const client = await api.backup();
  try {
    return (await client.send(new GetBackupVaultAccessPolicyCommand({ BackupVaultName: vault }))).Policy ?? '';
  } catch (error) {
    if ((error as Error).name === 'ResourceNotFoundException') return '';
    throw error;
  }
}

export async function putVaultPolicy(api: Api, vault: string, Policy: string): Promise<void> {
  await (await api.backup()).send(new PutBackupVaultAccessPolicyCommand({ BackupVaultName: vault, Policy }));
}

export async function deleteVaultPolicy(api: Api, vault: string): Promise<void> {
  await (await api.backup()).send(new DeleteBackupVaultAccessPolicyCommand({ BackupVaultName: vault }));
}

export async function lockVault(api: Api, input: PutBackupVaultLockConfigurationInput): Promise<void> {
  await (await api.backup()).send(new PutBackupVaultLockConfigurationCommand(input));
}

export async function unlockVault(api: Api, vault: string): Promise<void> {
  await (await api.backup()).send(new DeleteBackupVaultLockConfigurationCommand({ BackupVaultName: vault }));
}
