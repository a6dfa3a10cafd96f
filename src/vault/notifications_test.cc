#include "vault/notifications.h"

#include <gmock/gmock.h>

#include <fstream>

#include "base/file_hook.h"
#include "vault/jobs_fixture.h"
#include "vault/notification_sinks.h"

namespace tidemark::vault {
namespace {

using testing::UnorderedElementsAre;

class OutboxTest : public VaultFixture {
 protected:
  void SetUp() override {
    VaultFixture::SetUp();
    const auto set = SetNotifications({*store_, kPlace, shard_->Now()},
                                      {.account = kAccount,
                                       .region = kRegion,
                                       .vault = "vault",
                                       .topic_arn = "arn:aws:sns:us-east-1:123456789012:told",
                                       .events = {"BACKUP_JOB_COMPLETED"}});
    ASSERT_TRUE(set) << set.error().message;
    store_->SetFollow([this](const VaultStore& store, Changes* changes) {
      outbox_.Add(store, changes);
      return nullptr;
    });
  }

  // One event.
  void EndJob(const std::string& id) {
    const auto stored = store_->Apply([&]() -> Result<Changes> {
      BackupJobRecord job;
      job.account = kAccount;
      job.region = kRegion;
      job.job_id = id;
      job.vault = "vault";
      job.table_arn = kTableArn;
      job.state = BackupJobState::kCompleted;
      return Changes{job};
    });
    ASSERT_TRUE(stored) << stored.error().message;
  }
  void Sent(const Ptr<NoticeRecord>& notice, const std::string& sink) {
    NoticeRecord left = *notice;
    std::erase(left.sinks, sink);
    ASSERT_TRUE(store_->Apply([&]() -> Result<Changes> { return Changes{left}; }));
  }
  std::vector<std::vector<std::string>> Waiting() const {
    std::vector<std::vector<std::string>> sinks;
    for (const auto& notice : store_->Open<NoticeRecord>()) sinks.push_back(notice->sinks);
    return sinks;
  }

  NotificationOutbox outbox_{{"file", "webhook"},
                             [this](const Region&) { return shard_->Now(); },
                             TheSystemRandom(),
                             /*waiting_max=*/2};
};

using Sinks = std::vector<std::string>;

TEST_F(OutboxTest, ASinkThatIsDeadKeepsNothingFromTheOthers) {
  EndJob("A");
  EndJob("B");
  EXPECT_THAT(Waiting(), UnorderedElementsAre(Sinks{"file", "webhook"}, Sinks{"file", "webhook"}));
  EndJob("C");  // there is room at neither
  EXPECT_EQ(Waiting().size(), 2U);
  for (const auto& notice : store_->Open<NoticeRecord>()) Sent(notice, "file");
  EndJob("D");
  EXPECT_THAT(Waiting(), UnorderedElementsAre(Sinks{"webhook"}, Sinks{"webhook"}, Sinks{"file"}));
}

TEST_F(OutboxTest, TheVaultsOwnerIsToldOfCopiesThatAnotherAccountMakes) {
  ASSERT_TRUE(SetNotifications({*store_, kPlace, shard_->Now()},
                               {.account = kAccount,
                                .region = kRegion,
                                .vault = "vault",
                                .topic_arn = "arn:aws:sns:us-east-1:123456789012:told",
                                .events = {"COPY_JOB_SUCCESSFUL"}}));
  CopyJobRecord job;
  job.account = AccountId("222222222222");
  job.region = kRegion;
  job.job_id = "A";
  job.source_vault = "vault";
  job.source_arn = kTableArn + "/backup/01700000000000-00000000";
  job.state = CopyJobState::kCompleted;
  ASSERT_TRUE(store_->Apply([&]() -> Result<Changes> { return Changes{job}; }));
  const auto notices = store_->Open<NoticeRecord>();
  ASSERT_EQ(notices.size(), 1U);
  EXPECT_EQ(notices.front()->account, kAccount);
}

TEST_F(OutboxTest, WhatFollowsIsToldOnceAllIsStored) {
  std::vector<bool> stored;
  store_->SetFollow([&](const VaultStore& store, Changes*) {
    stored.push_back(store.Find<BackupJobRecord>(kPlace, "A") != nullptr);
    return [&] { stored.push_back(store.Find<BackupJobRecord>(kPlace, "A") != nullptr); };
  });
  EndJob("A");
  EXPECT_EQ(stored, (std::vector<bool>{false, true}));
}

// Writes a line of somebody else's before each write of ours.
class Intruder : public FileHook {
 public:
  explicit Intruder(std::string path) : path_(std::move(path)) { SetFileHook(this); }
  ~Intruder() override { SetFileHook(nullptr); }
  int Before(const FileCall& call) override {
    if (call.op != FileOp::kWrite || call.path != path_) return 0;
    std::ofstream(path_, std::ios::app) << "theirs\n";
    return 0;
  }

 private:
  const std::string path_;
};

TEST(FileSink, WritesOverNobody) {
  const TestDirectory directory;
  const std::string path = (directory.path() / "told").string();
  const auto sink = OpenFileSink(path);
  ASSERT_TRUE(sink) << sink.error().message;
  NoticeRecord notice;
  notice.body = "{}";
  {
    const Intruder intruder(path);
    ASSERT_TRUE((*sink)->Send(notice));
    ASSERT_TRUE((*sink)->Send(notice));
  }
  std::ifstream file(path);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  EXPECT_EQ(text, "theirs\n{}\ntheirs\n{}\n");
}

}  // namespace
}  // namespace tidemark::vault
