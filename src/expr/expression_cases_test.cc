// Runs the cases of testdata/*.txt. A line is one of:
//   text: <expression>          begins a case; forgets what was set before
//   names: #a=name #b=name      values: {":v": 1}      item: {a: 1}      schema: pk S sk N
//   <question> -> <answer>      answers beginning with "! " are error texts
//   # comment
// TM_REWRITE_CASES=1 writes the answers found into the files, for review as a diff.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

#include "expr/ast.h"
#include "expr/condition.h"
#include "expr/key_condition.h"
#include "expr/projection.h"
#include "expr/test_literals.h"
#include "expr/update.h"

namespace tidemark::expr {
namespace {

struct Case {
  std::string text;
  NameList names;
  item::Map values;
  item::Item item;
  item::KeySchema schema;
};

NameList ReadNames(const std::string& text) {
  NameList names;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    size_t equals = word.find('=');
    names.emplace_back(word.substr(0, equals), word.substr(equals + 1));
  }
  return names;
}

item::Type ReadType(const std::string& name) {
  if (name == "N") return item::Type::kNumber;
  return name == "B" ? item::Type::kBinary : item::Type::kString;
}

item::KeySchema ReadSchema(const std::string& text) {
  std::istringstream words(text);
  item::KeySchema schema;
  std::string name;
  std::string type;
  words >> name >> type;
  schema.partition = {name, ReadType(type)};
  if (words >> name >> type) schema.sort = item::KeyAttribute{name, ReadType(type)};
  return schema;
}

std::string Text(const item::Map& map) { return ToString(item::AttributeValue(map)); }
std::string Refusal(const Error& error) {
  EXPECT_EQ(error.kind, ErrorKind::kValidation) << error.message;
  return "! " + error.message;
}

// Parses, and asks `use` only of what was parsed and used all placeholders.
template <class Parse, class Use>
std::string Ask(const Case& one, Parse parse, Use use) {
  Placeholders placeholders(&one.names, &one.values, !one.names.empty(), !one.values.empty());
  if (auto checked = placeholders.Check(true, true, ""); !checked) return Refusal(checked.error());
  auto parsed = parse(placeholders);
  if (!parsed) return Refusal(parsed.error());
  if (auto used = placeholders.CheckAllUsed(); !used) return Refusal(used.error());
  return use(*parsed);
}

std::string AskCondition(const Case& one, std::string_view question) {
  auto parse = [&](Placeholders& placeholders) {
    return Condition::Parse(one.text, placeholders, "ConditionExpression");
  };
  return Ask(one, parse, [&](const Condition& condition) -> std::string {
    if (question == "tree") return condition.ToString();
    auto result = condition.Evaluate(one.item);
    if (!result) return Refusal(result.error());
    return *result ? "true" : "false";
  });
}

std::string AskUpdate(const Case& one, std::string_view question) {
  auto parse = [&](Placeholders& placeholders) { return Update::Parse(one.text, placeholders); };
  return Ask(one, parse, [&](const Update& update) -> std::string {
    if (question == "tree") return update.ToString();
    if (question == "touched old") return Text(update.Touched(one.item));
    auto result = update.Apply(one.item, question != "result of none");
    if (!result) return Refusal(result.error());
    return Text(question == "touched new" ? update.Touched(*result) : *result);
  });
}

std::string AskProjection(const Case& one, std::string_view) {
  auto parse = [&](Placeholders& placeholders) {
    return Projection::Parse(one.text, placeholders);
  };
  return Ask(one, parse,
             [&](const Projection& projection) { return Text(projection.Apply(one.item)); });
}

std::string AskKeyCondition(const Case& one, std::string_view) {
  auto parse = [&](Placeholders& placeholders) {
    return KeyCondition::Parse(one.text, placeholders, one.schema);
  };
  return Ask(one, parse, [](const KeyCondition& condition) { return condition.ToString(); });
}

using Answer = std::function<std::string(const Case&, std::string_view question)>;

void RunCases(const std::string& name, const Answer& answer) {
  std::filesystem::path path = std::filesystem::path(TM_SOURCE_DIR) / "testdata" / name;
  std::ifstream in(path);
  ASSERT_TRUE(in) << path;
  Case one;
  std::ostringstream rewritten;
  int number = 0;
  int questions = 0;
  for (std::string line; std::getline(in, line); rewritten << line << '\n') {
    ++number;
    SCOPED_TRACE(name + ":" + std::to_string(number));
    auto setting = [&](std::string_view key) {
      return line.starts_with(std::string(key) + ":") ? line.substr(key.size() + 1) : std::string();
    };
    auto trimmed = [](std::string text) { return text.empty() ? text : text.substr(1); };
    if (line.empty() || line.front() == '#') continue;
    if (line.starts_with("text:")) {
      item::KeySchema schema = one.schema;
      one = Case{trimmed(setting("text")), {}, {}, {}, schema};
    } else if (line.starts_with("names:")) {
      one.names = ReadNames(setting("names"));
    } else if (line.starts_with("values:")) {
      one.values = LiteralReader::ReadMap(setting("values"));
    } else if (line.starts_with("item:")) {
      one.item = LiteralReader::ReadMap(setting("item"));
    } else if (line.starts_with("schema:")) {
      one.schema = ReadSchema(setting("schema"));
    } else {
      size_t arrow = line.find(" -> ");
      ASSERT_NE(arrow, std::string::npos) << line;
      ++questions;
      std::string found = answer(one, line.substr(0, arrow));
      EXPECT_EQ(line.substr(arrow + 4), found) << one.text;
      line = line.substr(0, arrow) + " -> " + found;
    }
  }
  EXPECT_GT(questions, 0);
  in.close();
  if (std::getenv("TM_REWRITE_CASES") != nullptr) std::ofstream(path) << rewritten.str();
}

TEST(ExpressionCases, Conditions) { RunCases("condition.txt", AskCondition); }
TEST(ExpressionCases, ConditionErrors) { RunCases("condition_errors.txt", AskCondition); }
TEST(ExpressionCases, SyntaxErrors) { RunCases("syntax_errors.txt", AskCondition); }
TEST(ExpressionCases, Updates) { RunCases("update.txt", AskUpdate); }
TEST(ExpressionCases, UpdateErrors) { RunCases("update_errors.txt", AskUpdate); }
TEST(ExpressionCases, Projections) { RunCases("projection.txt", AskProjection); }
TEST(ExpressionCases, KeyConditions) { RunCases("key_condition.txt", AskKeyCondition); }

}  // namespace
}  // namespace tidemark::expr
