#include "policy/document.h"

#include <algorithm>
#include <set>

#include "codec/json_reader.h"

namespace tidemark::policy {

namespace {

using codec::JsonObject;
using codec::JsonValue;

constexpr std::string_view kTopElements[] = {"Version", "Id", "Statement"};

Unexpected Malformed(std::string_view text) { return Fail(ErrorKind::kSerialization, "{}", text); }
Unexpected SyntaxError() { return Malformed("Syntax errors in policy."); }

bool IsText(JsonValue value, std::string_view* text) {
  return value.get(*text) == simdjson::SUCCESS;
}

// A text or a list of texts; a list may be empty.
bool ReadTexts(JsonValue value, std::vector<std::string>* texts) {
  std::string_view one;
  if (IsText(value, &one)) {
    texts->emplace_back(one);
    return true;
  }
  codec::JsonArray list;
  if (value.get(list) != simdjson::SUCCESS) return false;
  for (JsonValue element : list) {
    if (!IsText(element, &one)) return false;
    texts->emplace_back(one);
  }
  return true;
}

// Operands of conditions may be numbers and booleans as well.
bool ReadScalar(JsonValue value, std::vector<std::string>* texts) {
  std::string_view text;
  if (IsText(value, &text)) {
    texts->emplace_back(text);
  } else if (value.is_bool() || value.is_number()) {
    texts->push_back(simdjson::minify(value));
  } else {
    return false;
  }
  return true;
}

bool ReadOperands(JsonValue value, std::vector<std::string>* texts) {
  codec::JsonArray list;
  if (value.get(list) != simdjson::SUCCESS) return ReadScalar(value, texts);
  return std::ranges::all_of(list, [&](JsonValue one) { return ReadScalar(one, texts); });
}

// What the text says, before it is compiled: checks on it come in the service's order, each over
// all statements.
struct Written {
  Statement statement;
  bool has_action = false;
  bool has_resource = false;
  std::vector<std::string> actions;
  std::vector<std::string> resources;
};

class DocumentReader {
 public:
  DocumentReader(DocumentKind kind, std::string_view version)
      : kind_(kind), variables_(version == "2012-10-17") {}

  bool ReadStatement(JsonValue value, Written* out);
  Result<void> CheckVersion(std::string_view given) const;
  bool IsReadable(const Written& written) const;
  Result<void> CheckResources(const Written& written) const;
  Result<void> CheckElements(const Written& written) const;
  Result<void> CheckActions(const Written& written) const;
  bool Compile(Written& written) const;

 private:
  bool ReadPrincipal(JsonValue value, Statement* out);
  bool ReadConditions(JsonValue value, std::vector<Condition>* out);

