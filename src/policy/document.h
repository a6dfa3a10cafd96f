// Policy documents: parsed and checked once, compiled for matching.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "policy/condition.h"
#include "policy/pattern.h"

namespace tidemark::policy {

// Where a document is attached decides which elements it may and must have.
enum class DocumentKind {
  kIdentity,  // users and groups, managed policies, boundaries, session policies: no principal
  kResource,  // on a resource: a principal
  kTrust,     // on a role: a principal, no resource
};

// Who a statement of a resource policy speaks of.
struct Principals {
  bool everyone = false;
  std::vector<std::string> aws;      // ARNs, account ids
  std::vector<std::string> service;  // "backup.amazonaws.com"
};

struct Statement {
  std::string sid;
  bool allow = false;
  bool has_principal = false;
  bool not_principal = false;
  Principals principals;
  bool not_action = false;
  std::vector<Pattern> actions;  // in lower case
  bool not_resource = false;
  std::vector<Pattern> resources;
  std::vector<Condition> conditions;  // all must hold
};

struct Document {
  std::vector<Statement> statements;
};

// kSerialization, with IAM's texts where they are known.
Result<Document> ParseDocument(std::string_view json, DocumentKind kind);

// Condition keys that the document's statements and variables name, each once, as they are asked
// for (lower case).
std::vector<std::string> ContextKeys(const Document& document);

// Whether an Allow of a resource policy speaks of everybody, also of other accounts, and no
// condition says which caller is meant. As the service judges it when a policy is put.
bool IsPublic(const Document& document);

}  // namespace tidemark::policy
