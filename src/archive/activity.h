// What changes of one table add up to as time passes: puts and deletes per second, and what each
// access key took away per minute.
#pragma once
#include <cstdint>
#include <map>
#include <tuple>
#include <vector>

#include "archive/section_format.h"
#include "base/clock.h"
#include "shard/change.h"

namespace tidemark::archive {

class Activity {
 public:
  struct Event {
    Timestamp time{};
    bool of_item = false;     // else an index is being built, and nothing is counted
    uint32_t access_key = 0;  // the caller's number for who made it
    bool is_put = false;      // else a delete
    bool replaces = false;    // there was an item before
  };
  // Of a change whose first row that is.
  static Event EventOf(Timestamp time, uint32_t access_key, const shard::RowView& first,
                       uint64_t replaced_bytes);
  void Add(const Event& event);  // in order of time

  const std::vector<SecondActivity>& seconds() const { return seconds_; }
  std::vector<Burst> Bursts() const;  // by minute, access key, kind

 private:
  std::vector<SecondActivity> seconds_;
  std::map<std::tuple<int64_t, uint32_t, Burst::Kind>, Burst> bursts_;
};

}  // namespace tidemark::archive
