#include "api/dynamodb/access_context.h"

#include "api/dynamodb/members.h"
#include "codec/instant.h"

namespace tidemark::api::dynamodb {

namespace {

constexpr std::string_view kResourceTag = "aws:resourcetag/";
constexpr std::string_view kRequestTag = "aws:requesttag/";
constexpr std::string_view kOurs = "dynamodb:";

struct ParameterKey {
  std::string_view key;
  std::string_view member;
  uint32_t of_action;
};
constexpr ParameterKey kParameters[] = {
    {"returnvalues", "ReturnValues", policy::kReturnValues},
    {"returnconsumedcapacity", "ReturnConsumedCapacity", policy::kReturnConsumedCapacity}};

// Whether a read names what it wants of items.
bool NamesAttributes(codec::JsonValue read) {
  codec::JsonArray names;
  return !TextMember(read, "ProjectionExpression").empty() ||
         (Member(read, "AttributesToGet").get(names) == simdjson::SUCCESS && names.size() > 0);
}

// What a batch wants of the items of one table: whole ones if it wants any.
bool NamesAttributesOfAll(codec::JsonValue batch, std::string_view table) {
  codec::JsonObject tables;
  if (Member(batch, "RequestItems").get(tables) != simdjson::SUCCESS) return false;
  for (auto [name, read] : tables) {
    if (name == table && !NamesAttributes(read)) return false;
  }
  return true;
}

// What a read gives back. Where the request does not say it, what follows then: else a policy that
// limits attributes would let through a read of whole items, which names none.
std::string_view SelectOf(const policy::Action& action, const RequestPart& part) {
  const bool pages = action.form == policy::ResourceForm::kTableOrIndex;
  const std::string_view given = pages ? TextMember(part.body, "Select") : std::string_view();
  if (!given.empty()) return given;
  const bool names = action.form == policy::ResourceForm::kBatch
                         ? NamesAttributesOfAll(part.body, part.table)
                         : NamesAttributes(part.body);
  if (names) return "SPECIFIC_ATTRIBUTES";
  return part.index.empty() ? "ALL_ATTRIBUTES" : "ALL_PROJECTED_ATTRIBUTES";
}

}  // namespace

std::optional<policy::Values> AccessContext::Compute(std::string_view key) const {
  if (key.starts_with(kResourceTag)) {
    if (!resource_.table) return std::nullopt;
    for (const auto& tag : resource_.table->tags) {
      if (tag.key == key.substr(kResourceTag.size())) return policy::Values{tag.value};
    }
    return std::nullopt;
  }
  if (action_.keys & policy::kRequestTags) {
    if (auto values = RequestTag(key)) return values;
  }
  if (key == "aws:resourceaccount" && !resource_.account.value.empty())
    return policy::Values{resource_.account.value};
  if (key == "tidemark:asof") return AsOf();
  if (key == "tidemark:frombackup") return FromBackup();
  if (!key.starts_with(kOurs)) return RequestContext::Compute(key);
  key.remove_prefix(kOurs.size());
  for (const ParameterKey& parameter : kParameters) {
    if (key != parameter.key || !(action_.keys & parameter.of_action)) continue;
    const std::string_view value = TextMember(part_.body, parameter.member);
    if (value.empty()) return std::nullopt;
    return policy::Values{std::string(value)};
  }
  if (key == "select" && (action_.keys & policy::kSelect))
    return policy::Values{std::string(SelectOf(action_, part_))};
  if (key == "enclosingoperation" && !part_.enclosing.empty())
    return policy::Values{std::string(part_.enclosing)};
  if (key == "leadingkeys" && (action_.keys & policy::kLeadingKeys)) return facts().leading_keys;
  if (key == "attributes" && (action_.keys & policy::kAttributes)) return facts().attributes;
  return std::nullopt;
}

bool AccessContext::IsAboutAll(std::string_view key) const {
  if (!(action_.keys & policy::kWholeRows)) return false;
  if (key != "dynamodb:attributes" && key != "dynamodb:leadingkeys") return false;
  const auto* values = Find(key);
  return values && IsUnknown(*values);
}

// Of a read of the past: the instant that it asks for. A text that is none is refused later.
std::optional<policy::Values> AccessContext::AsOf() const {
  const auto header = request().Find("x-tidemark-as-of");
  if (!header) return std::nullopt;
  const auto time = codec::ParseInstant(*header);
  return policy::Values{time ? codec::FormatInstant(*time) : std::string(*header)};
}

std::optional<policy::Values> AccessContext::FromBackup() const {
  if (from_backup_.empty()) return std::nullopt;
  return policy::Values{std::string(from_backup_)};
}

std::optional<policy::Values> AccessContext::RequestTag(std::string_view key) const {
  policy::Values keys;
  codec::JsonArray list;
  if (Member(part_.body, "Tags").get(list) == simdjson::SUCCESS) {
    for (codec::JsonValue tag : list) {
      const std::string_view name = TextMember(tag, "Key");
      if (key.starts_with(kRequestTag) && key.substr(kRequestTag.size()) == name)
        return policy::Values{std::string(TextMember(tag, "Value"))};
      keys.emplace_back(name);
    }
  } else if (Member(part_.body, "TagKeys").get(list) == simdjson::SUCCESS) {
    for (codec::JsonValue name : list) {
      std::string_view text;
      if (name.get(text) == simdjson::SUCCESS) keys.emplace_back(text);
    }
  }
  if (key != "aws:tagkeys" || keys.empty()) return std::nullopt;
  return keys;
}

const RequestFacts& AccessContext::facts() const {
  if (!facts_) facts_ = FactsOf(action_.operation, part_, resource_.table.get());
  return *facts_;
}

}  // namespace tidemark::api::dynamodb
