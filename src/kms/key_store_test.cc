#include "kms/key_store.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "engine/mem/mem_engine.h"
#include "kms/fault.h"
#include "kms/key_use.h"
#include "kms/keys.h"
#include "kms/root_key_provider.h"
#include "kms/table_key_provider.h"
#include "log/mem/mem_log.h"
#include "policy/document.h"
#include "runtime/io_threads.h"

namespace tidemark::kms {
namespace {

const AccountId kAccount("123456789012");
const Region kRegion("us-east-1");

template <class T>
Fault FaultIn(const Result<T>& result) {
  EXPECT_FALSE(result.has_value());
  const auto* detail = result ? nullptr : FaultOf(result.error());
  EXPECT_NE(detail, nullptr);
  return detail ? detail->fault : Fault::kUnsupported;
}

class KeyStoreTest : public testing::Test {
 protected:
  KeyStoreTest() {
    std::string pattern = testing::TempDir() + "kms_XXXXXX";
    EXPECT_NE(::mkdtemp(pattern.data()), nullptr);
    path_ = pattern;
    threads_.Start();
    auto shard = shard::Shard::Open({.name = "_system", .directory = path_}, log::MakeMemLog(1),
                                    *engine_, clock_, pool_);
    EXPECT_TRUE(shard);
    system_ = std::move(*shard);
    Reopen();
  }
  ~KeyStoreTest() override {
    store_.reset();
    system_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  // Reads everything anew from what is stored.
  void Reopen() {
    auto store = KeyStore::Open(*system_, threads_.context(0), root_, TheSystemRandom());
    ASSERT_TRUE(store) << store.error().message;
    store_ = std::move(*store);
  }
  KeyScope scope() { return {*store_, kAccount, kRegion, clock_.Now()}; }
  KeyPtr Make() { return CreateKey(scope(), {}).value(); }
  KeyPtr Newest(const KeyPtr& key) { return store_->Find(key->id); }

  runtime::IoThreads threads_{1};
  runtime::BlockingPool pool_{1};
  ManualClock clock_{FromMicros(1'700'000'000'000'000)};
  std::unique_ptr<engine::MemEngine> engine_ = engine::MakeMemEngine();
  RootKeyProvider root_{RootKey(crypto::Key256::FromBytes(Bytes(32, 'r'))), TheSystemRandom()};
  std::string path_;
  std::unique_ptr<shard::Shard> system_;
  std::unique_ptr<KeyStore> store_;
};

TEST_F(KeyStoreTest, KeysAndWhatTheySealedOutliveARestart) {
  const auto key = Make();
  ASSERT_TRUE(CreateAlias(scope(), "alias/mine", *key));
  const Bytes sealed = Encrypt(*store_, *key, {{"a", "1"}}, "text").value();
  Reopen();
  const auto again = ResolveKey(scope(), "alias/mine");
  ASSERT_TRUE(again);
  EXPECT_EQ(**again, *key);
  EXPECT_EQ(Decrypt(*store_, **again, {{"a", "1"}}, sealed)->plain, "text");
}

TEST_F(KeyStoreTest, AKeptKeyIsOfNoAccountAndSealsAllTheSame) {
  const auto key = MakeKeptKey(*store_, scope().region, clock_.Now());
  ASSERT_TRUE(key) << key.error().message;
  EXPECT_TRUE(IsKept((*key)->Arn()));
  EXPECT_FALSE(IsKept(Make()->Arn()));
  EXPECT_EQ(store_->Keys(scope().account, scope().region).size(), 1u);
  EXPECT_FALSE(ResolveKey(scope(), (*key)->id.ToString()));
  const auto policy = policy::ParseDocument((*key)->policy, policy::DocumentKind::kResource);
  ASSERT_TRUE(policy) << policy.error().message;
  ASSERT_EQ(policy->statements.size(), 1u);
  EXPECT_FALSE(policy->statements[0].allow);
  const Bytes sealed = Encrypt(*store_, **key, {}, "text").value();
  Reopen();
  EXPECT_EQ(Decrypt(*store_, *Newest(*key), {}, sealed)->plain, "text");
}

TEST_F(KeyStoreTest, RotationKeepsOldMaterial) {
  auto key = Make();
  const Bytes before = Encrypt(*store_, *key, {}, "before").value();
  ASSERT_TRUE(EnableRotation(scope(), key->id, 90));
  clock_.Advance(std::chrono::hours(24) * 91);
  TendKeys(*store_, clock_.Now());
  ASSERT_TRUE(RotateOnDemand(scope(), key->id));
  Reopen();
  key = Newest(key);
  ASSERT_EQ(key->materials.size(), 3u);
  EXPECT_EQ(key->materials[1].rotation, RotationType::kAutomatic);
  EXPECT_EQ(Decrypt(*store_, *key, {}, before)->plain, "before");
  const Bytes after = Encrypt(*store_, *key, {}, "after").value();
  EXPECT_EQ(ReadSealedUnder(after)->material, 2u);
  TendKeys(*store_, clock_.Now());
  EXPECT_EQ(Newest(key)->materials.size(), 3u) << "not due again";
}

TEST_F(KeyStoreTest, ADeletedKeyLeavesNoMaterial) {
  const auto key = Make();
  ASSERT_TRUE(CreateAlias(scope(), "alias/mine", *key));
  ASSERT_TRUE(ScheduleKeyDeletion(scope(), key->id, 7));
  clock_.Advance(std::chrono::hours(24) * 7 - Micros(1));
  TendKeys(*store_, clock_.Now());
  EXPECT_EQ(Newest(key)->state, KeyState::kPendingDeletion);
  clock_.Advance(Micros(1));
  TendKeys(*store_, clock_.Now());
  for (int restart = 0; restart < 2; ++restart) {
    EXPECT_EQ(Newest(key)->state, KeyState::kDeleted);
    EXPECT_TRUE(Newest(key)->materials.empty());
    EXPECT_EQ(FaultIn(ResolveKey(scope(), key->Arn())), Fault::kNotFound);
    EXPECT_EQ(FaultIn(ResolveKey(scope(), "alias/mine")), Fault::kNotFound);
    EXPECT_EQ(FaultIn(EnableKey(scope(), key->id)), Fault::kNotFound);
    EXPECT_TRUE(store_->Keys(kAccount, kRegion).empty());
    Reopen();
  }
}

TEST_F(KeyStoreTest, WatchersSeeItCloseWhileItIsUsableAndThenTheState) {
  const auto key = Make();
  std::vector<std::string> seen;
  store_->Watch({.closing =
                     [&](const KeyRecord& one) {
                       EXPECT_EQ(store_->Find(one.id)->state, KeyState::kEnabled);
                       seen.push_back("closing");
                     },
                 .changed =
                     [&](const KeyRecord& one) {
                       seen.emplace_back(ToString(store_->Find(one.id)->state));
                     }});
  ASSERT_TRUE(DisableKey(scope(), key->id));
  ASSERT_TRUE(DisableKey(scope(), key->id));
  ASSERT_TRUE(ScheduleKeyDeletion(scope(), key->id, 7));
  ASSERT_TRUE(CancelKeyDeletion(scope(), key->id));
  ASSERT_TRUE(EnableKey(scope(), key->id));
  ASSERT_TRUE(TagKey(scope(), key->id, {{"a", "1"}}));
  EXPECT_EQ(seen, (std::vector<std::string>{"closing", "Disabled", "PendingDeletion", "Disabled",
                                            "Enabled"}));
}

TEST_F(KeyStoreTest, TheServicesKeyIsMadeOnce) {
  const auto key = EnsureServiceKey(scope());
  ASSERT_TRUE(key);
  EXPECT_TRUE((*key)->of_service);
  EXPECT_EQ((*EnsureServiceKey(scope()))->id, (*key)->id);
  EXPECT_TRUE(CheckKeyPolicy((*key)->policy));
}

TEST_F(KeyStoreTest, DataKeysOfATableAreUnderItsKeyAlone) {
  const TableId table = TableId::Make(TheSystemRandom());
  const std::string context = "table " + table.ToString();
  auto key = Make();
  std::optional<KeyId> under;
  TableKeyProvider provider(root_);
  provider.Attach(*store_, [&](TableId) { return under; });

  const auto rooted = provider.Generate(context).value();
  EXPECT_EQ(root_.Unwrap(rooted.wrapped, context).value(), rooted.key);
  under = key->id;
  EXPECT_EQ(provider.Unwrap(rooted.wrapped, context).value(), rooted.key);
  const auto made = provider.Generate(context).value();
  EXPECT_EQ(provider.Unwrap(made.wrapped, context).value(), made.key);
  EXPECT_EQ(root_.Unwrap(made.wrapped, context).error().kind, ErrorKind::kCorruption);
  EXPECT_EQ(provider.Unwrap(made.wrapped, "history of " + context).error().kind,
            ErrorKind::kCorruption);
  const auto of_log = provider.Generate("log segment").value();
  EXPECT_EQ(root_.Unwrap(of_log.wrapped, "log segment").value(), of_log.key);

  ASSERT_TRUE(DisableKey(scope(), key->id));
  EXPECT_EQ(provider.Unwrap(made.wrapped, context).error().kind, ErrorKind::kKeyDisabled);
  EXPECT_EQ(provider.Generate(context).error().kind, ErrorKind::kKeyDisabled);
  ASSERT_TRUE(EnableKey(scope(), key->id));
  EXPECT_EQ(provider.Unwrap(made.wrapped, context).value(), made.key);
  ASSERT_TRUE(store_->Destroy(key->id));
  EXPECT_EQ(provider.Unwrap(made.wrapped, context).error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(provider.Generate(context).error().kind, ErrorKind::kNotFound);
}

}  // namespace
}  // namespace tidemark::kms
