// What became of one setting of a table: a tag whose value is a number that grows.
#pragma once
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "catalog/table_record.h"

namespace tidemark::faults {

// One thread at a time.
class TagHistory {
 public:
  static constexpr const char* kKey = "number";
  // The value a record has; 0: none.
  static int64_t In(const catalog::TableRecord& record) {
    for (const auto& tag : record.tags) {
      if (tag.key == kKey) return std::stoll(tag.value);
    }
    return 0;
  }

  // The next value, asked for after the commit at `after`.
  int64_t Begin(Timestamp after) {
    const int64_t value = changes_.empty() ? 1 : changes_.back().value + 1;
    changes_.push_back({value, after, std::nullopt});
    return value;
  }
  // The newest was acknowledged before the commit at `before`.
  void Acknowledge(Timestamp before) { changes_.back().before = before; }

  // After a stop, of the value that is there. What is wrong, or nothing.
  std::string Settle(int64_t found, Timestamp now) {
    if (found < Newest(now) || (found != 0 && (changes_.empty() || found > changes_.back().value)))
      return "its tag is " + std::to_string(found);
    std::erase_if(changes_, [&](const Change& change) { return change.value > found; });
    if (!changes_.empty() && !changes_.back().before) changes_.back().before = now;
    return {};
  }
  // The value as of an instant: at least the newest acknowledged by then, at most the newest asked
  // for by then.
  std::string CheckAt(int64_t found, Timestamp time) const {
    int64_t most = 0;
    for (const Change& change : changes_) {
      if (change.after < time) most = change.value;
    }
    if (found >= Newest(time) && found <= most) return {};
    std::string text = "its tag was " + std::to_string(found) + ", not " +
                       std::to_string(Newest(time)) + " to " + std::to_string(most);
    for (const Change& change : changes_) {
      text += ", " + std::to_string(change.value) + " after " +
              std::to_string(ToMicros(change.after)) + " before " +
              (change.before ? std::to_string(ToMicros(*change.before)) : "?");
    }
    return text;
  }

 private:
  struct Change {
    int64_t value = 0;
    Timestamp after;
    std::optional<Timestamp> before;  // none: not acknowledged
  };
  int64_t Newest(Timestamp time) const {  // acknowledged
    int64_t newest = 0;
    for (const Change& change : changes_) {
      if (change.before && *change.before <= time) newest = change.value;
    }
    return newest;
  }

  std::vector<Change> changes_;
};

}  // namespace tidemark::faults
