#include <gtest/gtest.h>

#include "policy/actions.h"
#include "policy/document.h"
#include "policy/evaluate.h"
#include "policy/operands.h"

namespace tidemark::policy {
namespace {

TEST(Actions, AreFoundByOperation) {
  const Action* query = FindAction("Query");
  ASSERT_NE(query, nullptr);
  EXPECT_EQ(query->name, "dynamodb:Query");
  EXPECT_EQ(query->form, ResourceForm::kTableOrIndex);
  EXPECT_EQ(FindAction("Scan")->keys & kLeadingKeys, 0u);
  EXPECT_EQ(FindAction("Nonsense"), nullptr);
  EXPECT_EQ(FindAction("query"), nullptr);
}

TEST(Evaluate, SaysWhichStatementsDecided) {
  const auto policy = ParseDocument(
      R"({"Version":"2012-10-17","Statement":[
          {"Effect":"Allow","Action":"*","Resource":"*"},
          {"Effect":"Allow","Action":"s3:*","Resource":"*"},
          {"Effect":"Deny","Action":"dynamodb:Delete*","Resource":"*"}]})",
      DocumentKind::kIdentity);
  ASSERT_TRUE(policy);
  const NamedDocument named[] = {{&*policy, "mine"}};
  const ContextMap context;
  std::vector<Match> matches;
  auto decision = Evaluate({"dynamodb:DeleteItem", "*", context}, {.identity = named}, &matches);
  EXPECT_EQ(decision.outcome, Outcome::kExplicitDeny);
  ASSERT_EQ(matches.size(), 1u);
  EXPECT_EQ(matches[0].statement, 2u);
  EXPECT_EQ(matches[0].policy, "mine");
  matches.clear();
  decision = Evaluate({"dynamodb:GetItem", "*", context}, {.identity = named}, &matches);
  EXPECT_TRUE(decision.allowed());
  ASSERT_EQ(matches.size(), 1u);
  EXPECT_EQ(matches[0].statement, 0u);
}

TEST(Pattern, FindsWildcardsBehindFalseStarts) {
  const auto pattern = Pattern::Parse("a*b*c?", {});
  ASSERT_TRUE(pattern);
  EXPECT_TRUE(pattern->Matches("aXbXbXc1"));
  EXPECT_TRUE(pattern->Matches("abcc\xC3\xA9"));  // one character of two bytes
  EXPECT_FALSE(pattern->Matches("abc"));
  EXPECT_FALSE(pattern->Matches("aXbXc12"));
}

TEST(Pattern, TakesTimeProportionalToTheText) {
  std::string stars;
  for (int i = 0; i < 200; ++i) stars += "a*";
  const auto pattern = Pattern::Parse(stars + "b", {});
  EXPECT_FALSE(pattern->Matches(std::string(20'000, 'a')));
}

TEST(Operands, ReadDatesOfAllForms) {
  const auto ten = ReadDate("2026-11-26T10:00:00Z");
  ASSERT_TRUE(ten);
  EXPECT_EQ(ReadDate("2026-11-26T11:00:00+01:00"), ten);
  EXPECT_EQ(ReadDate("2026-11-26T10:00"), ten);
  EXPECT_EQ(ReadDate(std::to_string(ToMicros(*ten) / 1'000'000)), ten);
  EXPECT_EQ(*ReadDate("2026-11-26T10:00:00.25Z") - *ten, std::chrono::milliseconds(250));
  EXPECT_EQ(*ten - *ReadDate("2026-11-26"), std::chrono::hours(10));
  for (const char* wrong : {"", "2026-13-01", "2026-02-30", "2026-11-26T25:00Z", "yesterday", "-5",
                            "2026-11-26T10:00:00X"}) {
    EXPECT_FALSE(ReadDate(wrong)) << wrong;
  }
}

TEST(Operands, KnowWhichAddressesLieInABlock) {
  const auto contains = [](const char* block, const char* address) {
    return ReadBlock(block)->Contains(*ReadBlock(address));
  };
  EXPECT_TRUE(contains("203.0.113.0/24", "203.0.113.255"));
  EXPECT_FALSE(contains("203.0.113.0/25", "203.0.113.128"));
  EXPECT_TRUE(contains("0.0.0.0/0", "8.8.8.8"));
  EXPECT_FALSE(contains("0.0.0.0/0", "2001:db8::1"));
  EXPECT_TRUE(contains("2001:db8::/33", "2001:db8:7fff::1"));
  EXPECT_FALSE(contains("2001:db8::/33", "2001:db8:8000::1"));
  EXPECT_FALSE(contains("10.0.0.1", "10.0.0.0/8"));
  for (const char* wrong : {"", "10.0.0.0/33", "10.0.0", "::/129", "10.0.0.0/", "10.0.0.0/-1"})
    EXPECT_FALSE(ReadBlock(wrong)) << wrong;
}

TEST(Actions, OfUsesOfData) {
  EXPECT_TRUE(UsesData("dynamodb", "Scan"));
  EXPECT_TRUE(UsesData("kms", "ReEncrypt"));
  EXPECT_FALSE(UsesData("dynamodb", "CreateTable"));
  EXPECT_FALSE(UsesData("kms", "Scan"));
  EXPECT_FALSE(UsesData("kms", "CreateGrant"));
}

TEST(PublicAccess, OnlyWhereNobodyIsMeant) {
  const auto is_public = [](std::string_view who, std::string_view condition) {
    const auto document = ParseDocument(
        fmt::format(R"({{"Version":"2012-10-17","Statement":{{"Effect":"Allow",{},)"
                    R"("Action":"dynamodb:GetItem","Resource":"*","Condition":{{{}}}}}}})",
                    who, condition),
        DocumentKind::kResource);
    return IsPublic(document.value());
  };
  EXPECT_TRUE(is_public(R"("Principal":"*")", ""));
  EXPECT_TRUE(is_public(R"("Principal":{"AWS":["123456789012","*"]})", ""));
  EXPECT_TRUE(is_public(R"("NotPrincipal":{"AWS":"123456789012"})", ""));
  EXPECT_FALSE(is_public(R"("Principal":{"AWS":"123456789012"})", ""));
  constexpr std::string_view kAll = R"("Principal":"*")";
  EXPECT_FALSE(is_public(kAll, R"("StringEquals":{"aws:PrincipalAccount":"123456789012"})"));
  EXPECT_FALSE(is_public(kAll, R"("ArnEquals":{"AWS:principalarn":"arn:aws:iam::1:role/a"})"));
  EXPECT_FALSE(is_public(kAll, R"("ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-1/r-1"})"));
  EXPECT_TRUE(is_public(kAll, R"("ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/a"})"));
  EXPECT_TRUE(is_public(kAll, R"("StringNotEquals":{"aws:PrincipalAccount":"1"})"));
  EXPECT_TRUE(is_public(kAll, R"("StringEqualsIfExists":{"aws:PrincipalAccount":"1"})"));
  EXPECT_TRUE(is_public(kAll, R"("StringEquals":{"aws:UserAgent":"x"})"));
  EXPECT_TRUE(is_public(kAll, R"("Null":{"aws:PrincipalAccount":"false"})"));
}

}  // namespace
}  // namespace tidemark::policy
