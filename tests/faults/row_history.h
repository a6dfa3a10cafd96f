// What was done to the rows of one table, kept outside the storage, and what may be found there.
//
// Writes of a row are noted in log order, since a row's latch is held while a write is evaluated.
// One that is acknowledged has a commit time. One that is not may have happened or not: after a
// crash what is found decides, and the writes of the row behind it did not happen.
#pragma once
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "storage.h"

namespace tidemark::faults {

class RowHistory {
 public:
  // A row's content by its hash; none: no such row.
  using Content = std::optional<std::pair<uint64_t, uint64_t>>;
  static Content Of(const Bytes& key, const std::optional<Bytes>& value);

  // The rows of a table that begins with some, as of `time`.
  void StartWith(const Rows& rows, Timestamp time);

  // From inside evaluate. `seen` must be what the newest write left; on a sick disk those since may
  // have failed, but none that is acknowledged. Returns the write's number.
  size_t Begin(const Bytes& key, const std::optional<Bytes>& seen,
               const std::optional<Bytes>& value, bool sick, std::string* wrong);
  void Acknowledge(const Bytes& key, size_t number, Timestamp time);
  // The write did not happen: it was refused before it was queued.
  void Refuse(const Bytes& key, size_t number);

  // After a crash: compares with what is found, and settles what was under way. `now`: before the
  // next write's commit time. Says what is wrong, or nothing.
  std::string Settle(const Rows& found, Timestamp now);
  // After Settle: whether a write that was under way happened. None: nobody can tell.
  std::optional<bool> Happened(const Bytes& key, size_t number);
  // What is found must be the state after the last commit at or before `time`.
  std::string CheckAt(const Rows& found, Timestamp time) const;

  // A change as a stream shows it.
  struct Shown {
    Content content;  // that it left
    Timestamp time;   // of its commit
  };
  // What is shown of each row, oldest first, must be its newest writes in their order. All are
  // there that began after `on_since`, when the stream was known to be on, and were committed later
  // than `kept_since`.
  std::string CheckChanges(const std::map<Bytes, std::vector<Shown>>& shown, Timestamp on_since,
                           Timestamp kept_since) const;

  // A random acknowledged commit time, if there is any.
  std::optional<Timestamp> RandomCommit(uint64_t draw) const;

 private:
  struct Write {
    size_t number = 0;
    Content content;
    Timestamp begun;   // it began when a write of that commit time was answered, or later
    Timestamp after;   // it was committed later than this ...
    Timestamp before;  // ... and not later than this
    bool acknowledged = false;
    bool doubtful = false;  // settled without knowing: may not have happened
    bool refused = false;
    bool overlooked = false;  // a later write did not see it
  };
  static std::string Name(const Bytes& key);
  Write* Find(const Bytes& key, size_t number);  // null: it did not happen; under mutex_
  static std::string CheckRowChanges(const std::vector<Write>& writes,
                                     const std::vector<Shown>& shown, Timestamp on_since,
                                     Timestamp kept_since);

  mutable std::mutex mutex_;
  std::map<Bytes, std::vector<Write>> rows_;
  size_t begun_ = 0;  // writes, of all rows
  std::vector<Timestamp> commits_;
  std::string lost_;    // an acknowledged write that a later one did not see
  Timestamp newest_{};  // largest commit time acknowledged
};

}  // namespace tidemark::faults
