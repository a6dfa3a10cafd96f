#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "expr/ast.h"
#include "expr/condition.h"
#include "expr/key_condition.h"
#include "expr/projection.h"
#include "expr/test_literals.h"
#include "expr/update.h"

namespace tidemark::expr {
namespace {

Condition ParseCondition(const std::string& text, const item::Map* values = nullptr) {
  Placeholders placeholders(nullptr, values);
  auto condition = Condition::Parse(text, placeholders, "FilterExpression");
  EXPECT_TRUE(condition) << text << ": " << condition.error().message;
  return *condition;
}

Update ParseUpdate(const std::string& text, const item::Map* values = nullptr) {
  Placeholders placeholders(nullptr, values);
  auto update = Update::Parse(text, placeholders);
  EXPECT_TRUE(update) << text << ": " << update.error().message;
  return *update;
}

TEST(Condition, TellsWhichAttributesItReads) {
  Condition condition = ParseCondition("z = a.b AND size(c[1]) > a.x OR attribute_exists(d)");
  EXPECT_EQ(condition.names(), (std::vector<std::string>{"a", "c", "d", "z"}));
  EXPECT_TRUE(condition.CheckFilterAvoids("b"));
  auto refused = condition.CheckFilterAvoids("c");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "Filter Expression can only contain non-primary key attributes: Primary key attribute: "
            "c");
}

TEST(Update, TellsWhichAttributesItWrites) {
  item::Map values = LiteralReader::ReadMap("{\":v\": 1}");
  Update update = ParseUpdate("SET b.c = a, b.d = e REMOVE f[1] ADD a :v", &values);
  EXPECT_EQ(update.written_names(), (std::vector<std::string>{"a", "b", "f"}));
  EXPECT_TRUE(update.CheckAvoidsKey("e"));
  auto refused = update.CheckAvoidsKey("b");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "One or more parameter values were invalid: Cannot update attribute b. This attribute "
            "is part of the key");
}

TEST(Update, CreatesAnItemOnlyBySetOrAdd) {
  item::Map set = LiteralReader::ReadMap("{\":v\": <1>}");
  EXPECT_FALSE(ParseUpdate("REMOVE a").creates_item());
  EXPECT_FALSE(ParseUpdate("REMOVE a DELETE b :v", &set).creates_item());
  EXPECT_TRUE(ParseUpdate("ADD b :v", &set).creates_item());
  EXPECT_TRUE(ParseUpdate("SET a = b REMOVE c").creates_item());
}

TEST(Projection, TakesWholeAttributesByLiteralName) {
  item::Item item = LiteralReader::ReadMap("{\"a.b\": 1, a: {b: 2}, name: 3}");
  Projection projection = Projection::FromNames({"name", "a.b", "name", "missing"});
  EXPECT_EQ(ToString(item::AttributeValue(projection.Apply(item))), "{\"a.b\": 1, \"name\": 3}");
  EXPECT_EQ(projection.names(), (std::vector<std::string>{"a.b", "missing", "name"}));
}

TEST(SortCondition, MatchesSortKeys) {
  auto matches = [](SortOperator op, const char* key, const char* low, const char* high = "null") {
    SortCondition condition{op, "sk", LiteralReader::Read(low), LiteralReader::Read(high)};
    return Matches(condition, LiteralReader::Read(key));
  };
  EXPECT_TRUE(matches(SortOperator::kEq, "1.0", "1"));
  EXPECT_FALSE(matches(SortOperator::kLt, "1", "1"));
  EXPECT_TRUE(matches(SortOperator::kLe, "1", "1"));
  EXPECT_TRUE(matches(SortOperator::kGt, "b\"ff\"", "b\"7f\""));
  EXPECT_FALSE(matches(SortOperator::kGe, "\"A\"", "\"a\""));
  EXPECT_TRUE(matches(SortOperator::kBetween, "10", "9", "11"));
  EXPECT_FALSE(matches(SortOperator::kBetween, "12", "9", "11"));
  EXPECT_TRUE(matches(SortOperator::kBeginsWith, "\"2026-11\"", "\"2026-\""));
  EXPECT_FALSE(matches(SortOperator::kBeginsWith, "\"2025-11\"", "\"2026-\""));
}

// A random condition over attributes which are often missing, with its own plain evaluation.
class RandomCondition {
 public:
  explicit RandomCondition(std::mt19937_64& random) : random_(random) {}

  struct Made {
    std::string text;
    bool value;
  };
  Made Make(const std::map<std::string, int>& item, int depth) {
    int kind = depth == 0 ? 3 : Pick(4);
    if (kind == 0) {
      Made inner = Make(item, depth - 1);
      return {"NOT (" + inner.text + ")", !inner.value};
    }
    if (kind < 3) {
      Made one = Make(item, depth - 1);
      Made two = Make(item, depth - 1);
      bool is_and = kind == 1;
      // OR binds less, so its arguments need no parentheses; those of AND do.
      std::string text =
          is_and ? Wrap(one.text) + " AND " + Wrap(two.text) : one.text + " OR " + two.text;
      return {text, is_and ? one.value && two.value : one.value || two.value};
    }
    std::string left(1, static_cast<char>('a' + Pick(3)));
    std::string right(1, static_cast<char>('d' + Pick(3)));
    auto l = item.find(left);
    auto r = item.find(right);
    static const char* const kOperators[] = {"=", "<>", "<", "<=", ">", ">="};
    int op = Pick(6);
    std::string text = left + " " + kOperators[op] + " " + right;
    if (l == item.end() || r == item.end()) return {text, op == 1};
    int a = l->second;
    int b = r->second;
    bool values[] = {a == b, a != b, a<b, a <= b, a> b, a >= b};
    return {text, values[op]};
  }

