// Evaluates cases from standard input, a line of JSON each, for comparison with another evaluator:
//   {"identity":["POLICY"],"boundary":["POLICY"],"session":["POLICY"],"resourcePolicy":"POLICY",
//    "action","resource","principal","entity","account","resourceAccount","context":{"key":["value"]}}
// Policies are texts; boundary, session and resourcePolicy may be absent. Answers a line each:
// Allowed, ExplicitlyDenied, ImplicitlyDenied, or "refused: TEXT" where a policy is none.
#include <deque>
#include <iostream>
#include <string>

#include "codec/json_reader.h"
#include "policy/evaluate.h"

namespace {

using namespace tidemark;
using policy::DocumentKind;

struct Documents {
  std::deque<policy::Document> parsed;
  std::vector<policy::NamedDocument> named;
  bool given = false;

  Result<void> Add(std::string_view text, DocumentKind kind) {
    given = true;
    TM_TRY(auto document, policy::ParseDocument(text, kind));
    named.push_back({&parsed.emplace_back(std::move(document)), "policy"});
    return {};
  }
  Result<void> AddAll(codec::JsonValue list) {
    codec::JsonArray texts;
    if (list.get(texts) != simdjson::SUCCESS) return {};
    given = true;
    for (auto text : texts) TM_TRYV(Add(text.get_string().value(), DocumentKind::kIdentity));
    return {};
  }
};

codec::JsonValue MemberOf(codec::JsonValue json, const char* name) {
  codec::JsonValue member;
  if (json[name].get(member) != simdjson::SUCCESS) return codec::JsonValue();
  return member;
}

std::string TextIn(codec::JsonValue json, const char* name) {
  std::string_view text;
  if (json[name].get(text) != simdjson::SUCCESS) return "";
  return std::string(text);
}

Result<std::string> EvaluateCase(codec::JsonValue json) {
  Documents identity, boundary, session, resource;
  TM_TRYV(identity.AddAll(MemberOf(json, "identity")));
  if (json["boundary"].error() == simdjson::SUCCESS)
    TM_TRYV(boundary.AddAll(MemberOf(json, "boundary")));
  if (json["session"].error() == simdjson::SUCCESS)
    TM_TRYV(session.AddAll(MemberOf(json, "session")));
  if (const std::string text = TextIn(json, "resourcePolicy"); !text.empty())
    TM_TRYV(resource.Add(text, DocumentKind::kResource));
  policy::ContextMap context;
  for (auto [key, values] : MemberOf(json, "context").get_object()) {
    policy::Values all;
    for (auto value : values.get_array()) all.emplace_back(value.get_string().value());
    context.Set(key, std::move(all));
  }
  const std::string action = TextIn(json, "action"), on = TextIn(json, "resource"),
                    principal = TextIn(json, "principal"), entity = TextIn(json, "entity"),
                    account = TextIn(json, "account"), owner = TextIn(json, "resourceAccount");
  const auto decision = policy::Evaluate({.action = action,
                                          .resource = on,
                                          .context = context,
                                          .principal_arn = principal,
                                          .principal_account = account,
                                          .entity_arn = entity,
                                          .resource_account = owner},
                                         {.identity = identity.named,
                                          .resource = resource.named,
                                          .boundary = boundary.named,
                                          .session = session.named,
                                          .has_boundary = boundary.given,
                                          .has_session = session.given});
  switch (decision.outcome) {
    case policy::Outcome::kAllowed:
      return std::string("Allowed");
    case policy::Outcome::kExplicitDeny:
      return std::string("ExplicitlyDenied");
    case policy::Outcome::kImplicitDeny:
      break;
  }
  return std::string("ImplicitlyDenied");
}

}  // namespace

int main() {
  std::ios::sync_with_stdio(false);
  codec::JsonParser parser;
  for (std::string line; std::getline(std::cin, line);) {
    auto json = parser.Parse(line);
    auto answer = json ? EvaluateCase(*json) : Result<std::string>(Fail(json.error()));
    std::cout << (answer ? *answer : "refused: " + answer.error().message) << '\n';
  }
}
