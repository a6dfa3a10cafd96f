// TagResource, UntagResource, ListTagsOfResource.
#include "api/dynamodb/handlers.h"
#include "api/dynamodb/shapes_gen.h"
#include "api/dynamodb/table_settings.h"
#include "codec/json_writer.h"

namespace tidemark::api::dynamodb {

Task<std::string> TagResource(const Services& services, Caller caller, JsonValue body) {
  TM_CO_TRY(auto input, ParseTagResource(body));
  auto tags = ToTable(*input.tags);
  TM_CO_TRYV(co_await services.tables.AddTags(std::move(caller), std::move(*input.resource_arn),
                                              std::move(tags)));
  co_return "";
}

Task<std::string> UntagResource(const Services& services, Caller caller, JsonValue body) {
  TM_CO_TRY(auto input, ParseUntagResource(body));
  TM_CO_TRYV(co_await services.tables.RemoveTags(std::move(caller), std::move(*input.resource_arn),
                                                 std::move(*input.tag_keys)));
  co_return "";
}

// All tags fit in one answer, so that there never is a NextToken.
Task<std::string> ListTagsOfResource(const Services& services, Caller caller, JsonValue body) {
  TM_CO_TRY(auto input, ParseListTagsOfResource(body));
  if (input.next_token)
    co_return Fail(ErrorKind::kValidation, "Invalid NextToken: {}", *input.next_token);
  TM_CO_TRY(auto tags,
            co_await services.tables.Tags(std::move(caller), std::move(*input.resource_arn)));
  std::string answer;
  codec::JsonWriter w(&answer);
  w.BeginObject().Key("Tags").BeginArray();
  for (const auto& tag : tags) {
    w.BeginObject().Field("Key", tag.key).Field("Value", tag.value).EndObject();
  }
  w.EndArray().EndObject();
  co_return answer;
}

}  // namespace tidemark::api::dynamodb
