#include "iam/directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "engine/mem/mem_engine.h"
#include "iam/roles.h"
#include "iam/sessions.h"
#include "log/mem/mem_log.h"
#include "runtime/io_threads.h"

namespace tidemark::iam {
namespace {

constexpr char kAllowAll[] =
    R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}})";

// Wraps by xor with the context's hash: enough to see that context and key must agree.
class FakeKeys : public crypto::DataKeyProvider {
 public:
  Result<crypto::DataKey> Generate(BytesView context) override {
    crypto::DataKey key{.key = crypto::Key256::Make(TheSystemRandom())};
    TM_TRY(key.wrapped, Wrap(key.key, context));
    return key;
  }
  Result<crypto::Key256> Unwrap(BytesView wrapped, BytesView context) override {
    if (wrapped.substr(32) != context) return Fail(ErrorKind::kCorruption, "another context");
    return crypto::Key256::FromBytes(wrapped.substr(0, 32));
  }
  Result<Bytes> Wrap(const crypto::Key256& key, BytesView context) override {
    return Bytes(key.view()).append(context);
  }
};

class DirectoryTest : public testing::Test {
 protected:
  DirectoryTest() {
    std::string pattern = testing::TempDir() + "iam_XXXXXX";
    EXPECT_NE(::mkdtemp(pattern.data()), nullptr);
    path_ = pattern;
    threads_.Start();
    auto shard = shard::Shard::Open({.name = "_system", .directory = path_}, log::MakeMemLog(1),
                                    *engine_, clock_, pool_);
    EXPECT_TRUE(shard);
    system_ = std::move(*shard);
    Reopen();
  }
  ~DirectoryTest() override {
    directory_.reset();
    system_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  // Reads everything anew from what is stored.
  void Reopen() {
    auto directory = Directory::Open(*system_, threads_.context(0), keys_);
    ASSERT_TRUE(directory) << directory.error().message;
    directory_ = std::move(*directory);
  }
  Scope scope() {
    return {*directory_, AccountId("123456789012"), TheSystemRandom(), clock_.Now()};
  }
  AccountPtr account() { return directory_->Find(AccountId("123456789012")); }
  void MakeUser(const std::string& name) {
    UserRecord user;
    user.name = name;
    const auto made = CreateUser(scope(), user);
    ASSERT_TRUE(made) << made.error().message;
  }
  void ExpectError(const Result<void>& result, ErrorKind kind, std::string_view text) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, kind);
    EXPECT_EQ(result.error().message, text);
  }
  bool Allows(const std::string& user) {
    const auto identity =
        directory_->FindIdentity(AccountId("123456789012"), (*account()->FindUser(user))->id);
    const policy::ContextMap context;
    return policy::Evaluate({"a:b", "*", context}, identity->policies()).allowed();
  }

  std::string path_;
  ManualClock clock_{FromMicros(1'700'000'000'000'000)};
  runtime::IoThreads threads_{1};
  std::unique_ptr<engine::MemEngine> engine_ = engine::MakeMemEngine();
  runtime::BlockingPool pool_{1};
  FakeKeys keys_;
  std::unique_ptr<shard::Shard> system_;
  std::unique_ptr<Directory> directory_;
};

TEST_F(DirectoryTest, KeepsEverythingAcrossAStart) {
  UserRecord user;
  user.name = "alice";
  user.path = "/team/";
  user.tags = {{"color", "red"}};
  ASSERT_TRUE(CreateUser(scope(), user));
  PolicyRecord policy;
  policy.name = "all";
  ASSERT_TRUE(CreatePolicy(scope(), policy, kAllowAll));
  const std::string arn = "arn:aws:iam::123456789012:policy/all";
  ASSERT_TRUE(CreatePolicyVersion(scope(), arn, kAllowAll, true));
  GroupRecord group;
  group.name = "staff";
  ASSERT_TRUE(CreateGroup(scope(), group));
  ASSERT_TRUE(SetMembership(scope(), "staff", "alice", true));
  ASSERT_TRUE(SetBoundary(scope(), "alice", arn));
  ASSERT_TRUE(EditGroup(scope(), "staff", [&](GroupRecord& record, const Account& account) {
    return Attach(account, arn, "PoliciesPerGroup", &record.attached);
  }));
  const auto key = CreateAccessKey(scope(), "alice");
  ASSERT_TRUE(key);
  EXPECT_EQ(key->id.value.size(), 20u);
  EXPECT_EQ(key->secret.size(), 40u);

  const std::string before = EncodeUser(**account()->FindUser("alice")) +
                             EncodeGroup(**account()->FindGroup("staff")) +
                             EncodePolicy(*account()->FindPolicy(arn));
  // The secret is nowhere in what is stored.
  EXPECT_THAT(before, testing::Not(testing::HasSubstr(key->secret)));
  Reopen();
  EXPECT_EQ(EncodeUser(**account()->FindUser("ALICE")) +
                EncodeGroup(**account()->FindGroup("staff")) +
                EncodePolicy(*account()->FindPolicy(arn)),
            before);
  const auto credential = directory_->FindKey(key->id);
  ASSERT_TRUE(credential);
  EXPECT_EQ(credential->secret, key->secret);
  EXPECT_EQ(credential->arn, "arn:aws:iam::123456789012:user/team/alice");
  EXPECT_TRUE(Allows("alice"));
}

TEST_F(DirectoryTest, ChangesWhatAUserMayDoAtOnce) {
  MakeUser("alice");
  const auto key = CreateAccessKey(scope(), "alice");
  EXPECT_FALSE(Allows("alice"));
  ASSERT_TRUE(EditUser(scope(), "alice", [](UserRecord& user, const Account&) {
    return PutInline("p", kAllowAll, kUserInlineMax, "user alice", &user.inline_policies);
  }));
  EXPECT_TRUE(Allows("alice"));
  ASSERT_TRUE(EditUser(scope(), "alice", [](UserRecord& user, const Account&) {
    return DeleteInline("user", "p", &user.inline_policies);
  }));
  EXPECT_FALSE(Allows("alice"));
  ASSERT_TRUE(SetAccessKeyActive(scope(), "alice", key->id.value, false));
  EXPECT_FALSE(directory_->FindKey(key->id)->active);
  ASSERT_TRUE(DeleteAccessKey(scope(), "alice", key->id.value));
  EXPECT_FALSE(directory_->FindKey(key->id));
}

TEST_F(DirectoryTest, FollowsANewName) {
  MakeUser("alice");
  MakeUser("bob");
  const auto key = CreateAccessKey(scope(), "alice");
  ExpectError(RenameUser(scope(), "alice", "Bob", std::nullopt), ErrorKind::kAlreadyExists,
              "User with name Bob already exists.");
  ASSERT_TRUE(RenameUser(scope(), "alice", "eve", "/x/"));
  EXPECT_EQ(account()->FindUser("alice"), nullptr);
  EXPECT_EQ(directory_->FindKey(key->id)->arn, "arn:aws:iam::123456789012:user/x/eve");
  ASSERT_TRUE(RenameUser(scope(), "eve", "EVE", std::nullopt));
  Reopen();
  EXPECT_EQ((*account()->FindUser("eve"))->name, "EVE");
  EXPECT_EQ(account()->users.size(), 2u);
}

TEST_F(DirectoryTest, RefusesToDeleteWhatOthersHangOn) {
  MakeUser("alice");
  GroupRecord group;
  group.name = "staff";
  ASSERT_TRUE(CreateGroup(scope(), group));
  ASSERT_TRUE(SetMembership(scope(), "staff", "alice", true));
  const auto key = CreateAccessKey(scope(), "alice");
  ExpectError(DeleteGroup(scope(), "staff"), ErrorKind::kResourceInUse,
              "Cannot delete entity, must remove users from group first.");
  ExpectError(DeleteUser(scope(), "alice"), ErrorKind::kResourceInUse,
              "Cannot delete entity, must delete access keys first.");
  ASSERT_TRUE(DeleteAccessKey(scope(), "alice", key->id.value));
  ExpectError(DeleteUser(scope(), "alice"), ErrorKind::kResourceInUse,
              "Cannot delete entity, must remove users from group first.");
  ASSERT_TRUE(SetMembership(scope(), "staff", "alice", false));
  ASSERT_TRUE(DeleteUser(scope(), "alice"));
  ASSERT_TRUE(DeleteGroup(scope(), "staff"));
  Reopen();
  EXPECT_TRUE(account()->users.empty() && account()->groups.empty());
  ExpectError(DeleteUser(scope(), "alice"), ErrorKind::kResourceNotFound,
              "The user with name alice cannot be found.");
}

TEST_F(DirectoryTest, HoldsTheQuotas) {
  MakeUser("alice");
  ASSERT_TRUE(CreateAccessKey(scope(), "alice"));
  ASSERT_TRUE(CreateAccessKey(scope(), "alice"));
  const auto third = CreateAccessKey(scope(), "alice");
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().message, "Cannot exceed quota for AccessKeysPerUser: 2");

  PolicyRecord policy;
  policy.name = "p";
  ASSERT_TRUE(CreatePolicy(scope(), policy, kAllowAll));
  const std::string arn = "arn:aws:iam::123456789012:policy/p";
  for (int i = 2; i <= 5; ++i) ASSERT_EQ(*CreatePolicyVersion(scope(), arn, kAllowAll, false), i);
  EXPECT_EQ(CreatePolicyVersion(scope(), arn, kAllowAll, false).error().kind,
            ErrorKind::kLimitExceeded);
  ASSERT_TRUE(DeletePolicyVersion(scope(), arn, "v3"));
  EXPECT_EQ(*CreatePolicyVersion(scope(), arn, kAllowAll, false), 6);  // numbers are not used again
  ExpectError(DeletePolicyVersion(scope(), arn, "v1"), ErrorKind::kResourceInUse,
              "Cannot delete the default version of a policy.");
  ExpectError(EditUser(scope(), "alice",
                       [](UserRecord& user, const Account&) {
                         return PutInline("p", kAllowAll, 10, "user alice", &user.inline_policies);
                       }),
              ErrorKind::kLimitExceeded, "Maximum policy size of 10 bytes exceeded for user alice");
}

