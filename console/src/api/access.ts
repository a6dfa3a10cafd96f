// Users and policies of the account. IAM's client is loaded with the pages that use it.
import {
  CreateAccessKeyCommand,
  CreatePolicyCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeletePolicyCommand,
  GetPolicyVersionCommand,
  ListAccessKeysCommand,
  ListAttachedUserPoliciesCommand,
  ListPoliciesCommand,
  ListUsersCommand,
  type Policy,
  SimulatePrincipalPolicyCommand,
  UpdateAccessKeyCommand,
  type User,
} from '@aws-sdk/client-iam';
import type { Api } from './clients';

export interface UserOverview {
  user: User;
  policies: string[]; // names of attached ones
  keys: string[]; // access key ids
}

export async function listUsers(api: Api): Promise<UserOverview[]> {
  const iam = await api.iam();
  const { Users: users = [] } = await iam.send(new ListUsersCommand({ MaxItems: 1000 }));
  return Promise.all(
    users.map(async (user) => {
      const [policies, keys] = await Promise.all([
        iam.send(new ListAttachedUserPoliciesCommand({ UserName: user.UserName })),
        iam.send(new ListAccessKeysCommand({ UserName: user.UserName })),
      ]);
      return {
        user,
        policies: (policies.AttachedPolicies ?? []).map((policy) => policy.PolicyName ?? ''),
        keys: (keys.AccessKeyMetadata ?? []).map((key) => key.AccessKeyId ?? ''),
      };
    }),
  );
}

// The account's own ones; with `all` also those that come with the server.
export async function listPolicies(api: Api, all = false): Promise<Policy[]> {
  const iam = await api.iam();
  const answer = await iam.send(new ListPoliciesCommand({ Scope: all ? 'All' : 'Local', MaxItems: 1000 }));
  return answer.Policies ?? [];
}

export async function policyDocument(api: Api, policy: Policy): Promise<string> {
  const iam = await api.iam();
  const answer = await iam.send(
    new GetPolicyVersionCommand({ PolicyArn: policy.Arn, VersionId: policy.DefaultVersionId }),
  );
  return decodeURIComponent(answer.PolicyVersion?.Document ?? '');
}

export async function createUser(api: Api, name: string): Promise<void> {
  await (await api.iam()).send(new CreateUserCommand({ UserName: name }));
}

export async function userNames(api: Api): Promise<string[]> {
  const { Users: users = [] } = await (await api.iam()).send(new ListUsersCommand({ MaxItems: 1000 }));
  return users.map((user) => user.UserName ?? '');
}

export interface AccessKey {
  id: string;
  active: boolean;
  created: Date | undefined;
}

export async function accessKeys(api: Api, UserName: string): Promise<AccessKey[]> {
  const answer = await (await api.iam()).send(new ListAccessKeysCommand({ UserName }));
  return (answer.AccessKeyMetadata ?? []).map((key) => ({
    id: key.AccessKeyId ?? '',
    active: key.Status === 'Active',
    created: key.CreateDate,
  }));
}

export async function setAccessKeyActive(api: Api, UserName: string, AccessKeyId: string, on: boolean) {
  const Status = on ? 'Active' : 'Inactive';
  await (await api.iam()).send(new UpdateAccessKeyCommand({ UserName, AccessKeyId, Status }));
}

export async function removeAccessKey(api: Api, UserName: string, AccessKeyId: string): Promise<void> {
  await (await api.iam()).send(new DeleteAccessKeyCommand({ UserName, AccessKeyId }));
}

export async function createAccessKey(api: Api, name: string) {
  const answer = await (await api.iam()).send(new CreateAccessKeyCommand({ UserName: name }));
  return { id: answer.AccessKey?.AccessKeyId ?? '', secret: answer.AccessKey?.SecretAccessKey ?? '' };
}

export async function createPolicy(api: Api, name: string, document: string): Promise<void> {
  await (await api.iam()).send(new CreatePolicyCommand({ PolicyName: name, PolicyDocument: document }));
}

export async function deletePolicy(api: Api, policy: Policy): Promise<void> {
  await (await api.iam()).send(new DeletePolicyCommand({ PolicyArn: policy.Arn }));
}

export interface Verdict {
  action: string;
  decision: string; // allowed, explicitDeny, implicitDeny
  policies: string[]; // whose statements decided
}

export async function simulate(api: Api, userArn: string, actions: string[], resource: string): Promise<Verdict[]> {
  const iam = await api.iam();
  const answer = await iam.send(
    new SimulatePrincipalPolicyCommand({
      PolicySourceArn: userArn,
      ActionNames: actions,
      ...(resource ? { ResourceArns: [resource] } : {}),
    }),
  );
  return (answer.EvaluationResults ?? []).map((result) => ({
    action: result.EvalActionName ?? '',
    decision: result.EvalDecision ?? '',
    policies: (result.MatchedStatements ?? []).map((statement) => statement.SourcePolicyId ?? ''),
  }));
}