  const DocumentKind kind_;
  const bool variables_;
};

bool DocumentReader::ReadPrincipal(JsonValue value, Statement* out) {
  if (out->has_principal) return false;
  out->has_principal = true;
  std::string_view text;
  if (IsText(value, &text)) {
    out->principals.everyone = true;
    return text == "*";
  }
  JsonObject kinds;
  if (value.get(kinds) != simdjson::SUCCESS) return false;
  for (auto [kind, ids] : kinds) {
    std::vector<std::string> others;  // Federated, CanonicalUser: nobody here is either
    auto* to = kind == "AWS" ? &out->principals.aws : &others;
    if (kind == "Service") to = &out->principals.service;
    if (kind != "AWS" && kind != "Service" && kind != "Federated" && kind != "CanonicalUser")
      return false;
    if (!ReadTexts(ids, to)) return false;
  }
  if (std::erase(out->principals.aws, "*") > 0) out->principals.everyone = true;
  return true;
}

bool DocumentReader::ReadConditions(JsonValue value, std::vector<Condition>* out) {
  JsonObject operators;
  if (value.get(operators) != simdjson::SUCCESS) return false;
  for (auto [name, block] : operators) {
    const auto op = ParseOperator(name);
    JsonObject keys;
    if (!op || block.get(keys) != simdjson::SUCCESS) return false;
    for (auto [key, operands] : keys) {
      std::vector<std::string> texts;
      if (key.empty() || !ReadOperands(operands, &texts)) return false;
      auto condition = Condition::Make(*op, key, texts, variables_);
      if (!condition) return false;
      out->push_back(*std::move(condition));
    }
  }
  return true;
}

bool DocumentReader::ReadStatement(JsonValue value, Written* out) {
  JsonObject elements;
  if (value.get(elements) != simdjson::SUCCESS) return false;
  Statement& statement = out->statement;
  std::set<std::string_view> seen;
  std::string_view text;
  for (auto [name, element] : elements) {
    if (!seen.insert(name).second) return false;
    if (name == "Sid") {
      if (!IsText(element, &text)) return false;
      statement.sid = text;
    } else if (name == "Effect") {
      if (!IsText(element, &text) || (text != "Allow" && text != "Deny")) return false;
      statement.allow = text == "Allow";
    } else if (name == "Principal" || name == "NotPrincipal") {
      statement.not_principal = name == "NotPrincipal";
      if (!ReadPrincipal(element, &statement)) return false;
    } else if (name == "Action" || name == "NotAction") {
      if (std::exchange(out->has_action, true)) return false;
      statement.not_action = name == "NotAction";
      if (!ReadTexts(element, &out->actions)) return false;
    } else if (name == "Resource" || name == "NotResource") {
      if (std::exchange(out->has_resource, true)) return false;
      statement.not_resource = name == "NotResource";
      if (!ReadTexts(element, &out->resources)) return false;
    } else if (name == "Condition") {
      if (!ReadConditions(element, &statement.conditions)) return false;
    } else {
      return false;
    }
  }
  return seen.contains("Effect");
}

Result<void> DocumentReader::CheckVersion(std::string_view given) const {
  if (kind_ != DocumentKind::kIdentity || given == "2012-10-17") return {};
  return Malformed("Policy document must be version 2012-10-17 or greater.");
}

// An ARN too short to be read at all.
bool DocumentReader::IsReadable(const Written& written) const {
  return std::ranges::none_of(written.resources, [](const std::string& resource) {
    return resource.starts_with("arn:") && std::ranges::count(resource, ':') < 5 &&
           !resource.ends_with('*');
  });
}

Result<void> DocumentReader::CheckResources(const Written& written) const {
  for (const std::string& resource : written.resources) {
    if (resource == "*" || resource.starts_with("arn:")) continue;
    return Fail(ErrorKind::kSerialization, "Resource {} must be in ARN format or \"*\".", resource);
  }
  return {};
}

Result<void> DocumentReader::CheckElements(const Written& written) const {
  if (kind_ == DocumentKind::kTrust) {
    if (written.has_resource) return Malformed("Has prohibited field Resource");
  } else if (written.resources.empty()) {
    return Malformed("Policy statement must contain resources.");
  }
  if (kind_ == DocumentKind::kIdentity) {
    if (written.statement.has_principal)
      return Malformed("Policy document should not specify a principal.");
  } else if (!written.statement.has_principal) {
    return Malformed("Missing required field Principal");
  }
  return {};
}

Result<void> DocumentReader::CheckActions(const Written& written) const {
  for (const std::string& action : written.actions) {
    if (action == "*") continue;
    const auto colons = std::ranges::count(action, ':');
    if (colons == 0) {
      return Malformed(
          "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
    }
    if (colons > 1) return Malformed("Actions/Condition can contain only one colon.");
    const std::string_view vendor = std::string_view(action).substr(0, action.find(':'));
    const bool valid = !vendor.empty() && std::ranges::all_of(vendor, [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.';
    });
    if (!valid) return Fail(ErrorKind::kSerialization, "Vendor {} is not valid", vendor);
  }
  return {};
}

bool DocumentReader::Compile(Written& written) const {
  for (const std::string& text : written.actions) {
    auto action = Pattern::Parse(Lower(text), {});
    if (!action) return false;
    written.statement.actions.push_back(*std::move(action));
  }
  for (const std::string& text : written.resources) {
    auto resource = Pattern::Parse(text, {.wildcards = true, .variables = variables_});
    if (!resource) return false;
    written.statement.resources.push_back(*std::move(resource));
  }
  return true;
}

// Resource policies may have any text: the service's own have spaces.
Result<void> CheckSids(const std::vector<Written>& statements, DocumentKind kind) {
  std::set<std::string_view> sids;
  for (const Written& written : statements) {
    const std::string& sid = written.statement.sid;
    const bool plain = kind == DocumentKind::kResource || std::ranges::all_of(sid, [](char c) {
                         return std::isalnum(static_cast<unsigned char>(c));
                       });
    if (!plain) {
      return Malformed(
          "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular "
          "expression [0-9A-Za-z]*");
    }
    if (!sid.empty() && !sids.insert(sid).second)
      return Malformed("Statement IDs (SID) in a single policy must be unique.");
  }
  return {};
}

bool ReadStatements(JsonValue value, DocumentReader& reader, std::vector<Written>* out) {
  codec::JsonArray list;
  if (value.get(list) != simdjson::SUCCESS) {
    return reader.ReadStatement(value, &out->emplace_back());
  }
  return std::ranges::all_of(
      list, [&](JsonValue one) { return reader.ReadStatement(one, &out->emplace_back()); });
}

}  // namespace

Result<Document> ParseDocument(std::string_view json, DocumentKind kind) {
  codec::JsonParser parser;
  auto parsed = parser.Parse(json);
  JsonObject top;
  if (!parsed || parsed->get(top) != simdjson::SUCCESS) return SyntaxError();
  std::set<std::string_view> seen;
  std::string_view version = "2008-10-17";
  JsonValue statements;
  for (auto [name, value] : top) {
    if (std::ranges::find(kTopElements, name) == std::end(kTopElements)) return SyntaxError();
    if (!seen.insert(name).second) return SyntaxError();
    std::string_view id;
    if (name == "Version" && !IsText(value, &version)) return SyntaxError();
    if (name == "Id" && !IsText(value, &id)) return SyntaxError();
    if (name == "Statement") statements = value;
  }
  if (!seen.contains("Statement")) return SyntaxError();

  if (seen.contains("Version") && version != "2012-10-17" && version != "2008-10-17")
    return SyntaxError();
  DocumentReader reader(kind, version);
  std::vector<Written> written;
  if (!ReadStatements(statements, reader, &written)) return SyntaxError();
  if (written.empty()) return SyntaxError();
  // The service's order: each check over all statements.
  TM_TRYV(reader.CheckVersion(version));
  for (const Written& one : written) {
    if (!reader.IsReadable(one)) return Malformed("The policy failed legacy parsing");
  }
  TM_TRYV(CheckSids(written, kind));
  for (const Written& one : written) {
    if (one.actions.empty()) return Malformed("Policy statement must contain actions.");
  }
  for (const Written& one : written) TM_TRYV(reader.CheckResources(one));
  for (const Written& one : written) TM_TRYV(reader.CheckActions(one));
  for (const Written& one : written) TM_TRYV(reader.CheckElements(one));
  Document document;
  for (Written& one : written) {
    if (!reader.Compile(one)) return SyntaxError();
    document.statements.push_back(std::move(one.statement));
  }
  return document;
}

std::vector<std::string> ContextKeys(const Document& document) {
  std::set<std::string> keys;
  for (const Statement& statement : document.statements) {
    for (const Condition& condition : statement.conditions) {
      keys.insert(condition.key());
      condition.AddVariables(&keys);
    }
    for (const Pattern& resource : statement.resources) resource.AddVariables(&keys);
  }
  return {keys.begin(), keys.end()};
}

}  // namespace tidemark::policy
