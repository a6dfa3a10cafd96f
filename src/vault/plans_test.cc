#include "vault/plans.h"

#include <gtest/gtest.h>

#include "vault/plan_schedule.h"

namespace tidemark::vault {
namespace {

const std::string kBlue = "arn:aws:dynamodb:us-east-1:123456789012:table/Blue";

TEST(Selects, ByArnOrTag) {
  SelectionRecord selection;
  selection.resources = {"arn:aws:dynamodb:us-east-1:123456789012:table/B*"};
  EXPECT_TRUE(Selects(selection, kBlue, {}));
  EXPECT_FALSE(Selects(selection, "arn:aws:dynamodb:us-east-1:123456789012:table/blue", {}));
  selection.resources = {"*"};
  EXPECT_TRUE(Selects(selection, kBlue, {}));
  selection.resources = {};
  selection.any_tag = {{"team", "blue"}, {"team", "red"}};
  EXPECT_TRUE(Selects(selection, kBlue, {{"team", "red"}}));
  EXPECT_FALSE(Selects(selection, kBlue, {{"team", "Red"}}));
  EXPECT_FALSE(Selects(selection, kBlue, {}));
}

TEST(Selects, NotWhatIsTakenAwayOrFailsACondition) {
  SelectionRecord selection;
  selection.resources = {"*"};
  selection.not_resources = {kBlue};
  EXPECT_FALSE(Selects(selection, kBlue, {}));
  selection.not_resources = {};
  selection.equals = {{"aws:ResourceTag/a", "1"}};
  selection.like = {{"aws:ResourceTag/b", "x*"}};
  selection.not_equals = {{"aws:ResourceTag/c", "1"}};
  selection.not_like = {{"aws:ResourceTag/d", "*z"}};
  const Tags good{{"a", "1"}, {"b", "xy"}, {"c", "2"}, {"d", "za"}};
  EXPECT_TRUE(Selects(selection, kBlue, good));
  for (const auto& [key, value] : Tags{{"a", "2"}, {"b", "y"}, {"c", "1"}, {"d", "z"}}) {
    Tags bad = good;
    bad[key] = value;
    EXPECT_FALSE(Selects(selection, kBlue, bad)) << key;
  }
  EXPECT_FALSE(Selects(selection, kBlue, {}));
}

TEST(NextRuns, AreThoseOfAllRulesInOrder) {
  PlanDocument document{.name = "p", .rules = {}};
  document.rules.push_back({.id = "utc",
                            .name = "a",
                            .vault = "v",
                            .schedule = "cron(0 5 ? * * *)",
                            .zone = "Etc/UTC",
                            .lifecycle = {},
                            .tags = {}});
  document.rules.push_back(document.rules[0]);
  document.rules[1].id = "new york";
  document.rules[1].zone = "America/New_York";
  using std::chrono::sys_days;
  const Timestamp noon = sys_days{std::chrono::year(2026) / 11 / 27} + std::chrono::hours(12);
  std::string shown;
  for (const auto& run : NextRuns(document, noon, 3)) {
    shown += fmt::format("{} in {} h; ", run.rule_id,
                         std::chrono::floor<std::chrono::hours>(run.time - noon).count());
  }
  EXPECT_EQ(shown, "utc in 17 h; new york in 22 h; utc in 41 h; ");
}

TEST(OneForEachVault, KeepsTheLongestAndCopiesForAll) {
  const auto life = [](std::optional<int64_t> days) {
    return Lifecycle{.cold_after_days = {}, .delete_after_days = days};
  };
  const auto due = [&](std::string name, std::string vault, std::optional<int64_t> days,
                       std::vector<CopyAction> copies = {}, std::string air_gapped = "") {
    PlanRule rule;
    rule.name = std::move(name);
    rule.vault = std::move(vault);
    rule.lifecycle = life(days);
    rule.copies = std::move(copies);
    rule.air_gapped_arn = std::move(air_gapped);
    return DueRule{std::move(rule), Timestamp{}};
  };
  const auto told = [](std::vector<DueRule> rules) {
    const auto admits = [](const PlanRule& rule) {
      return rule.lifecycle.delete_after_days != 666;
    };
    std::string text;
    for (const auto& [rule, run] : OneForEachVault(std::move(rules), admits)) {
      text += rule.name;
      for (const CopyAction& copy : rule.copies) {
        text += fmt::format(" {}:{}", copy.vault_arn, copy.lifecycle.delete_after_days.value_or(0));
      }
      if (!rule.air_gapped_arn.empty()) text += " for " + rule.air_gapped_arn;
      text += "; ";
    }
    return text;
  };
  EXPECT_EQ(told({due("a", "v", 7), due("b", "v", 30), due("c", "w", 1)}), "b; c; ");
  EXPECT_EQ(told({due("a", "v", {}), due("b", "v", 30), due("c", "v", {})}), "a; ");
  const CopyAction here{"here", life(3)}, longer{"here", life({})}, there{"there", life(5)};
  EXPECT_EQ(told({due("a", "v", 7, {here}), due("b", "v", 30, {there, here}),
                  due("c", "v", 8, {longer})}),
            "b there:5 here:3 here:0; ");
  EXPECT_EQ(told({due("a", "v", 7, {}, "gap"), due("b", "v", 30, {}, "gap")}), "b for gap; ");
  EXPECT_EQ(told({due("a", "v", 7, {}, "gap"), due("b", "v", 30)}), "b gap:7; ");
  EXPECT_EQ(told({due("a", "v", 7), due("b", "v", 30, {}, "gap"), due("c", "v", 9, {}, "pit")}),
            "b gap:30 pit:9; ");
  EXPECT_EQ(told({due("a", "v", 666), due("b", "v", 30)}), "b; a; ");
}

}  // namespace
}  // namespace tidemark::vault
