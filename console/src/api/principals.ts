// Users and groups: the policies on them, who is in which group, access keys.
import {
  AddUserToGroupCommand,
  AttachGroupPolicyCommand,
  AttachUserPolicyCommand,
  CreateGroupCommand,
  DeleteAccessKeyCommand,
  DeleteGroupCommand,
  DeleteGroupPolicyCommand,
  DeleteUserCommand,
  DeleteUserPolicyCommand,
  DetachGroupPolicyCommand,
  DetachUserPolicyCommand,
  GetGroupCommand,
  GetGroupPolicyCommand,
  GetUserPolicyCommand,
  ListAccessKeysCommand,
  ListAttachedGroupPoliciesCommand,
  ListAttachedUserPoliciesCommand,
  ListGroupPoliciesCommand,
  ListGroupsCommand,
  ListGroupsForUserCommand,
  ListUserPoliciesCommand,
  PutGroupPolicyCommand,
  PutUserPolicyCommand,
  RemoveUserFromGroupCommand,
} from '@aws-sdk/client-iam';
import type { Api } from './clients';

export interface Principal {
  kind: 'user' | 'group';
  name: string;
}

// A managed policy has an ARN; an inline one is the principal's own.
export interface AppliedPolicy {
  name: string;
  arn?: string;
}

const ALL = { MaxItems: 1000 };

export async function appliedPolicies(api: Api, { kind, name }: Principal): Promise<AppliedPolicy[]> {
  const iam = await api.iam();
  const [attached, inline] = await Promise.all(
    kind === 'user'
      ? [
          iam.send(new ListAttachedUserPoliciesCommand({ UserName: name, ...ALL })),
          iam.send(new ListUserPoliciesCommand({ UserName: name, ...ALL })),
        ]
      : [
          iam.send(new ListAttachedGroupPoliciesCommand({ GroupName: name, ...ALL })),
          iam.send(new ListGroupPoliciesCommand({ GroupName: name, ...ALL })),
        ],
  );
  return [
    ...(attached.AttachedPolicies ?? []).map((one) => ({ name: one.PolicyName ?? '', arn: one.PolicyArn })),
    ...(inline.PolicyNames ?? []).map((one) => ({ name: one })),
  ];
}

export async function inlineDocument(api: Api, { kind, name }: Principal, policy: string): Promise<string> {
  const iam = await api.iam();
  const answer =
    kind === 'user'
      ? await iam.send(new GetUserPolicyCommand({ UserName: name, PolicyName: policy }))
      : await iam.send(new GetGroupPolicyCommand({ GroupName: name, PolicyName: policy }));
  return decodeURIComponent(answer.PolicyDocument ?? '');
}

export async function putInline(api: Api, { kind, name }: Principal, policy: string, text: string): Promise<void> {
  const iam = await api.iam();
  const input = { PolicyName: policy, PolicyDocument: text };
  if (kind === 'user') await iam.send(new PutUserPolicyCommand({ UserName: name, ...input }));
  else await iam.send(new PutGroupPolicyCommand({ GroupName: name, ...input }));
}

export async function attach(api: Api, { kind, name }: Principal, PolicyArn: string): Promise<void> {
  const iam = await api.iam();
  if (kind === 'user') await iam.send(new AttachUserPolicyCommand({ UserName: name, PolicyArn }));
  else await iam.send(new AttachGroupPolicyCommand({ GroupName: name, PolicyArn }));
}

// Detaches a managed policy; deletes an inline one.
export async function removePolicy(api: Api, { kind, name }: Principal, policy: AppliedPolicy): Promise<void> {
  const iam = await api.iam();
  const { arn: PolicyArn, name: PolicyName } = policy;
  if (kind === 'user') {
    if (PolicyArn) await iam.send(new DetachUserPolicyCommand({ UserName: name, PolicyArn }));
    else await iam.send(new DeleteUserPolicyCommand({ UserName: name, PolicyName }));
  } else if (PolicyArn) await iam.send(new DetachGroupPolicyCommand({ GroupName: name, PolicyArn }));
  else await iam.send(new DeleteGroupPolicyCommand({ GroupName: name, PolicyName }));
}

export interface GroupOverview {
  name: string;
  arn: string;
  members: string[];
  policies: AppliedPolicy[];
  created: Date | undefined;
}

export async function group(api: Api, name: string): Promise<GroupOverview> {
  const iam = await api.iam();
  const [answer, policies] = await Promise.all([
    iam.send(new GetGroupCommand({ GroupName: name, ...ALL })),
    appliedPolicies(api, { kind: 'group', name }),
  ]);
  return {
    name,
    arn: answer.Group?.Arn ?? '',
    members: (answer.Users ?? []).map((user) => user.UserName ?? ''),
    policies,
    created: answer.Group?.CreateDate,
  };
}

export async function listGroups(api: Api): Promise<GroupOverview[]> {
  const { Groups: groups = [] } = await (await api.iam()).send(new ListGroupsCommand(ALL));
  return Promise.all(groups.map((one) => group(api, one.GroupName ?? '')));
}

export async function groupNames(api: Api): Promise<string[]> {
  const { Groups: groups = [] } = await (await api.iam()).send(new ListGroupsCommand(ALL));
  return groups.map((one) => one.GroupName ?? '');
}

export async function groupsOf(api: Api, user: string): Promise<string[]> {
  const answer = await (await api.iam()).send(new ListGroupsForUserCommand({ UserName: user, ...ALL }));
  return (answer.Groups ?? []).map((one) => one.GroupName ?? '');
}

export async function addToGroup(api: Api, UserName: string, GroupName: string): Promise<void> {
  await (await api.iam()).send(new AddUserToGroupCommand({ UserName, GroupName }));
}

export async function removeFromGroup(api: Api, UserName: string, GroupName: string): Promise<void> {
  await (await api.iam()).send(new RemoveUserFromGroupCommand({ UserName, GroupName }));
}

export async function createGroup(api: Api, GroupName: string): Promise<void> {
  await (await api.iam()).send(new CreateGroupCommand({ GroupName }));
}

// Its members leave and its policies go first, as the service wants it.
export async function deleteGroup(api: Api, { name, members, policies }: GroupOverview): Promise<void> {
  for (const member of members) await removeFromGroup(api, member, name);
  for (const policy of policies) await removePolicy(api, { kind: 'group', name }, policy);
  await (await api.iam()).send(new DeleteGroupCommand({ GroupName: name }));
}

// Its keys, policies and memberships go first, as the service wants it.
export async function deleteUser(api: Api, UserName: string): Promise<void> {
  const iam = await api.iam();
  const principal: Principal = { kind: 'user', name: UserName };
  for (const policy of await appliedPolicies(api, principal)) await removePolicy(api, principal, policy);
  for (const name of await groupsOf(api, UserName)) await removeFromGroup(api, UserName, name);
  const { AccessKeyMetadata: keys = [] } = await iam.send(new ListAccessKeysCommand({ UserName }));
  for (const { AccessKeyId } of keys) await iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId }));
  await iam.send(new DeleteUserCommand({ UserName }));
}
