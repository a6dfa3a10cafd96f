#include "expr/ast.h"

#include <fmt/format.h>

namespace tidemark::expr {
namespace {

void Append(const item::AttributeValue& value, std::string* out);

template <class Values, class AppendOne>
void AppendJoined(const Values& values, char open, char close, std::string* out,
                  AppendOne append_one) {
  *out += open;
  bool first = true;
  for (const auto& value : values) {
    if (!first) *out += ", ";
    first = false;
    append_one(value);
  }
  *out += close;
}

void AppendQuoted(std::string_view text, std::string* out) {
  *out += '"';
  for (char c : text) {
    if (c == '"' || c == '\\') *out += '\\';
    *out += c;
  }
  *out += '"';
}

void AppendBinary(std::string_view bytes, std::string* out) {
  *out += "b\"";
  for (unsigned char c : bytes) fmt::format_to(std::back_inserter(*out), "{:02x}", c);
  *out += '"';
}

struct Appender {
  std::string* out;

  void operator()(const std::string& value) const { AppendQuoted(value, out); }
  void operator()(const item::Number& value) const { *out += value.ToString(); }
  void operator()(const item::Binary& value) const { AppendBinary(value.bytes, out); }
  void operator()(bool value) const { *out += value ? "true" : "false"; }
  void operator()(const item::Null&) const { *out += "null"; }
  void operator()(const item::StringSet& set) const {
    AppendJoined(set.values, '<', '>', out, *this);
  }
  void operator()(const item::NumberSet& set) const {
    AppendJoined(set.values, '<', '>', out, *this);
  }
  void operator()(const item::BinarySet& set) const {
    AppendJoined(set.values, '<', '>', out, *this);
  }
  void operator()(const item::List& list) const {
    AppendJoined(list.values, '[', ']', out,
                 [this](const item::AttributeValue& value) { Append(value, out); });
  }
  void operator()(const item::Map& map) const {
    AppendJoined(map, '{', '}', out, [this](const item::Map::Entry& entry) {
      AppendQuoted(entry.first, out);
      *out += ": ";
      Append(entry.second, out);
    });
  }
};

void Append(const item::AttributeValue& value, std::string* out) {
  std::visit(Appender{out}, value.variant());
}

void AppendPath(const Path& path, std::string* out) {
  for (size_t i = 0; i < path.size(); ++i) {
    if (const auto* index = std::get_if<uint32_t>(&path[i])) {
      fmt::format_to(std::back_inserter(*out), "[{}]", *index);
    } else {
      if (i > 0) *out += '.';
      *out += std::get<std::string>(path[i]);
    }
  }
}

std::string_view Head(const Node& node) {
  switch (node.kind) {
    case NodeKind::kOr:
      return "or";
    case NodeKind::kAnd:
      return "and";
    case NodeKind::kNot:
      return "not";
    case NodeKind::kCompare:
      return ToString(node.comparator);
    case NodeKind::kBetween:
      return "between";
    case NodeKind::kIn:
      return "in";
    case NodeKind::kCall:
      return InfoOf(node.function).name;
    case NodeKind::kPlus:
      return "+";
    case NodeKind::kMinus:
      return "-";
    case NodeKind::kPath:
    case NodeKind::kValue:
      break;
  }
  return "";
}

void Append(const Node& node, std::string* out) {
  if (node.kind == NodeKind::kPath) return AppendPath(node.path, out);
  if (node.kind == NodeKind::kValue) return Append(node.value, out);
  *out += '(';
  *out += Head(node);
  for (const NodePtr& arg : node.args) {
    *out += ' ';
    Append(*arg, out);
  }
  *out += ')';
}

}  // namespace

std::string_view ToString(Comparator comparator) {
  switch (comparator) {
    case Comparator::kEq:
      return "=";
    case Comparator::kNe:
      return "<>";
    case Comparator::kLt:
      return "<";
    case Comparator::kLe:
      return "<=";
    case Comparator::kGt:
      return ">";
    case Comparator::kGe:
      return ">=";
  }
  return "";
}

std::string_view ToString(ActionKind kind) {
  switch (kind) {
    case ActionKind::kSet:
      return "SET";
    case ActionKind::kRemove:
      return "REMOVE";
    case ActionKind::kAdd:
      return "ADD";
    case ActionKind::kDelete:
      return "DELETE";
  }
  return "";
}

std::string ToString(const Node& node) {
  std::string out;
  Append(node, &out);
  return out;
}

std::string ToString(const item::AttributeValue& value) {
  std::string out;
  Append(value, &out);
  return out;
}

}  // namespace tidemark::expr
