// What the commit log holds of one table behind the archive's mark, in memory: read as far as
// somebody asks, once, and never written to.
//
// Threads: any; one reads on, others wait or read what is there.
#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <utility>
#include <vector>

#include "archive/activity.h"
#include "archive/versions.h"
#include "base/ids.h"
#include "log/commit_log.h"
#include "shard/change.h"

namespace tidemark::pitr {

class LogTail {
 public:
  // Of changes at or behind `from`; those are later than `before`.
  LogTail(log::CommitLog& log, TableId table, log::Position from, Timestamp before);

  // Reads on until every change at or before `time` is here; they must be durable already
  // (shard::Shard::Settle). Blocking: on the log. Errors: kCorruption (names the place), kNotFound
  // (a part has gone), kIo; kLimitExceeded once it takes more than `memory_max` bytes.
  Result<void> ReadTo(Timestamp time, size_t memory_max);

  // What of this lies at or behind `from`, and is later than `before`, as a tail that reads on
  // where this one stands.
  std::shared_ptr<LogTail> From(log::Position from, Timestamp before) const;

  std::optional<archive::KeptVersion> NewestOf(const Bytes& key, Timestamp until) const;
  // All versions of the row at or before `until`, newest first.
  std::vector<archive::KeptVersion> VersionsOf(const Bytes& key, Timestamp until) const;
  // Of each row in [begin, end) the newest version at or before `until`, in order of keys. The tail
  // must outlive the stream.
  std::unique_ptr<archive::VersionStream> Newest(Bytes begin, Bytes end, Timestamp until,
                                                 bool reverse) const;

  // As archive::TableHistory has them of runs.
  struct Counts {
    std::vector<archive::SecondActivity> seconds;
    std::vector<std::pair<Bytes, archive::Burst>> bursts;  // by access key
  };
  Counts Count() const;

  size_t memory_bytes() const;

 private:
  struct Origin {
    Bytes access_key, request_id;
  };
  struct Version {
    Timestamp time{};
    log::Position frame;
    std::shared_ptr<const Bytes> value;  // null: deleted; shared with tails made of this one
    std::shared_ptr<const Origin> origin;
  };
  struct Event {
    log::Position frame;
    archive::Activity::Event event;
  };
  using Rows = std::map<Bytes, std::vector<Version>>;  // in order of time
  class Stream;

  Result<void> Take(const log::Frame& frame);
  void TakeWrite(const log::Frame& frame, const shard::Change& change, shard::TableChange table);
  static archive::KeptVersion Keep(const Bytes& key, const Version& version);
  static const Version* NewestOf(const std::vector<Version>& versions, Timestamp until);

  log::CommitLog& log_;
  const TableId table_;

  std::mutex reading_;  // one reads on
  std::unique_ptr<log::FrameReader> reader_;
  mutable std::shared_mutex mutex_;  // all that follows
  log::Position next_;               // of the first frame that is not here
  Timestamp read_to_{};              // every change up to then is here
  Rows rows_;
  std::vector<Event> events_;
  std::map<Bytes, uint32_t> access_keys_;  // their numbers in events
  size_t memory_ = 0;
};

}  // namespace tidemark::pitr
