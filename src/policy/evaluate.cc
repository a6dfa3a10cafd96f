#include "policy/evaluate.h"

#include <algorithm>
#include <array>

namespace tidemark::policy {

namespace {

// How much of a principal a resource policy's Allow names.
// kEntity: the role or user behind a session, which its boundary and session policies still limit.
enum class Grant { kNone, kAccount, kEntity, kPrincipal };

// An action's name in lower case, on the stack where it fits.
class LowerAction {
 public:
  explicit LowerAction(std::string_view action) {
    if (action.size() > buffer_.size()) {
      long_ = Lower(action);
      view_ = long_;
      return;
    }
    std::ranges::transform(action, buffer_.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    });
    view_ = {buffer_.data(), action.size()};
  }
  LowerAction(const LowerAction&) = delete;
  LowerAction& operator=(const LowerAction&) = delete;
  std::string_view view() const { return view_; }

 private:
  std::array<char, 96> buffer_;
  std::string long_;
  std::string_view view_;
};

class Evaluation {
 public:
  Evaluation(const Request& request, std::vector<Match>* matches)
      : request_(request), action_(request.action), matches_(matches) {}

  // The strongest word of one layer. An Allow of a resource policy is told apart by whom it names.
  struct Verdict {
    bool denied = false;
    bool allowed = false;
    Grant grant = Grant::kNone;
  };
  Verdict Ask(Layer layer, std::span<const NamedDocument> documents) {
    Verdict verdict;
    for (const NamedDocument& named : documents) {
      for (size_t i = 0; i < named.document->statements.size(); ++i) {
        const Statement& statement = named.document->statements[i];
        Grant grant = Grant::kPrincipal;
        if (layer == Layer::kResource) grant = Named(statement);
        if (grant == Grant::kNone || !Applies(statement)) continue;
        (statement.allow ? verdict.allowed : verdict.denied) = true;
        if (statement.allow) verdict.grant = std::max(verdict.grant, grant);
        if (matches_) {
          matches_->push_back({layer, named.name, i});
          allows_.push_back(statement.allow);
        } else if (verdict.denied) {
          return verdict;  // nothing is stronger
        }
      }
    }
    return verdict;
  }

  // Leaves the matches that say what was decided.
  Decision Conclude(Decision decision) {
    if (!matches_) return decision;
    const bool allow = decision.outcome == Outcome::kAllowed;
    std::vector<Match> kept;
    for (size_t i = 0; i < matches_->size(); ++i) {
      if (decision.outcome != Outcome::kImplicitDeny && allows_[i] == allow)
        kept.push_back((*matches_)[i]);
    }
    *matches_ = std::move(kept);
    return decision;
  }

 private:
  bool Applies(const Statement& statement) const {
    const auto action = [&](const Pattern& pattern) { return pattern.Matches(action_.view()); };
    if (std::ranges::any_of(statement.actions, action) == statement.not_action) return false;
    if (!statement.resources.empty() && !OfResource(statement)) return false;
    return std::ranges::all_of(statement.conditions, [&](const Condition& condition) {
      if (request_.context.IsAboutAll(condition.key())) return !statement.allow;
      return condition.Holds(request_.context);
    });
  }

  bool OfResource(const Statement& statement) const {
    bool any = false;
    for (const Pattern& pattern : statement.resources) {
      if (!pattern.has_variables()) {
        any = any || pattern.MatchesArn(request_.resource);
        continue;
      }
      const auto expanded = pattern.Expand(request_.context);
      if (!expanded) {
        // Nobody knows what it names: then it is no ground for "everything but this" either.
        if (statement.not_resource) return false;
        continue;
      }
      any = any || expanded->MatchesArn(request_.resource);
    }
    return any != statement.not_resource;
  }

  Grant Named(const Statement& statement) const {
    const Principals& who = statement.principals;
    Grant grant = who.everyone ? Grant::kPrincipal : Grant::kNone;
    for (const std::string& id : who.aws) {
      if (id == request_.principal_arn) grant = Grant::kPrincipal;
      if (id == request_.entity_arn) grant = std::max(grant, Grant::kEntity);
      const bool account =
          id == request_.principal_account ||
          id == std::string("arn:aws:iam::").append(request_.principal_account).append(":root");
      if (account) grant = std::max(grant, Grant::kAccount);
    }
    if (!statement.not_principal) return grant;
    // Naming an account does not exempt its users.
    return grant >= Grant::kEntity ? Grant::kNone : Grant::kPrincipal;
  }

  const Request& request_;
  const LowerAction action_;
  std::vector<Match>* matches_;
  std::vector<bool> allows_;  // of *matches_
};

}  // namespace

Decision Evaluate(const Request& request, const Policies& policies, std::vector<Match>* matches) {
  Evaluation evaluation(request, matches);
  const auto identity = evaluation.Ask(Layer::kIdentity, policies.identity);
  const auto resource = evaluation.Ask(Layer::kResource, policies.resource);
  const auto boundary = evaluation.Ask(Layer::kBoundary, policies.boundary);
  const auto session = evaluation.Ask(Layer::kSession, policies.session);
  const bool boundary_allows = !policies.has_boundary || boundary.allowed;
  const auto answer = [&](Outcome outcome, Layer layer) {
    return evaluation.Conclude({outcome, layer, boundary_allows});
  };

  if (resource.denied) return answer(Outcome::kExplicitDeny, Layer::kResource);
  const bool foreign =
      !request.resource_account.empty() && request.resource_account != request.principal_account;
  const bool resource_lacks = (foreign || policies.resource_must_allow) && !resource.allowed;
  if (policies.is_root && !resource_lacks) return answer(Outcome::kAllowed, Layer::kIdentity);
  if (identity.denied) return answer(Outcome::kExplicitDeny, Layer::kIdentity);
  if (boundary.denied) return answer(Outcome::kExplicitDeny, Layer::kBoundary);
  if (session.denied) return answer(Outcome::kExplicitDeny, Layer::kSession);

  if (resource_lacks) return answer(Outcome::kImplicitDeny, Layer::kResource);
  if (!foreign && resource.grant == Grant::kPrincipal)
    return answer(Outcome::kAllowed, Layer::kResource);
  const bool granted = identity.allowed || (!foreign && resource.grant == Grant::kEntity);
  if (!granted) return answer(Outcome::kImplicitDeny, Layer::kIdentity);
  if (!boundary_allows) return answer(Outcome::kImplicitDeny, Layer::kBoundary);
  if (policies.has_session && !session.allowed)
    return answer(Outcome::kImplicitDeny, Layer::kSession);
  return answer(Outcome::kAllowed, identity.allowed ? Layer::kIdentity : Layer::kResource);
}

}  // namespace tidemark::policy
