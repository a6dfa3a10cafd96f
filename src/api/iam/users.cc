#include "api/iam/answers.h"
#include "api/iam/handlers.h"

namespace tidemark::api::iam_query {

namespace {

// Of the user named, or of who asks.
Result<std::string> NameOrCaller(const QueryCall& call) {
  if (const std::string* name = call.parameters.Find("UserName")) return *name;
  const auto& identity = call.principal.identity;
  if (identity && !identity->facts().user_name.empty()) return identity->facts().user_name;
  return Fail(ErrorKind::kConstraint,
              "Must specify userName when calling with non-User credentials");
}

// Users under a path, by name.
std::vector<iam::UserPtr> UsersUnder(const iam::Account& account, const std::string& prefix) {
  std::vector<iam::UserPtr> users;
  for (const auto& [name, user] : account.users) {
    if (user->path.starts_with(prefix)) users.push_back(user);
  }
  return users;
}

std::string SortName(const iam::UserPtr& user) { return policy::Lower(user->name); }

}  // namespace

Result<void> CreateUser(const QueryCall& call, XmlWriter* w) {
  iam::UserRecord user;
  user.name = call.parameters.Text("UserName");
  user.path = call.parameters.Optional("Path").value_or("/");
  user.boundary = call.parameters.Text("PermissionsBoundary");
  user.tags = TagsOf(call.parameters);
  TM_TRY(const auto created, iam::CreateUser(call.scope, std::move(user)));
  WriteUser("User", *created, true, w);
  return {};
}

Result<void> GetUser(const QueryCall& call, XmlWriter* w) {
  if (!call.parameters.Find("UserName") && !call.principal.identity) {
    // The root user has no name.
    w->Open("User").Text("UserId", call.scope.account.value).Text("Arn", call.principal.arn);
    w->Close("User");
    return {};
  }
  TM_TRY(const auto name, NameOrCaller(call));
  TM_TRY(const auto user, iam::FindUser(*call.account, name));
  WriteUser("User", *user, true, w);
  return {};
}

Result<void> ListUsers(const QueryCall& call, XmlWriter* w) {
  const auto users = UsersUnder(*call.account, call.parameters.Text("PathPrefix"));
  WritePage("Users", users, call.parameters, w, SortName,
            [&](const auto& user) { WriteUser("member", *user, false, w); });
  return {};
}

Result<void> DeleteUser(const QueryCall& call, XmlWriter*) {
  return iam::DeleteUser(call.scope, call.parameters.Text("UserName"));
}

Result<void> UpdateUser(const QueryCall& call, XmlWriter*) {
  return iam::RenameUser(call.scope, call.parameters.Text("UserName"),
                         call.parameters.Optional("NewUserName"),
                         call.parameters.Optional("NewPath"));
}

Result<void> TagUser(const QueryCall& call, XmlWriter*) {
  return iam::TagUser(call.scope, call.parameters.Text("UserName"), TagsOf(call.parameters));
}

Result<void> UntagUser(const QueryCall& call, XmlWriter*) {
  return iam::EditUser(call.scope, call.parameters.Text("UserName"),
                       [&](iam::UserRecord& user, const iam::Account&) -> Result<void> {
                         for (const auto& key : call.parameters.List("TagKeys"))
                           user.tags.erase(key);
                         return {};
                       });
}

Result<void> ListUserTags(const QueryCall& call, XmlWriter* w) {
  TM_TRY(const auto user, iam::FindUser(*call.account, call.parameters.Text("UserName")));
  WriteTagPage(user->tags, call.parameters, w);
  return {};
}

Result<void> CreateAccessKey(const QueryCall& call, XmlWriter* w) {
  TM_TRY(const auto name, NameOrCaller(call));
  TM_TRY(const auto key, iam::CreateAccessKey(call.scope, name));
  w->Open("AccessKey").Text("UserName", name).Text("AccessKeyId", key.id.value);
  w->Text("Status", "Active").Text("SecretAccessKey", key.secret).Time("CreateDate", key.created);
  w->Close("AccessKey");
  return {};
}

Result<void> ListAccessKeys(const QueryCall& call, XmlWriter* w) {
  TM_TRY(const auto name, NameOrCaller(call));
  TM_TRY(const auto user, iam::FindUser(*call.account, name));
  std::vector<const iam::AccessKey*> keys;
  for (const auto& key : user->keys) keys.push_back(&key);
  std::ranges::sort(keys, {}, [](const auto* key) { return key->id.value; });
  WritePage(
      "AccessKeyMetadata", keys, call.parameters, w, [](const auto* key) { return key->id.value; },
      [&](const auto* key) {
        w->Open("member").Text("UserName", user->name).Text("AccessKeyId", key->id.value);
        w->Text("Status", key->active ? "Active" : "Inactive").Time("CreateDate", key->created);
        w->Close("member");
      });
  return {};
}

Result<void> UpdateAccessKey(const QueryCall& call, XmlWriter*) {
  TM_TRY(const auto name, NameOrCaller(call));
  const std::string& status = call.parameters.Text("Status");
  if (status == "Expired") {
    return Fail(ErrorKind::kValidation, "Status Expired is set by the service alone.");
  }
  return iam::SetAccessKeyActive(call.scope, name, call.parameters.Text("AccessKeyId"),
                                 status == "Active");
}

Result<void> DeleteAccessKey(const QueryCall& call, XmlWriter*) {
  TM_TRY(const auto name, NameOrCaller(call));
  return iam::DeleteAccessKey(call.scope, name, call.parameters.Text("AccessKeyId"));
}

Result<void> GetAccessKeyLastUsed(const QueryCall& call, XmlWriter* w) {
  const AccessKeyId id(call.parameters.Text("AccessKeyId"));
  const auto credential = call.services.directory.FindKey(id);
  if (!credential || credential->account != call.scope.account) {
    return Fail(ErrorKind::kAccessDenied, "Access key {} does not exist in this account.",
                id.value);
  }
  const auto used = credential->last_use->Get();
  const auto& identity = credential->identity;
  w->Text("UserName", identity ? identity->facts().user_name : "<root_account>")
      .Open("AccessKeyLastUsed");
  if (used) w->Time("LastUsedDate", used->time);
  w->Text("ServiceName", used ? used->service : "N/A").Text("Region", used ? used->region : "N/A");
  w->Close("AccessKeyLastUsed");
  return {};
}

Result<void> PutUserPermissionsBoundary(const QueryCall& call, XmlWriter*) {
  return iam::SetBoundary(call.scope, call.parameters.Text("UserName"),
                          call.parameters.Text("PermissionsBoundary"));
}

Result<void> DeleteUserPermissionsBoundary(const QueryCall& call, XmlWriter*) {
  return iam::SetBoundary(call.scope, call.parameters.Text("UserName"), "");
}

Result<void> ListGroupsForUser(const QueryCall& call, XmlWriter* w) {
  TM_TRY(const auto user, iam::FindUser(*call.account, call.parameters.Text("UserName")));
  std::vector<iam::GroupPtr> groups;
  for (const auto& [name, group] : call.account->groups) {
    if (std::ranges::find(user->groups, group->id) != user->groups.end()) groups.push_back(group);
  }
  WritePage(
      "Groups", groups, call.parameters, w,
      [](const auto& group) { return policy::Lower(group->name); },
      [&](const auto& group) { WriteGroup("member", *group, w); });
  return {};
}

}  // namespace tidemark::api::iam_query
