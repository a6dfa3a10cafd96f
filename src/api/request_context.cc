#include "api/request_context.h"

#include <fmt/chrono.h>

namespace tidemark::api {

const policy::Values* RequestContext::Find(std::string_view key) const {
  auto at = known_.find(key);
  if (at == known_.end()) at = known_.emplace(key, Compute(key)).first;
  return at->second ? &*at->second : nullptr;
}

std::optional<policy::Values> RequestContext::Compute(std::string_view key) const {
  const auto one = [](std::string value) { return policy::Values{std::move(value)}; };
  if (!key.starts_with("aws:")) return std::nullopt;
  key.remove_prefix(4);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now_);
  if (key == "sourceip") return one(request_.remote_address);
  if (key == "currenttime") return one(fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", seconds));
  if (key == "epochtime") return one(std::to_string(seconds.time_since_epoch().count()));
  if (key == "securetransport" || key == "viaawsservice" || key == "principalisawsservice")
    return one("false");
  if (key == "useragent") {
    const auto agent = request_.Find("user-agent");
    return agent ? std::optional(one(std::string(*agent))) : std::nullopt;
  }
  if (key == "requestedregion") return one(principal_.region.value);
  if (key == "principalaccount" || key == "resourceaccount") return one(principal_.account.value);
  if (auto values = OfSession(key)) return values;
  if (!principal_.identity) return OfRoot(key);
  const auto& facts = principal_.identity->facts();
  if (key == "principalarn") return one(facts.entity_arn);
  if (key == "principaltype") return one(std::string(facts.type));
  if (key == "userid") return one(facts.user_id);
  if (key == "username" && !facts.user_name.empty()) return one(facts.user_name);
  constexpr std::string_view kTag = "principaltag/";
  if (key.starts_with(kTag)) {
    const auto tag = facts.tags.find(std::string(key.substr(kTag.size())));
    if (tag != facts.tags.end()) return one(tag->second);
  }
  return std::nullopt;
}

std::optional<policy::Values> RequestContext::OfRoot(std::string_view key) const {
  if (key == "principalarn") return policy::Values{principal_.arn};
  if (key == "principaltype") return policy::Values{"Account"};
  if (key == "userid") return policy::Values{principal_.account.value};
  return std::nullopt;
}

// Long-term keys have none of these.
std::optional<policy::Values> RequestContext::OfSession(std::string_view key) const {
  const auto& session = principal_.session;
  if (!session) return std::nullopt;
  if (key == "tokenissuetime") {
    return policy::Values{fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                                      std::chrono::floor<std::chrono::seconds>(session->issued))};
  }
  if (key == "multifactorauthpresent") return policy::Values{"false"};
  if (key == "sourceidentity" && !session->source_identity.empty())
    return policy::Values{session->source_identity};
  return std::nullopt;
}

}  // namespace tidemark::api
