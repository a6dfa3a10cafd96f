#include "audit/audit_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "audit/verify.h"
#include "base/file_hook.h"
#include "base/files.h"
#include "runtime/io_threads.h"

namespace tidemark::audit {
namespace {

using testing::HasSubstr;

class AuditLogTest : public testing::Test {
 protected:
  AuditLogTest() {
    std::string pattern = testing::TempDir() + "audit_XXXXXX";
    EXPECT_NE(::mkdtemp(pattern.data()), nullptr);
    path_ = pattern;
    threads_.Start();
  }
  ~AuditLogTest() override {
    log_.reset();
    threads_.Stop();
    threads_.Join();
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  void Open() {
    log_.reset();
    auto log = AuditLog::Open(path_, key_, clock_, options_);
    ASSERT_TRUE(log) << log.error().message;
    log_ = std::move(*log);
  }
  Event Make(const std::string& operation) {
    return {.time = clock_.Now(),
            .account = AccountId("123456789012"),
            .principal = "arn:aws:iam::123456789012:root",
            .operation = operation,
            .status = 200};
  }
  void Append(const std::string& operation) {
    const auto done = runtime::RunBlocking(threads_.context(0), log_->Append(Make(operation)));
    ASSERT_TRUE(done) << done.error().message;
  }
  std::string Fault() {
    const auto verified = VerifyLog(path_, key_);
    return verified ? "" : verified.error().message;
  }
  std::string FirstFile() { return path_ + "/" + FileNameOf(FilesIn(path_)->front()); }
  void Replace(const std::string& file, const std::string& what, const std::string& by) {
    std::string content = *ReadFile(file);
    const size_t at = content.find(what);
    ASSERT_NE(at, std::string::npos);
    ASSERT_TRUE(ReplaceFile(file, content.replace(at, what.size(), by)));
  }
  std::vector<std::string> Found(const Query& query) {
    std::vector<std::string> operations;
    const auto page = log_->Find(query);
    EXPECT_TRUE(page) << page.error().message;
    for (const auto& event : page->events) operations.push_back(event.operation);
    return operations;
  }

  std::string path_;
  ManualClock clock_{FromMicros(1'700'000'000'000'000)};
  runtime::IoThreads threads_{1};
  crypto::Key256 key_ = crypto::Key256::Make(TheSystemRandom());
  AuditOptions options_;
  std::unique_ptr<AuditLog> log_;
};

TEST_F(AuditLogTest, GoesOnBehindAStartAndVerifies) {
  Open();
  Append("CreateTable");
  Append("DeleteTable");
  Open();
  Append("CreateBackup");
  const auto verified = VerifyLog(path_, key_);
  ASSERT_TRUE(verified) << verified.error().message;
  EXPECT_EQ(verified->lines, 3u);
  EXPECT_EQ(verified->files, 2u);
  EXPECT_EQ(verified->last, 3u);
  EXPECT_THAT(Found({.account = AccountId("123456789012")}),
              testing::ElementsAre("CreateBackup", "DeleteTable", "CreateTable"));
  EXPECT_THAT(Found({.account = AccountId("999999999999")}), testing::IsEmpty());
}

TEST_F(AuditLogTest, WhatWasPostedIsFoundAtOnce) {
  Open();
  for (int i = 0; i < 50; ++i) {
    const std::string operation = "Operation" + std::to_string(i);
    ASSERT_TRUE(log_->Post(Make(operation)));
    const auto found = Found({.account = AccountId("123456789012"), .limit = 1});
    ASSERT_THAT(found, testing::ElementsAre(operation));
  }
}

TEST_F(AuditLogTest, EveryChangeIsSeen) {
  Open();
  for (int i = 0; i < 5; ++i) Append("Operation" + std::to_string(i));
  log_.reset();
  EXPECT_EQ(Fault(), "");
  const std::string good = *ReadFile(FirstFile());
  Replace(FirstFile(), "Operation2", "Operation7");
  EXPECT_THAT(Fault(), HasSubstr("the line behind 2 was changed"));
  ASSERT_TRUE(ReplaceFile(FirstFile(), good));
  // A line taken out, from the middle and from the end.
  const size_t third = good.find("Operation2");
  const size_t begin = good.rfind('\n', third) + 1;
  const size_t end = good.find('\n', third) + 1;
  ASSERT_TRUE(ReplaceFile(FirstFile(), good.substr(0, begin) + good.substr(end)));
  EXPECT_THAT(Fault(), HasSubstr("behind line 2 comes line 4: lines are missing"));
  const size_t last = good.rfind('\n', good.size() - 2) + 1;
  ASSERT_TRUE(ReplaceFile(FirstFile(), good.substr(0, last)));
  EXPECT_THAT(Fault(), HasSubstr("the log ends with line 4, but it had 5: 1 are missing"));
  EXPECT_FALSE(AuditLog::Open(path_, key_, clock_));
  // The beginning taken away, and all.
  ASSERT_TRUE(ReplaceFile(FirstFile(), good.substr(good.find('\n') + 1)));
  EXPECT_THAT(Fault(), HasSubstr("begins with line 2"));
  ASSERT_TRUE(RemoveFile(FirstFile()));
  EXPECT_THAT(Fault(), HasSubstr("5 are missing"));
}

TEST_F(AuditLogTest, WhatACrashCutOffIsRemoved) {
  Open();
  Append("CreateTable");
  log_.reset();
  const std::string file = FirstFile();
  ASSERT_TRUE(ReplaceFile(file, *ReadFile(file) + R"({"seq":2,"prev":")"));
  EXPECT_EQ(Fault(), "");
  Open();
  Append("DeleteTable");
  EXPECT_EQ(Fault(), "");
  EXPECT_EQ(VerifyLog(path_, key_)->lines, 2u);
}

// Renames nothing, so that no head comes to be.
class NoRenames : public FileHook {
 public:
  NoRenames() { SetFileHook(this); }
  ~NoRenames() override { SetFileHook(nullptr); }
  int Before(const FileCall& call) override { return call.op == FileOp::kRename ? EIO : 0; }
};

TEST_F(AuditLogTest, AFirstStartThatWasCutOffBeforeItsHeadOpens) {
  {
    NoRenames hook;
    EXPECT_FALSE(AuditLog::Open(path_, key_, clock_));
  }
  Open();
  Append("CreateTable");
  EXPECT_EQ(Fault(), "");
}

TEST_F(AuditLogTest, AFirstStartThatWasCutOffBehindItsHeadOpens) {
  Open();
  log_.reset();
  ASSERT_TRUE(RemoveFile(FirstFile()));
  EXPECT_EQ(Fault(), "");
  Open();
  Append("CreateTable");
  EXPECT_EQ(Fault(), "");
  EXPECT_EQ(VerifyLog(path_, key_)->lines, 1u);
}

TEST_F(AuditLogTest, OldFilesGoAndTheRestVerifies) {
  Open();
  Append("Old");
  clock_.Advance(std::chrono::hours(25));
  Append("Younger");
  Append("Young");
  clock_.Advance(std::chrono::days(90));
  Append("New");
  log_->Maintain();
  EXPECT_THAT(Found({.account = AccountId("123456789012")}),
              testing::ElementsAre("New", "Young", "Younger"));
  const auto verified = VerifyLog(path_, key_);
  ASSERT_TRUE(verified) << verified.error().message;
  EXPECT_EQ(verified->first, 2u);
  Open();
  EXPECT_EQ(Fault(), "");
}

TEST_F(AuditLogTest, PagesNewestFirst) {
  options_.file_bytes = 1;  // a file for each flush
  Open();
  for (int i = 0; i < 7; ++i) Append(std::to_string(i));
  Query query{.account = AccountId("123456789012"), .limit = 3};
  EXPECT_THAT(Found(query), testing::ElementsAre("6", "5", "4"));
  query.before = log_->Find(query)->more_before;
  EXPECT_THAT(Found(query), testing::ElementsAre("3", "2", "1"));
  query.before = log_->Find(query)->more_before;
  EXPECT_THAT(Found(query), testing::ElementsAre("0"));
  EXPECT_FALSE(log_->Find(query)->more_before);
}

TEST_F(AuditLogTest, PostedEventsAreWrittenSoon) {
  Open();
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(log_->Post(Make("GetItem")));
  log_.reset();
  EXPECT_EQ(VerifyLog(path_, key_)->lines, 1000u);
}

}  // namespace
}  // namespace tidemark::audit