TEST_F(DirectoryTest, NamesDamageOfASecret) {
  MakeUser("alice");
  const auto key = CreateAccessKey(scope(), "alice");
  ASSERT_TRUE(EditUser(scope(), "alice", [](UserRecord& user, const Account&) -> Result<void> {
    user.keys[0].sealed[3] ^= 1;
    return {};
  }));
  const auto opened = Directory::Open(*system_, threads_.context(0), keys_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::kCorruption);
  EXPECT_THAT(opened.error().message, testing::HasSubstr(key->id.value));
}

constexpr char kTrust[] =
    R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"sts:*"}})";

class SessionsTest : public DirectoryTest {
 protected:
  IssuedSession Assume(std::string_view role) {
    Session session{.account = AccountId("123456789012"),
                    .entity_id = (*account()->FindRole(role))->id,
                    .name = "work",
                    .issued = clock_.Now(),
                    .expires = clock_.Now() + std::chrono::hours(1)};
    auto issued = sessions_->Issue(session);
    EXPECT_TRUE(issued);
    return *issued;
  }
  bool SessionAllows(const IssuedSession& issued) {
    const auto credential = sessions_->Find(issued.session->access_key, issued.token);
    const policy::ContextMap context;
    return credential &&
           policy::Evaluate({"a:b", "*", context}, credential->identity->policies()).allowed();
  }
  void MakeRole(const std::string& name) {
    RoleRecord role;
    role.name = name;
    const auto made = CreateRole(scope(), role, kTrust);
    ASSERT_TRUE(made) << made.error().message;
  }
  std::optional<Sessions> sessions_{std::in_place, *directory_, TheSystemRandom()};
};

