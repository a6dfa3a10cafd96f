// Runs the cases of testdata/*.txt. A line is one of:
//   policy: {...}      begins a case with an identity policy; forgets what was set before
//   also: {...}        a further identity policy
//   resource: {...}    and boundary: {...}, session: {...}, trusted-by: {...} (a role's trust
//   policy) context: {"key": "value", "key": ["values"]} as: ARN            who asks; else alice
//   session-of: ARN    the role behind that
//   root               by the root user
//   of: ACCOUNT        whose the resource is, if not alice's
//   ACTION on RESOURCE -> allowed | explicitDeny LAYER | implicitDeny LAYER
//   parse -> ok | the error's text         trust -> as parse, of a role
//   keys -> names                          # comment
// TM_REWRITE_CASES=1 writes the answers found into the files, for review as a diff.
#include <gtest/gtest.h>

#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "codec/json_reader.h"
#include "policy/document.h"
#include "policy/evaluate.h"

namespace tidemark::policy {
namespace {

constexpr char kAlice[] = "arn:aws:iam::123456789012:user/alice";

struct Case {
  std::string policy;
  std::deque<Document> documents;  // those named below
  std::vector<NamedDocument> identity, resource, boundary, session;
  ContextMap context;
  std::string principal = kAlice;
  std::string resource_account;
  std::string entity;
  bool trust = false;
  bool root = false;
};

void Attach(Case* one, std::vector<NamedDocument>* to, const std::string& json,
            DocumentKind kind = DocumentKind::kIdentity) {
  auto document = ParseDocument(json, kind);
  ASSERT_TRUE(document) << document.error().message;
  to->push_back({&one->documents.emplace_back(*std::move(document)), "policy"});
}

void SetContext(Case* one, const std::string& json) {
  codec::JsonParser parser;
  auto parsed = parser.Parse(json);
  ASSERT_TRUE(parsed) << json;
  for (auto [key, value] : parsed->get_object()) {
    Values values;
    if (value.is_array()) {
      for (auto element : value.get_array()) values.emplace_back(element.get_string().value());
    } else {
      values.emplace_back(value.get_string().value());
    }
    one->context.Set(key, std::move(values));
  }
}

std::string_view ToString(Layer layer) {
  constexpr std::string_view kNames[] = {"identity", "resource", "boundary", "session"};
  return kNames[static_cast<size_t>(layer)];
}

std::string Ask(const Case& one, const std::string& question) {
  if (question == "parse" || question == "trust") {
    const auto kind = question == "trust" ? DocumentKind::kTrust : DocumentKind::kIdentity;
    auto document = ParseDocument(one.policy, kind);
    if (document) return "ok";
    EXPECT_EQ(document.error().kind, ErrorKind::kSerialization);
    return document.error().message;
  }
  if (question == "keys") {
    std::string keys;
    for (const auto& key : ContextKeys(*ParseDocument(one.policy, DocumentKind::kIdentity)))
      keys += (keys.empty() ? "" : " ") + key;
    return keys;
  }
  const size_t on = question.find(" on ");
  if (on == std::string::npos) return "no question";
  const std::string action = question.substr(0, on);
  const std::string resource = question.substr(on + 4);
  const Request request{.action = action,
                        .resource = resource,
                        .context = one.context,
                        .principal_arn = one.principal,
                        .principal_account = "123456789012",
                        .entity_arn = one.entity,
                        .resource_account = one.resource_account};
  std::vector<NamedDocument> identity = one.identity;
  std::deque<Document> parsed;
  if (!one.policy.empty() && one.policy != "none") {
    auto document = ParseDocument(one.policy, DocumentKind::kIdentity);
    if (!document) return document.error().message;
    identity.push_back({&parsed.emplace_back(*std::move(document)), "policy"});
  }
  const Policies policies{.identity = identity,
                          .resource = one.resource,
                          .boundary = one.boundary,
                          .session = one.session,
                          .has_boundary = !one.boundary.empty(),
                          .has_session = !one.session.empty(),
                          .resource_must_allow = one.trust,
                          .is_root = one.root};
  const auto decision = Evaluate(request, policies);
  std::vector<Match> matches;
  EXPECT_EQ(Evaluate(request, policies, &matches).outcome, decision.outcome);
  EXPECT_TRUE(one.root || matches.empty() == (decision.outcome == Outcome::kImplicitDeny));
  if (decision.allowed()) return "allowed";
  return std::string(decision.outcome == Outcome::kExplicitDeny ? "explicitDeny " : "implicitDeny ")
      .append(ToString(decision.layer));
}

// False: the line is no setting.
bool Set(const std::string& line, Case* one) {
  auto value = [&](std::string_view key) -> std::optional<std::string> {
    if (!line.starts_with(std::string(key) + ":")) return std::nullopt;
    return line.substr(std::min(line.size(), key.size() + 2));
  };
  if (auto text = value("policy")) {
    *one = Case();
    one->policy = *text;
  } else if (auto text = value("also")) {
    Attach(one, &one->identity, *text);
  } else if (auto text = value("resource")) {
    Attach(one, &one->resource, *text, DocumentKind::kResource);
  } else if (auto text = value("boundary")) {
    Attach(one, &one->boundary, *text);
  } else if (auto text = value("session")) {
    Attach(one, &one->session, *text);
  } else if (auto text = value("context")) {
    one->context = ContextMap();
    SetContext(one, *text);
  } else if (auto text = value("as")) {
    one->principal = *text;
  } else if (auto text = value("session-of")) {
    one->entity = *text;
  } else if (auto text = value("trusted-by")) {
    Attach(one, &one->resource, *text, DocumentKind::kTrust);
    one->trust = true;
  } else if (auto text = value("of")) {
    one->resource_account = *text;
  } else if (line == "root") {
    one->root = true;
  } else {
    return false;
  }
  return true;
}

void RunCases(const std::string& name) {
  const auto path = std::filesystem::path(TM_SOURCE_DIR) / "testdata" / name;
  std::ifstream in(path);
  ASSERT_TRUE(in) << path;
  Case one;
  std::ostringstream rewritten;
  int number = 0;
  int questions = 0;
  for (std::string line; std::getline(in, line); rewritten << line << '\n') {
    ++number;
    SCOPED_TRACE(name + ":" + std::to_string(number));
    if (line.empty() || line.front() == '#' || Set(line, &one)) continue;
    const size_t arrow = line.find(" -> ");
    ASSERT_NE(arrow, std::string::npos) << line;
    ++questions;
    const std::string found = Ask(one, line.substr(0, arrow));
    EXPECT_EQ(line.substr(arrow + 4), found) << one.policy;
    line = line.substr(0, arrow) + " -> " + found;
  }
  EXPECT_GT(questions, 0);
  in.close();
  if (std::getenv("TM_REWRITE_CASES") != nullptr) std::ofstream(path) << rewritten.str();
}

TEST(PolicyCases, Documents) { RunCases("documents.txt"); }
TEST(PolicyCases, Matching) { RunCases("matching.txt"); }
TEST(PolicyCases, Conditions) { RunCases("conditions.txt"); }
TEST(PolicyCases, Layers) { RunCases("layers.txt"); }

}  // namespace
}  // namespace tidemark::policy
