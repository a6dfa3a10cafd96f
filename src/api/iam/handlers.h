// The operations, one function each: parameters -> act or look-up -> members of the answer.
#pragma once
#include "api/query_operation.h"

namespace tidemark::api::iam_query {

using codec::XmlWriter;
using Handler = Result<void>(const QueryCall& call, XmlWriter* w);

Handler CreateUser, GetUser, ListUsers, DeleteUser, UpdateUser, TagUser, UntagUser, ListUserTags;
Handler CreateAccessKey, ListAccessKeys, UpdateAccessKey, DeleteAccessKey, GetAccessKeyLastUsed;
Handler PutUserPermissionsBoundary, DeleteUserPermissionsBoundary, ListGroupsForUser;

Handler CreateGroup, GetGroup, ListGroups, UpdateGroup, DeleteGroup, AddUserToGroup,
    RemoveUserFromGroup;

Handler PutUserPolicy, GetUserPolicy, ListUserPolicies, DeleteUserPolicy;
Handler PutGroupPolicy, GetGroupPolicy, ListGroupPolicies, DeleteGroupPolicy;
Handler AttachUserPolicy, DetachUserPolicy, ListAttachedUserPolicies;
Handler AttachGroupPolicy, DetachGroupPolicy, ListAttachedGroupPolicies;

Handler CreateRole, GetRole, ListRoles, UpdateRole, DeleteRole, UpdateAssumeRolePolicy, TagRole,
    UntagRole, ListRoleTags, PutRolePermissionsBoundary, DeleteRolePermissionsBoundary;
Handler PutRolePolicy, GetRolePolicy, ListRolePolicies, DeleteRolePolicy;
Handler AttachRolePolicy, DetachRolePolicy, ListAttachedRolePolicies;

Handler TagPolicy, UntagPolicy, ListPolicyTags;
Handler CreatePolicy, GetPolicy, ListPolicies, DeletePolicy, CreatePolicyVersion, GetPolicyVersion,
    ListPolicyVersions, SetDefaultPolicyVersion, DeletePolicyVersion, ListEntitiesForPolicy;

Handler SimulateCustomPolicy, SimulatePrincipalPolicy;

}  // namespace tidemark::api::iam_query
