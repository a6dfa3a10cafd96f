// Users and policies of the account. IAM's client is loaded with the pages that use it.
import {
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreatePolicyCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeletePolicyCommand,
  DeleteUserCommand,
  DetachUserPolicyCommand,
  GetPolicyVersionCommand,
  ListAccessKeysCommand,
  ListAttachedUserPoliciesCommand,
  ListPoliciesCommand,
  ListUsersCommand,
  type Policy,
  SimulatePrincipalPolicyCommand,
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

// Its keys and attached policies go first, as the service wants it; inline policies and groups are refused by it.
export async function deleteUser(api: Api, { user, keys }: UserOverview): Promise<void> {
  const iam = await api.iam();
  const UserName = user.UserName;
  const { AttachedPolicies: attached = [] } = await iam.send(new ListAttachedUserPoliciesCommand({ UserName }));
  for (const { PolicyArn } of attached) await iam.send(new DetachUserPolicyCommand({ UserName, PolicyArn }));
  for (const AccessKeyId of keys) await iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId }));
  await iam.send(new DeleteUserCommand({ UserName }));
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

export async function attachPolicy(api: Api, user: string, policyArn: string): Promise<void> {
  await (await api.iam()).send(new AttachUserPolicyCommand({ UserName: user, PolicyArn: policyArn }));
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
