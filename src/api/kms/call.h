// A request to KMS that is authenticated, and what it is answered with.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/kms/kms_api.h"
#include "auth/principal.h"
#include "codec/json_reader.h"
#include "codec/json_writer.h"
#include "kms/grants.h"
#include "kms/keys.h"
#include "policy/context.h"

namespace tidemark::api::kms_json {

using codec::JsonValue;
using codec::JsonWriter;

struct KmsCall {
  const KmsServices& services;
  const auth::Principal& principal;
  const http::Request& request;
  kms::KeyScope scope;  // of names without account; of the caller, but for keys of foreign tables
};

// What permission is asked for beside the operation itself.
struct Ask {
  kms::EncryptionContext context;
  policy::ContextMap facts;                // condition keys of the request
  std::string alias;                       // by which the request names the key; empty: another way
  const kms::GrantRecord* made = nullptr;  // of CreateGrant: the grant
};

// Whether the caller may do that with the key: its policy, its grants and the caller's own
// policies. `operation` is one of policy::FindKmsAction. kAccessDenied.
Result<void> AuthorizeKey(const KmsCall& call, std::string_view operation,
                          const kms::KeyRecord& key, const Ask& ask = {});
// Of what is no key: "*", or an alias's ARN.
Result<void> AuthorizeResource(const KmsCall& call, std::string_view operation,
                               const std::string& resource, const Ask& ask = {});
// Whether a key with that policy would let the caller change it again.
bool MayPutPolicy(const KmsCall& call, const kms::KeyRecord& key);

// kAccessDenied in the words in which each key of another account is refused, if `name` is one's.
Result<void> RefuseForeign(const KmsCall& call, std::string_view operation,
                           const std::string& name);
// The key a request names, if the caller may do `operation` with it. Who may not learns nothing of
// whether it is there.
Result<kms::KeyPtr> FindKey(const KmsCall& call, std::string_view operation,
                            const std::string& name, Ask ask = {});

// --- Parts of requests and answers.
using TextPairs = std::vector<std::pair<std::string, std::string>>;
kms::EncryptionContext ToContext(const std::optional<TextPairs>& pairs);
void WriteKeyMetadata(const kms::KeyRecord& key, JsonWriter* w);
// Fault::kDryRun if the request only asks whether it would work.
Result<void> CheckDryRun(const std::optional<bool>& dry_run);

// One page of `all`, which is in order of `name_of`. Writes the list, Truncated and NextMarker.
struct PageRequest {
  const std::optional<int64_t>& limit;
  const std::optional<std::string>& marker;
  int64_t limit_default = 100;
};
// Fault::kInvalidMarker.
Result<std::string> ReadMarker(const std::optional<std::string>& marker);
std::string MakeMarker(std::string_view last);

template <class T, class NameOf, class Write>
Result<void> WritePage(std::string_view list, const std::vector<T>& all, const PageRequest& page,
                       JsonWriter* w, NameOf name_of, Write write) {
  TM_TRY(const std::string after, ReadMarker(page.marker));
  const auto limit = static_cast<size_t>(page.limit.value_or(page.limit_default));
  size_t written = 0;
  std::string last;
  bool more = false;
  w->Key(list).BeginArray();
  for (const T& one : all) {
    if (page.marker && name_of(one) <= after) continue;
    more = written == limit;
    if (more) break;
    write(one);
    last = name_of(one);
    ++written;
  }
  w->EndArray().FieldBool("Truncated", more);
  if (more) w->Field("NextMarker", MakeMarker(last));
  return {};
}

}  // namespace tidemark::api::kms_json
