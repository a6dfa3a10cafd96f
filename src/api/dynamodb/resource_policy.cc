// PutResourcePolicy, GetResourcePolicy, DeleteResourcePolicy.
#include "api/dynamodb/handlers.h"
#include "api/dynamodb/shapes_gen.h"
#include "codec/json_writer.h"

namespace tidemark::api::dynamodb {

namespace {

std::string RevisionAnswer(const std::string& revision) {
  std::string answer;
  codec::JsonWriter w(&answer);
  w.BeginObject();
  if (!revision.empty()) w.Field("RevisionId", revision);
  w.EndObject();
  return answer;
}

}  // namespace

Task<std::string> PutResourcePolicy(const Services& services, Caller caller, JsonValue body) {
  TM_CO_TRY(auto input, ParsePutResourcePolicy(body));
  TM_CO_TRY(const auto revision,
            co_await services.policies.Put(std::move(caller), std::move(*input.resource_arn),
                                           std::move(*input.policy),
                                           std::move(input.expected_revision_id)));
  co_return RevisionAnswer(revision);
}

Task<std::string> GetResourcePolicy(const Services& services, Caller caller, JsonValue body) {
  TM_CO_TRY(auto input, ParseGetResourcePolicy(body));
  TM_CO_TRY(const auto policy, services.policies.Get(caller, *input.resource_arn));
  std::string answer;
  codec::JsonWriter w(&answer);
  w.BeginObject().Field("Policy", policy.text).Field("RevisionId", policy.revision).EndObject();
  co_return answer;
}

Task<std::string> DeleteResourcePolicy(const Services& services, Caller caller, JsonValue body) {
  TM_CO_TRY(auto input, ParseDeleteResourcePolicy(body));
  TM_CO_TRY(const auto revision,
            co_await services.policies.Delete(std::move(caller), std::move(*input.resource_arn),
                                              std::move(input.expected_revision_id)));
  co_return RevisionAnswer(revision);
}

}  // namespace tidemark::api::dynamodb
