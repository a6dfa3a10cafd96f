// Whether policies allow a request, and which statement decided: a pure function.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/context.h"
#include "policy/document.h"

namespace tidemark::policy {

enum class Outcome { kAllowed, kExplicitDeny, kImplicitDeny };
// Whose word it was, or whose is missing.
enum class Layer { kIdentity, kResource, kBoundary, kSession };

// A document under the name by which answers speak of it.
struct NamedDocument {
  const Document* document;
  std::string_view name;
};

struct Policies {
  std::span<const NamedDocument> identity;
  std::span<const NamedDocument> resource;
  std::span<const NamedDocument> boundary;  // counts if has_boundary
  std::span<const NamedDocument> session;   // counts if has_session
  bool has_boundary = false;
  bool has_session = false;
  bool resource_must_allow = false;  // the resource's own policy is asked in its account too: trust
  bool is_root = false;  // the account's root user: allowed unless a resource policy denies
};

struct Request {
  std::string_view action;    // "dynamodb:PutItem", in any case
  std::string_view resource;  // an ARN, or "*" for what has none
  const Context& context;
  // Of who asks; for resource policies.
  std::string_view principal_arn = {};
  std::string_view principal_account = {};
  std::string_view entity_arn = {};        // of a session: the role or user it is of
  std::string_view resource_account = {};  // empty: the principal's own
};

struct Match {
  Layer layer;
  std::string_view policy;
  size_t statement;  // from 0
};

struct Decision {
  Outcome outcome = Outcome::kImplicitDeny;
  Layer layer = Layer::kIdentity;  // what decided; of kImplicitDeny: which lacks an Allow
  // The boundary's own answer, of simulations.
  bool boundary_allows = true;
  bool allowed() const { return outcome == Outcome::kAllowed; }
};

// `matches`: filled with the statements that matched and agree with the outcome; may be null. The
// order of checks is that of the service: a Deny anywhere, root, a resource policy that names the
// principal itself, boundary, session, identity.
Decision Evaluate(const Request& request, const Policies& policies,
                  std::vector<Match>* matches = nullptr);

}  // namespace tidemark::policy
