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
  if (key == "principalarn") return one(principal_.arn);
  if (key == "principalaccount" || key == "resourceaccount") return one(principal_.account.value);
  if (key == "principaltype") return one(principal_.identity ? "User" : "Account");
  if (key == "userid") {
    return one(principal_.identity ? principal_.identity->user().id : principal_.account.value);
  }
  if (!principal_.identity) return std::nullopt;
  const iam::UserRecord& user = principal_.identity->user();
  if (key == "username") return one(user.name);
  constexpr std::string_view kTag = "principaltag/";
  if (key.starts_with(kTag)) {
    const auto tag = user.tags.find(std::string(key.substr(kTag.size())));
    if (tag != user.tags.end()) return one(tag->second);
  }
  return std::nullopt;
}

}  // namespace tidemark::api
