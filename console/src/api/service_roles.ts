// Roles that AWS Backup may assume: it makes and restores recovery points as one of them.
import { CreateRoleCommand, PutRolePolicyCommand, type Role, paginateListRoles } from '@aws-sdk/client-iam';
import type { Api } from './clients';

const SERVICE = 'backup.amazonaws.com';

function trusts(role: Role): boolean {
  return decodeURIComponent(role.AssumeRolePolicyDocument ?? '').includes(SERVICE);
}

export async function serviceRoles(api: Api): Promise<string[]> {
  const client = await api.iam();
  const arns: string[] = [];
  for await (const page of paginateListRoles({ client }, { MaxItems: 1000 }))
    arns.push(...(page.Roles ?? []).filter(trusts).map((role) => role.Arn ?? ''));
  return arns;
}

const allow = (Action: string | string[], Resource: string) => ({ Effect: 'Allow', Action, Resource });

// What backups, restores, copies and the end of lives need, of all tables of the account.
export function workPolicy(account: string): object {
  const tables = `arn:aws:dynamodb:*:${account}:table/*`;
  const items = ['BatchWriteItem', 'DeleteItem', 'GetItem', 'PutItem', 'Query', 'Scan', 'UpdateItem'];
  const backups = ['CreateBackup', 'DeleteBackup', 'RestoreTableFromBackup'];
  return {
    Version: '2012-10-17',
    Statement: [
      allow(
        [...backups, ...items].map((one) => `dynamodb:${one}`),
        tables,
      ),
      allow('backup:CopyFromBackupVault', tables),
      allow('backup:CopyIntoBackupVault', 'arn:aws:backup:*:*:backup-vault:*'),
    ],
  };
}

// The ARN of a new role.
export async function createServiceRole(api: Api, name: string): Promise<string> {
  const client = await api.iam();
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: SERVICE }, Action: 'sts:AssumeRole' }],
  };
  const { Role: role } = await client.send(
    new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: JSON.stringify(trust) }),
  );
  await client.send(
    new PutRolePolicyCommand({
      RoleName: name,
      PolicyName: 'backups',
      PolicyDocument: JSON.stringify(workPolicy(api.session.account)),
    }),
  );
  return role?.Arn ?? '';
}
