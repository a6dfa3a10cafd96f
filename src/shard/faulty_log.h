// A log for tests: in memory, outlives the shard that uses it, fails and waits on command.
#pragma once
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>

#include "log/mem/mem_log.h"

namespace tidemark::shard {

// Shared by the test and the logs it hands out, one for each life of the shard.
class LogFaults {
 public:
  explicit LogFaults(log::MemLogOptions options = {}) : log(log::MakeMemLog(std::move(options))) {}

  // The next Append waits, and fails so when it is let go.
  void HoldNext(std::optional<ErrorKind> kind) {
    std::lock_guard lock(mutex_);
    hold_ = true;
    fail_ = kind;
  }
  void WaitUntilHeld() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return held_; });
  }
  void LetGo() {
    std::lock_guard lock(mutex_);
    hold_ = false;
    changed_.notify_all();
  }
  Result<void> BeforeAppend() {
    std::unique_lock lock(mutex_);
    if (hold_) {
      held_ = true;
      changed_.notify_all();
      changed_.wait(lock, [&] { return !hold_; });
      held_ = false;
    }
    if (const auto kind = std::exchange(fail_, std::nullopt)) return Fail(*kind, "made to fail");
    return {};
  }

  const std::unique_ptr<log::CommitLog> log;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool hold_ = false;
  bool held_ = false;
  std::optional<ErrorKind> fail_;
};

class FaultyLog : public log::CommitLog {
 public:
  explicit FaultyLog(std::shared_ptr<LogFaults> faults)
      : faults_(std::move(faults)), log_(*faults_->log) {}

  Result<log::Position> Append(BytesView payload, log::FrameHeader header) override {
    TM_TRYV(faults_->BeforeAppend());
    return log_.Append(payload, header);
  }
  Result<std::unique_ptr<log::FrameReader>> Read(log::Position from) override {
    return log_.Read(from);
  }
  uint64_t log_id() const override { return log_.log_id(); }
  log::Position begin() const override { return log_.begin(); }
  log::Position end() const override { return log_.end(); }
  Timestamp last_commit() const override { return log_.last_commit(); }
  std::vector<log::SegmentInfo> Segments() const override { return log_.Segments(); }
  uint64_t bytes() const override { return log_.bytes(); }
  std::vector<log::DamagedRange> Damage() const override { return log_.Damage(); }
  Result<void> Truncate(log::Position keep_from) override { return log_.Truncate(keep_from); }

 private:
  const std::shared_ptr<LogFaults> faults_;
  log::CommitLog& log_;
};

}  // namespace tidemark::shard
