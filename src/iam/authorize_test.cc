#include "iam/authorize.h"

#include <gtest/gtest.h>

namespace tidemark::iam {
namespace {

constexpr char kTables[] = "arn:aws:dynamodb:us-east-1:123456789012:table/";

// One table's policy for a user who has nothing else.
constexpr char kOneTable[] =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":[)"
    R"("dynamodb:CreateBackup","dynamodb:RestoreTableFromBackup","dynamodb:PutItem",)"
    R"("dynamodb:UpdateItem","dynamodb:DeleteItem","dynamodb:GetItem","dynamodb:Query",)"
    R"("dynamodb:Scan","dynamodb:BatchWriteItem"],)"
    R"("Resource":"arn:aws:dynamodb:us-east-1:123456789012:table/WebSeries"}]})";

std::string Table(std::string_view name) { return std::string(kTables).append(name); }
std::string Backup(std::string_view table) {
  return Table(table) + "/backup/01489173575360-b308cd7d";
}

std::shared_ptr<const Identity> UserWith(const std::vector<std::string>& policies) {
  auto user = std::make_shared<UserRecord>();
  user->account = AccountId("123456789012");
  user->name = "alice";
  for (const auto& text : policies) {
    auto policy = PolicyText::Parse(text);
    EXPECT_TRUE(policy) << policy.error().message;
    user->inline_policies[std::to_string(user->inline_policies.size())] = *policy;
  }
  return Identity::OfUser(user, {}, {}, nullptr);
}

std::string Statement(std::string_view effect, std::string_view action, std::string_view resource) {
  return fmt::format(R"({{"Version":"2012-10-17","Statement":)"
                     R"({{"Effect":"{}","Action":"{}","Resource":"{}"}}}})",
                     effect, action, resource);
}

std::string Restore(const Identity& user, std::string_view table, std::string_view target,
                    bool strict = false) {
  const RestoreAccess access{.action = "dynamodb:RestoreTableFromBackup",
                             .source = Backup(table),
                             .source_table = Table(table),
                             .target = Table(target)};
  const auto allowed = AuthorizeRestore(user, access, policy::ContextMap(), strict);
  return allowed ? "allowed" : allowed.error().message;
}

std::string Ask(const Identity& user, std::string_view action, const std::string& resource) {
  const auto allowed = Authorize(user, action, resource, policy::ContextMap());
  return allowed ? "allowed" : allowed.error().message;
}

TEST(Authorize, SaysWhoWhatOnWhichAndWhy) {
  const auto user = UserWith({kOneTable, Statement("Deny", "dynamodb:DeleteItem", "*")});
  EXPECT_EQ(Ask(*user, "dynamodb:GetItem", Table("WebSeries")), "allowed");
  EXPECT_EQ(Ask(*user, "dynamodb:GetItem", Table("Other")),
            "User: arn:aws:iam::123456789012:user/alice is not authorized to perform: "
            "dynamodb:GetItem on resource: arn:aws:dynamodb:us-east-1:123456789012:table/Other "
            "because no identity-based policy allows the dynamodb:GetItem action");
  EXPECT_EQ(Ask(*user, "dynamodb:DeleteItem", Table("WebSeries")),
            "User: arn:aws:iam::123456789012:user/alice is not authorized to perform: "
            "dynamodb:DeleteItem on resource: "
            "arn:aws:dynamodb:us-east-1:123456789012:table/WebSeries with an explicit deny in an "
            "identity-based policy");
}

TEST(Authorize, ABoundaryThatIsSetCountsEvenIfItsPolicyIsGone) {
  auto record = std::make_shared<UserRecord>();
  record->account = AccountId("123456789012");
  record->name = "alice";
  record->boundary = "arn:aws:iam::123456789012:policy/gone";
  record->inline_policies["all"] = *PolicyText::Parse(Statement("Allow", "*", "*"));
  const auto user = Identity::OfUser(record, {}, {}, nullptr);
  EXPECT_EQ(Ask(*user, "a:b", "*"),
            "User: arn:aws:iam::123456789012:user/alice is not authorized to perform: a:b on "
            "resource: * because no permissions boundary allows the a:b action");
}

// What a user can do whose only policy names one table and nine actions.
TEST(RestoreAccess, OneTablesPolicyIsEnoughForThatTable) {
  const auto user = UserWith({kOneTable});
  EXPECT_EQ(Ask(*user, "dynamodb:CreateBackup", Table("WebSeries")), "allowed");
  EXPECT_EQ(Restore(*user, "WebSeries", "WebSeries"), "allowed");
  EXPECT_EQ(Restore(*user, "WebSeries", "WebSeries-Restored"), "allowed");
  EXPECT_NE(Restore(*user, "Other", "WebSeries"), "allowed");
  EXPECT_NE(Restore(*user, "Other", "Other-Restored"), "allowed");
  for (const char* action : {"dynamodb:DescribeBackup", "dynamodb:DeleteBackup"})
    EXPECT_NE(Ask(*user, action, Backup("WebSeries")), "allowed") << action;
  EXPECT_NE(Ask(*user, "dynamodb:ListBackups", "*"), "allowed");
  EXPECT_NE(Ask(*user, "dynamodb:UpdateContinuousBackups", Table("WebSeries")), "allowed");
  EXPECT_EQ(Ask(*user, "dynamodb:PutItem", Table("WebSeries")), "allowed");
  EXPECT_NE(Ask(*user, "dynamodb:PutItem", Table("WebSeries-Restored")), "allowed");
}

TEST(RestoreAccess, StrictlyTheBackupAndTheTargetMustBeNamed) {
  const auto user = UserWith({kOneTable});
  EXPECT_EQ(Restore(*user, "WebSeries", "WebSeries", true),
            "User: arn:aws:iam::123456789012:user/alice is not authorized to perform: "
            "dynamodb:RestoreTableFromBackup on resource: "
            "arn:aws:dynamodb:us-east-1:123456789012:table/WebSeries/backup/"
            "01489173575360-b308cd7d because no identity-based policy allows the "
            "dynamodb:RestoreTableFromBackup action");
  const auto more = UserWith({kOneTable, Statement("Allow", "dynamodb:RestoreTableFromBackup",
                                                   Table("WebSeries/backup/*"))});
  EXPECT_EQ(Restore(*more, "WebSeries", "WebSeries", true), "allowed");
  EXPECT_EQ(Restore(*more, "WebSeries", "New", true),
            "User: arn:aws:iam::123456789012:user/alice is not authorized to perform: "
            "dynamodb:BatchWriteItem on resource: "
            "arn:aws:dynamodb:us-east-1:123456789012:table/New because no identity-based policy "
            "allows the dynamodb:BatchWriteItem action");
  // Named for itself, the backup lends nothing to the target, lenient or not.
  EXPECT_NE(Restore(*more, "WebSeries", "New", false), "allowed");
}

TEST(RestoreAccess, ADenyOnAnyOfTheThreeWins) {
  const auto deny = [](const std::string& action, const std::string& resource) {
    return Statement("Deny", action, resource);
  };
  const std::string restore = "dynamodb:RestoreTableFromBackup";
  for (const auto& arn : {Backup("WebSeries"), Table("WebSeries/backup/*"), Table("WebSeries"),
                          Table("New"), std::string("*")}) {
    EXPECT_NE(Restore(*UserWith({kOneTable, deny(restore, arn)}), "WebSeries", "New"), "allowed")
        << arn;
  }
  EXPECT_NE(
      Restore(*UserWith({kOneTable, deny("dynamodb:PutItem", Table("New"))}), "WebSeries", "New"),
      "allowed");
  // Protecting the source from writes does not forbid to restore from it.
  const auto all = Statement("Allow", "dynamodb:*", "*");
  EXPECT_EQ(
      Restore(*UserWith({all, deny("dynamodb:PutItem", Table("WebSeries"))}), "WebSeries", "New"),
      "allowed");
}

}  // namespace
}  // namespace tidemark::iam
