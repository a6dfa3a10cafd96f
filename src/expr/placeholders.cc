#include "expr/placeholders.h"

namespace tidemark::expr {
namespace {

constexpr size_t kKeyBytesMax = 255;

bool IsWellFormed(std::string_view key, char sign) {
  if (key.size() < 2 || key.front() != sign) return false;
  for (char c : key.substr(1)) {
    bool part =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    if (!part) return false;
  }
  return true;
}

template <class Entries>
Result<void> CheckKeys(const Entries* entries, std::string_view member, char sign) {
  if (entries == nullptr || entries->begin() == entries->end()) {
    return Fail(ErrorKind::kValidation, "{} must not be empty", member);
  }
  for (const auto& [key, value] : *entries) {
    if (key.size() > kKeyBytesMax) {
      return Fail(ErrorKind::kValidation,
                  "{} contains invalid key: The expression attribute map contains a key that is "
                  "too long; size of key: {}",
                  member, key.size());
    }
    if (!IsWellFormed(key, sign)) {
      return Fail(ErrorKind::kValidation, "{} contains invalid key: Syntax error; key: \"{}\"",
                  member, key);
    }
  }
  return {};
}

template <class Entries>
Result<void> CheckUsed(const Entries& entries, const std::vector<bool>& used,
                       std::string_view member) {
  std::string unused;
  size_t i = 0;
  for (const auto& [key, value] : entries) {
    if (!used[i++]) unused += (unused.empty() ? "" : ", ") + key;
  }
  if (unused.empty()) return {};
  return Fail(ErrorKind::kValidation, "Value provided in {} unused in expressions: keys: {{{}}}",
              member, unused);
}

}  // namespace

Result<void> CheckValueKeys(const item::Map& values) {
  return CheckKeys(&values, "ExpressionAttributeValues", ':');
}

Placeholders::Placeholders(const NameList* names, const item::Map* values, bool names_given,
                           bool values_given)
    : names_(names),
      values_(values),
      names_given_(names_given),
      values_given_(values_given),
      names_used_(names != nullptr ? names->size() : 0),
      values_used_(values != nullptr ? values->size() : 0) {}

Result<void> Placeholders::Check(bool has_expression, bool has_value_expression,
                                 std::string_view value_expressions) const {
  if (names_given_ && !has_expression) {
    return Fail(ErrorKind::kValidation,
                "ExpressionAttributeNames can only be specified when using expressions");
  }
  if (values_given_ && !has_value_expression && value_expressions.empty()) {
    return Fail(ErrorKind::kValidation,
                "ExpressionAttributeValues can only be specified when using expressions");
  }
  if (values_given_ && !has_value_expression) {
    bool several = value_expressions.find(" and ") != std::string_view::npos;
    return Fail(
        ErrorKind::kValidation,
        "ExpressionAttributeValues can only be specified when using expressions: {} {} null",
        value_expressions, several ? "are" : "is");
  }
  if (names_given_) {
    TM_TRYV(CheckKeys(names_, "ExpressionAttributeNames", '#'));
    for (const auto& [key, name] : *names_) {
      if (!name.empty()) continue;
      return Fail(
          ErrorKind::kValidation,
          "ExpressionAttributeNames contains invalid value: Empty attribute name for key {}", key);
    }
  }
  if (values_given_) TM_TRYV(CheckKeys(values_, "ExpressionAttributeValues", ':'));
  return {};
}

const std::string* Placeholders::UseName(std::string_view placeholder) {
  if (names_ == nullptr) return nullptr;
  for (size_t i = 0; i < names_->size(); ++i) {
    if ((*names_)[i].first != placeholder) continue;
    names_used_[i] = true;
    return &(*names_)[i].second;
  }
  return nullptr;
}

const item::AttributeValue* Placeholders::UseValue(std::string_view placeholder) {
  if (values_ == nullptr) return nullptr;
  const item::AttributeValue* value = values_->Find(placeholder);
  if (value == nullptr) return nullptr;
  for (size_t i = 0; i < values_used_.size(); ++i) {
    if (&(values_->begin() + static_cast<ptrdiff_t>(i))->second == value) values_used_[i] = true;
  }
  return value;
}

Result<void> Placeholders::CheckAllUsed() const {
  if (names_ != nullptr && names_given_)
    TM_TRYV(CheckUsed(*names_, names_used_, "ExpressionAttributeNames"));
  if (values_ != nullptr && values_given_)
    TM_TRYV(CheckUsed(*values_, values_used_, "ExpressionAttributeValues"));
  return {};
}

}  // namespace tidemark::expr