TEST_F(SessionsTest, SeeEveryChangeOfPoliciesAtOnce) {
  MakeRole("worker");
  const auto issued = Assume("worker");
  EXPECT_FALSE(SessionAllows(issued));
  const auto allow = [](RoleRecord& role, const Account&) {
    return PutInline("all", kAllowAll, kRoleInlineMax, "role", &role.inline_policies);
  };
  ASSERT_TRUE(EditRole(scope(), "worker", allow));
  EXPECT_TRUE(SessionAllows(issued));
  ASSERT_TRUE(EditRole(scope(), "worker", [](RoleRecord& role, const Account&) {
    return DeleteInline("role", "all", &role.inline_policies);
  }));
  EXPECT_FALSE(SessionAllows(issued));
  ASSERT_TRUE(DeleteRole(scope(), "worker"));
  EXPECT_FALSE(sessions_->Find(issued.session->access_key, issued.token));
  // Another role of that name is another role.
  MakeRole("worker");
  EXPECT_FALSE(sessions_->Find(issued.session->access_key, issued.token));
}

TEST_F(SessionsTest, TokensOutliveAStartAndNoChange) {
  MakeRole("worker");
  const auto issued = Assume("worker");
  EXPECT_EQ(Sessions::AccountOf(issued.session->access_key.value), AccountId("123456789012"));
  EXPECT_THAT(issued.token, testing::Not(testing::HasSubstr(issued.session->secret)));
  sessions_.reset();
  Reopen();
  sessions_.emplace(*directory_, TheSystemRandom());
  const auto credential = sessions_->Find(issued.session->access_key, issued.token);
  ASSERT_TRUE(credential);
  EXPECT_EQ(credential->secret, issued.session->secret);
  EXPECT_EQ(credential->arn, "arn:aws:sts::123456789012:assumed-role/worker/work");
  EXPECT_FALSE(sessions_->Find(AccessKeyId("ASIAOTHER"), issued.token));
  EXPECT_FALSE(sessions_->Find(issued.session->access_key, ""));
  for (size_t i = 0; i < issued.token.size(); ++i) {
    std::string token = issued.token;
    token[i] = token[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(sessions_->Find(issued.session->access_key, token)) << i;
    EXPECT_FALSE(sessions_->Find(issued.session->access_key, token.substr(0, i))) << i;
  }
}

TEST_F(SessionsTest, RolesAreKeptAcrossAStart) {
  RoleRecord role;
  role.name = "Worker";
  role.path = "/team/";
  role.description = "works";
  role.session_max = std::chrono::seconds(7200);
  role.tags = {{"color", "red"}};
  ASSERT_TRUE(CreateRole(scope(), role, kTrust));
  const std::string before = EncodeRole(**account()->FindRole("worker"));
  sessions_.reset();
  Reopen();
  EXPECT_EQ(EncodeRole(**account()->FindRole("worker")), before);
}

TEST_F(SessionsTest, WhatIsTooLargeIsRefused) {
  MakeRole("worker");
  Session session{.account = AccountId("123456789012")};
  for (int i = 0; i < 20; ++i) session.tags[std::to_string(i)] = std::string(256, 'x');
  const auto issued = sessions_->Issue(session);
  ASSERT_FALSE(issued);
  EXPECT_EQ(issued.error().message,
            "Packed size of session policies and tags consumes 126% of the allotted space.");
}

TEST(LastUse, IsKeptToTheMinute) {
  LastUse use;
  EXPECT_FALSE(use.Get());
  use.Note(FromMicros(1'700'000'015'000'000), "dynamodb", "us-east-1");
  use.Note(FromMicros(1'700'000'016'000'000), "iam", "us-east-1");
  EXPECT_EQ(use.Get()->service, "dynamodb");
  use.Note(FromMicros(1'700'000'075'000'000), "iam", "eu-west-1");
  EXPECT_EQ(use.Get()->service, "iam");
  EXPECT_EQ(ToMicros(use.Get()->time) % 60'000'000, 0);
}

}  // namespace
}  // namespace tidemark::iam
