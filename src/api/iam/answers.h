// Parts of IAM's answers: entities, pages, documents.
#pragma once
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/query_operation.h"
#include "iam/policies.h"

namespace tidemark::api::iam_query {

using codec::XmlWriter;

void WriteTags(const iam::Tags& tags, XmlWriter* w);
void WriteUser(std::string_view element, const iam::UserRecord& user, bool with_tags, XmlWriter* w);
// What is told of a role beside its description, longest session and trust policy.
struct RoleParts {
  bool with_all = false;                                         // boundary, tags
  const std::optional<iam::LastUse::Value>* last_use = nullptr;  // null: not told
};
void WriteRole(std::string_view element, const iam::RoleRecord& role, const RoleParts& parts,
               XmlWriter* w);
void WriteGroup(std::string_view element, const iam::GroupRecord& group, XmlWriter* w);
void WritePolicy(std::string_view element, const iam::Account& account,
                 const iam::PolicyRecord& policy, XmlWriter* w);
void WriteVersion(std::string_view element, const iam::PolicyRecord& policy,
                  const iam::PolicyVersion& version, bool with_document, XmlWriter* w);
// A policy's text as answers hold it: percent-encoded.
void WriteDocument(std::string_view element, std::string_view text, XmlWriter* w);

// One page of tags, as the answers of List...Tags have it.
void WriteTagPage(const iam::Tags& tags, const wire::QueryParameters& parameters, XmlWriter* w);

// The parameter Tags. Of a key given twice, the last counts.
iam::Tags TagsOf(const wire::QueryParameters& parameters);

// One page of `all`, each by `name`, which is also the marker: the page begins behind it. Elements
// are in order of it. Then IsTruncated and Marker.
template <class T, class NameOf, class Write>
void WritePage(std::string_view list, const std::vector<T>& all, const wire::QueryParameters& p,
               XmlWriter* w, NameOf name_of, Write write) {
  const std::string& marker = p.Text("Marker");
  const auto limit = static_cast<size_t>(p.Int("MaxItems", 100));
  auto at = std::ranges::find_if(all, [&](const T& one) { return marker < name_of(one); });
  if (marker.empty()) at = all.begin();
  w->Open(list);
  size_t written = 0;
  std::string last;
  for (; at != all.end() && written < limit; ++at, ++written) {
    write(*at);
    last = name_of(*at);
  }
  w->Close(list).Bool("IsTruncated", at != all.end());
  if (at != all.end()) w->Text("Marker", last);
}

}  // namespace tidemark::api::iam_query