 private:
  static std::string Wrap(const std::string& text) {
    return text.find(" OR ") != std::string::npos ? "(" + text + ")" : text;
  }
  int Pick(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
  std::mt19937_64& random_;
};

TEST(Condition, AgreesWithAPlainEvaluation) {
  const uint64_t seed = 20261122;
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 3000; ++round) {
    std::map<std::string, int> numbers;
    item::Item item;
    for (char c = 'a'; c <= 'f'; ++c) {
      if (random() % 4 == 0) continue;
      int number = static_cast<int>(random() % 5) - 2;
      numbers[std::string(1, c)] = number;
      item.Set(std::string(1, c), item::AttributeValue(item::Number::FromInt(number)));
    }
    auto made = RandomCondition(random).Make(numbers, 4);
    EXPECT_EQ(*ParseCondition(made.text).Evaluate(item), made.value) << made.text;
  }
}

// Random removals, changes and appends of one list against the rule itself: indices are those of
// the old list; what lies beyond its end is appended in the order of the indices.
TEST(Update, ChangesListsByTheirOldIndices) {
  const uint64_t seed = 4711;
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 2000; ++round) {
    size_t size = random() % 8;
    item::List list;
    std::vector<int> model;
    for (size_t i = 0; i < size; ++i) {
      list.values.emplace_back(item::Number::FromInt(static_cast<int64_t>(i)));
      model.push_back(static_cast<int>(i));
    }
    std::vector<uint32_t> indices(12);
    for (uint32_t i = 0; i < 12; ++i) indices[i] = i;
    std::shuffle(indices.begin(), indices.end(), random);
    size_t sets = 1 + random() % 4;
    size_t removes = 1 + random() % 4;
    std::string text = "SET ";
    item::Map values;
    std::map<uint32_t, int> written;
    for (size_t i = 0; i < sets; ++i) {
      std::string name = ":v" + std::to_string(i);
      text += (i > 0 ? ", l[" : "l[") + std::to_string(indices[i]) + "] = " + name;
      values.Set(name, item::AttributeValue(item::Number::FromInt(100 + indices[i])));
      written[indices[i]] = static_cast<int>(100 + indices[i]);
    }
    std::set<uint32_t> removed;
    text += " REMOVE ";
    for (size_t i = sets; i < sets + removes; ++i) {
      text += (i > sets ? ", l[" : "l[") + std::to_string(indices[i]) + "]";
      removed.insert(indices[i]);
    }
    std::vector<int> expected;
    for (uint32_t i = 0; i < size; ++i) {
      if (removed.count(i) == 0) expected.push_back(written.count(i) ? written[i] : model[i]);
    }
    for (auto [index, value] : written) {
      if (index >= size) expected.push_back(value);
    }
    item::Item item;
    item.Set("l", item::AttributeValue(list));
    auto result = ParseUpdate(text, &values).Apply(item);
    ASSERT_TRUE(result) << text;
    std::string found = ToString(*result->Find("l"));
    item::List wanted;
    for (int value : expected) wanted.values.emplace_back(item::Number::FromInt(value));
    EXPECT_EQ(found, ToString(item::AttributeValue(wanted))) << text << " of " << size;
  }
}

// Random sequences of tokens: parsing ends, and what was parsed can be run.
TEST(Parsers, EndOnAnySequenceOfTokens) {
  const uint64_t seed = 99;
  SCOPED_TRACE(seed);
  static const char* const kTokens[] = {"a",
                                        "b.c",
                                        "l[0]",
                                        ":v",
                                        "#n",
                                        "(",
                                        ")",
                                        ",",
                                        "=",
                                        "<",
                                        "<>",
                                        "+",
                                        "-",
                                        "AND",
                                        "OR",
                                        "NOT",
                                        "IN",
                                        "SET",
                                        "ADD",
                                        "REMOVE",
                                        "DELETE",
                                        "size",
                                        "BETWEEN",
                                        "contains",
                                        "if_not_exists",
                                        "[",
                                        "]",
                                        ".",
                                        "attribute_exists",
                                        "list_append",
                                        "1",
                                        "name",
                                        "\xC3\xBC"};
  std::mt19937_64 random(seed);
  NameList names = {{"#n", "n"}};
  item::Map values = LiteralReader::ReadMap("{\":v\": <1>}");
  item::Item item = LiteralReader::ReadMap("{a: 1, b: {c: \"s\"}, l: [<1>], n: <2>}");
  item::KeySchema schema{{"a", item::Type::kNumberSet}, std::nullopt};
  int parsed = 0;
  for (int round = 0; round < 60000; ++round) {
    std::string text;
    for (size_t n = 1 + random() % 9; n > 0; --n) {
      text += kTokens[random() % std::size(kTokens)];
      if (random() % 4 != 0) text += ' ';
    }
    Placeholders placeholders(&names, &values);
    if (auto condition = Condition::Parse(text, placeholders, "ConditionExpression")) {
      EXPECT_TRUE(condition->Evaluate(item));
      ++parsed;
    }
    if (auto update = Update::Parse(text, placeholders)) {
      (void)update->Apply(item);
      (void)update->Touched(item);
      ++parsed;
    }
    if (auto projection = Projection::Parse(text, placeholders)) {
      (void)projection->Apply(item);
      ++parsed;
    }
    (void)KeyCondition::Parse(text, placeholders, schema);
  }
  EXPECT_GT(parsed, 500);
}

}  // namespace
}  // namespace tidemark::expr
