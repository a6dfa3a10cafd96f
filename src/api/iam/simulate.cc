// What policies would say of requests that nobody makes.
#include <deque>
#include <set>

#include "api/iam/answers.h"
#include "api/iam/handlers.h"

namespace tidemark::api::iam_query {

namespace {

// Documents given in a request, under the names the service gives them.
class Given {
 public:
  Result<void> Add(const wire::QueryParameters& p, std::string_view list, policy::DocumentKind kind,
                   std::vector<policy::NamedDocument>* to) {
    size_t number = 0;
    for (const std::string& text : p.List(list)) {
      TM_TRYV(AddOne(fmt::format("{}.{}", list, ++number), text, kind, to));
    }
    return {};
  }
  Result<void> AddOne(std::string name, const std::string& text, policy::DocumentKind kind,
                      std::vector<policy::NamedDocument>* to) {
    auto document = policy::ParseDocument(text, kind);
    if (!document) {
      return Fail(ErrorKind::kValidation, "Invalid policy {}: {}", name, document.error().message);
    }
    names_.push_back(std::move(name));
    documents_.push_back(*std::move(document));
    to->push_back({&documents_.back(), names_.back()});
    return {};
  }

 private:
  std::deque<std::string> names_;
  std::deque<policy::Document> documents_;
};

struct Simulation {
  std::vector<policy::NamedDocument> identity, boundary, resource;
  bool has_boundary = false;
  policy::ContextMap context;
  std::set<std::string> keys;  // that the policies ask for
  std::string caller;
  std::string account;
  std::string owner;
};

std::string_view Word(policy::Outcome outcome) {
  switch (outcome) {
    case policy::Outcome::kAllowed:
      return "allowed";
    case policy::Outcome::kExplicitDeny:
      return "explicitDeny";
    case policy::Outcome::kImplicitDeny:
      return "implicitDeny";
  }
  return "implicitDeny";
}

std::string_view SourceType(const policy::Match& match) {
  if (match.layer == policy::Layer::kResource) return "resource";
  return match.policy.find("InputList.") != std::string_view::npos ? "none" : "user";
}

void WriteResult(const Simulation& simulation, const std::string& action,
                 const std::string& resource, XmlWriter* w) {
  std::vector<policy::Match> matches;
  const auto decision = policy::Evaluate({.action = action,
                                          .resource = resource,
                                          .context = simulation.context,
                                          .principal_arn = simulation.caller,
                                          .principal_account = simulation.account,
                                          .resource_account = simulation.owner},
                                         {.identity = simulation.identity,
                                          .resource = simulation.resource,
                                          .boundary = simulation.boundary,
                                          .has_boundary = simulation.has_boundary},
                                         &matches);
  w->Open("member").Text("EvalActionName", action).Text("EvalResourceName", resource);
  w->Text("EvalDecision", Word(decision.outcome)).Open("MatchedStatements");
  for (const auto& match : matches) {
    w->Open("member").Text("SourcePolicyId", match.policy);
    w->Text("SourcePolicyType", SourceType(match)).Close("member");
  }
  w->Close("MatchedStatements").Open("MissingContextValues");
  for (const std::string& key : simulation.keys) {
    if (!simulation.context.Find(key)) w->Text("member", key);
  }
  w->Close("MissingContextValues");
  if (simulation.has_boundary) {
    w->Open("PermissionsBoundaryDecisionDetail");
    w->Bool("AllowedByPermissionsBoundary", decision.boundary_allows);
    w->Close("PermissionsBoundaryDecisionDetail");
  }
  w->Close("member");
}

// What both operations have in common; `simulation` has the principal's own policies already.
Result<void> Simulate(const QueryCall& call, Simulation simulation, Given given, XmlWriter* w) {
  using policy::DocumentKind;
  const auto& p = call.parameters;
  TM_TRYV(given.Add(p, "PolicyInputList", DocumentKind::kIdentity, &simulation.identity));
  if (p.Count("PermissionsBoundaryPolicyInputList") > 0) {
    simulation.boundary.clear();
    simulation.has_boundary = true;
    TM_TRYV(given.Add(p, "PermissionsBoundaryPolicyInputList", DocumentKind::kIdentity,
                      &simulation.boundary));
  }
  if (const std::string* text = p.Find("ResourcePolicy")) {
    TM_TRYV(given.AddOne("ResourcePolicy", *text, DocumentKind::kResource, &simulation.resource));
  }
  if (const std::string* caller = p.Find("CallerArn")) simulation.caller = *caller;
  if (const std::string* owner = p.Find("ResourceOwner")) {
    std::string_view account = *owner;  // arn:aws:iam::ACCOUNT:root, or the account alone
    if (account.starts_with("arn:aws:iam::")) account = account.substr(13, 12);
    simulation.owner = account;
  }
  for (size_t i = 0, count = p.Count("ContextEntries"); i < count; ++i) {
    simulation.context.Set(p.Text(wire::ElementName("ContextEntries", i, "ContextKeyName")),
                           p.List(wire::ElementName("ContextEntries", i, "ContextKeyValues")));
  }
  for (const auto* documents : {&simulation.identity, &simulation.boundary, &simulation.resource}) {
    for (const auto& named : *documents) {
      const auto keys = policy::ContextKeys(*named.document);
      simulation.keys.insert(keys.begin(), keys.end());
    }
  }
  auto resources = p.List("ResourceArns");
  if (resources.empty()) resources.emplace_back("*");
  const auto actions = p.List("ActionNames");
  std::vector<size_t> all(actions.size() * resources.size());
  for (size_t i = 0; i < all.size(); ++i) all[i] = i;
  WritePage(
      "EvaluationResults", all, p, w, [](size_t i) { return fmt::format("{:09}", i); },
      [&](size_t i) {
        WriteResult(simulation, actions[i / resources.size()], resources[i % resources.size()], w);
      });
  return {};
}

}  // namespace

Result<void> SimulateCustomPolicy(const QueryCall& call, XmlWriter* w) {
  Simulation simulation;
  simulation.account = call.scope.account.value;
  return Simulate(call, std::move(simulation), Given(), w);
}

Result<void> SimulatePrincipalPolicy(const QueryCall& call, XmlWriter* w) {
  const std::string& source = call.parameters.Text("PolicySourceArn");
  Simulation simulation;
  simulation.account = call.scope.account.value;
  simulation.caller = source;
  std::string id;
  for (const auto& [name, user] : call.account->users) {
    if (user->Arn() == source) id = user->id;
  }
  for (const auto& [name, role] : call.account->roles) {
    if (role->Arn() == source) id = role->id;
  }
  if (const auto identity = call.services.directory.FindIdentity(call.scope.account, id)) {
    const auto policies = identity->policies();
    simulation.identity.assign(policies.identity.begin(), policies.identity.end());
    simulation.boundary.assign(policies.boundary.begin(), policies.boundary.end());
    simulation.has_boundary = policies.has_boundary;
    const auto& facts = identity->facts();
    if (!facts.user_name.empty()) simulation.context.Set("aws:username", {facts.user_name});
    simulation.context.Set("aws:userid", {facts.user_id});
    return Simulate(call, std::move(simulation), Given(), w);
  }
  for (const auto& [name, group] : call.account->groups) {
    if (group->Arn() != source) continue;
    for (const auto& [policy, text] : group->inline_policies)
      simulation.identity.push_back({text.document.get(), policy});
    std::vector<iam::PolicyPtr> held;
    for (const std::string& arn : group->attached) held.push_back(call.account->FindPolicy(arn));
    for (const auto& policy : held) {
      if (policy)
        simulation.identity.push_back({policy->Default().text.document.get(), policy->name});
    }
    return Simulate(call, std::move(simulation), Given(), w);
  }
  return Fail(ErrorKind::kResourceNotFound, "The principal {} cannot be found.", source);
}

}  // namespace tidemark::api::iam_query
