#include "api/iam/answers.h"

#include "sigv4/uri.h"

namespace tidemark::api::iam_query {

namespace {

void WriteBoundary(const std::string& arn, XmlWriter* w) {
  if (arn.empty()) return;
  w->Open("PermissionsBoundary").Text("PermissionsBoundaryType", "Policy");
  w->Text("PermissionsBoundaryArn", arn).Close("PermissionsBoundary");
}

}  // namespace

void WriteTags(const iam::Tags& tags, XmlWriter* w) {
  w->Open("Tags");
  for (const auto& [key, value] : tags)
    w->Open("member").Text("Key", key).Text("Value", value).Close("member");
  w->Close("Tags");
}

void WriteUser(std::string_view element, const iam::UserRecord& user, bool with_tags,
               XmlWriter* w) {
  w->Open(element).Text("Path", user.path).Text("UserName", user.name).Text("UserId", user.id);
  w->Text("Arn", user.Arn()).Time("CreateDate", user.created);
  if (with_tags) WriteBoundary(user.boundary, w);
  if (with_tags && !user.tags.empty()) WriteTags(user.tags, w);
  w->Close(element);
}

void WriteRole(std::string_view element, const iam::RoleRecord& role, const RoleParts& parts,
               XmlWriter* w) {
  w->Open(element).Text("Path", role.path).Text("RoleName", role.name).Text("RoleId", role.id);
  w->Text("Arn", role.Arn()).Time("CreateDate", role.created);
  WriteDocument("AssumeRolePolicyDocument", role.trust.text, w);
  if (!role.description.empty()) w->Text("Description", role.description);
  w->Int("MaxSessionDuration", role.session_max.count());
  if (parts.with_all) WriteBoundary(role.boundary, w);
  if (parts.with_all && !role.tags.empty()) WriteTags(role.tags, w);
  if (parts.last_use) {
    w->Open("RoleLastUsed");
    if (const auto& used = *parts.last_use)
      w->Time("LastUsedDate", used->time).Text("Region", used->region);
    w->Close("RoleLastUsed");
  }
  w->Close(element);
}

void WriteGroup(std::string_view element, const iam::GroupRecord& group, XmlWriter* w) {
  w->Open(element).Text("Path", group.path).Text("GroupName", group.name);
  w->Text("GroupId", group.id).Text("Arn", group.Arn()).Time("CreateDate", group.created);
  w->Close(element);
}

void WritePolicy(std::string_view element, const iam::Account& account,
                 const iam::PolicyRecord& policy, XmlWriter* w) {
  const auto attached = iam::AttachmentsOf(account, policy.Arn());
  w->Open(element).Text("PolicyName", policy.name).Text("PolicyId", policy.id);
  w->Text("Arn", policy.Arn()).Text("Path", policy.path);
  w->Text("DefaultVersionId", fmt::format("v{}", policy.default_version));
  w->Int("AttachmentCount", static_cast<int64_t>(attached.permits()));
  w->Int("PermissionsBoundaryUsageCount", static_cast<int64_t>(attached.bounds()));
  w->Bool("IsAttachable", true);
  if (!policy.description.empty()) w->Text("Description", policy.description);
  w->Time("CreateDate", policy.created).Time("UpdateDate", policy.updated);
  if (!policy.tags.empty()) WriteTags(policy.tags, w);
  w->Close(element);
}

void WriteVersion(std::string_view element, const iam::PolicyRecord& policy,
                  const iam::PolicyVersion& version, bool with_document, XmlWriter* w) {
  w->Open(element);
  if (with_document) WriteDocument("Document", version.text.text, w);
  w->Text("VersionId", fmt::format("v{}", version.number));
  w->Bool("IsDefaultVersion", version.number == policy.default_version);
  w->Time("CreateDate", version.created).Close(element);
}

void WriteDocument(std::string_view element, std::string_view text, XmlWriter* w) {
  std::string encoded;
  sigv4::AppendUriEncoded(text, &encoded);
  w->Text(element, encoded);
}

void WriteTagPage(const iam::Tags& tags, const wire::QueryParameters& parameters, XmlWriter* w) {
  const std::vector<std::pair<std::string, std::string>> all(tags.begin(), tags.end());
  WritePage(
      "Tags", all, parameters, w, [](const auto& tag) { return tag.first; },
      [&](const auto& tag) {
        w->Open("member").Text("Key", tag.first).Text("Value", tag.second).Close("member");
      });
}

iam::Tags TagsOf(const wire::QueryParameters& parameters) {
  iam::Tags tags;
  for (size_t i = 0, count = parameters.Count("Tags"); i < count; ++i) {
    tags[parameters.Text(wire::ElementName("Tags", i, "Key"))] =
        parameters.Text(wire::ElementName("Tags", i, "Value"));
  }
  return tags;
}

}  // namespace tidemark::api::iam_query
