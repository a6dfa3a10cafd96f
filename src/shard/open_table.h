// A table of the shard while it is open: its store and what it adds up to.
#pragma once
#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>

#include "shard/shard.h"

namespace tidemark::shard {

class OpenTable : public Table {
 public:
  OpenTable(TableId id, std::unique_ptr<engine::TableStore> store, Totals totals)
      : queued(totals), id_(id), store_(std::move(store)), applied_(totals) {}

  ~OpenTable() override {
    store_.reset();
    std::error_code ignored;  // what stays goes at the next start
    if (!remove_when_closed.empty()) std::filesystem::remove_all(remove_when_closed, ignored);
  }

  TableId id() const override { return id_; }
  const engine::TableStore& store() const override { return *store_; }
  engine::TableStore& mutable_store() { return *store_; }

  Totals totals() const override {
    std::lock_guard lock(mutex_);
    return applied_;
  }
  void SetTotals(const Totals& totals) {
    std::lock_guard lock(mutex_);
    applied_ = totals;
  }

  // Totals after everything stamped so far. Only the log thread touches it once the table is
  // visible.
  Totals queued;
  // Set by the applier: later changes of the table fail with kResourceNotFound.
  std::atomic<bool> dropped{false};
  // Where the files of a dropped table lie until its last reader is gone.
  std::string remove_when_closed;

  // Called by the applier when the store refused a change of the frame at `position`: what the
  // store holds is behind the log, so nothing more is applied until a restart replays it, and the
  // log keeps that frame. Gives false if the table was fenced before.
  bool Fence(log::Position position) {
    std::lock_guard lock(mutex_);
    if (fenced_from_) return false;
    fenced_from_ = position;
    return true;
  }
  bool fenced() const {
    std::lock_guard lock(mutex_);
    return fenced_from_.has_value();
  }
  // Replay applied frames from `first` to `last` in batches, each under the position of its last
  // frame: the store does not know how far back they reach.
  void Replayed(log::Position first, log::Position last) {
    std::lock_guard lock(mutex_);
    if (!replayed_from_) replayed_from_ = first;
    replayed_to_ = last;
  }
  // The oldest frame that the log must keep for this table.
  std::optional<log::Position> OldestNeeded() const {
    auto oldest = store_->OldestDirty();
    const auto need = [&](log::Position position) {
      if (!oldest || position < *oldest) oldest = position;
    };
    std::lock_guard lock(mutex_);
    if (fenced_from_) need(*fenced_from_);
    if (replayed_from_ && store_->Flushed() < replayed_to_) need(*replayed_from_);
    return oldest;
  }

 private:
  const TableId id_;
  std::unique_ptr<engine::TableStore> store_;
  mutable std::mutex mutex_;
  Totals applied_;
  std::optional<log::Position> fenced_from_;
  std::optional<log::Position> replayed_from_;
  log::Position replayed_to_;
};

using OpenTablePtr = std::shared_ptr<OpenTable>;

}  // namespace tidemark::shard
