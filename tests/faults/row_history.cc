#include "faults/row_history.h"

#include <algorithm>

#include "base/assert.h"
#include "item/set_hash.h"

namespace tidemark::faults {
namespace {

constexpr Timestamp kNever = Timestamp::max();

}  // namespace

RowHistory::Content RowHistory::Of(const Bytes& key, const std::optional<Bytes>& value) {
  if (!value) return std::nullopt;
  const item::SetHash hash = item::HashRow(key, *value);
  return std::pair(hash.low, hash.high);
}

std::string RowHistory::Name(const Bytes& key) {
  std::string name;
  for (const char c : key) name += c >= ' ' && c <= '~' ? c : '.';
  return name;
}

size_t RowHistory::Begin(const Bytes& key, const std::optional<Bytes>& seen,
                         const std::optional<Bytes>& value, bool sick, std::string* wrong) {
  std::lock_guard lock(mutex_);
  auto& writes = rows_[key];
  const Content now = Of(key, seen);
  auto last = writes.rbegin();
  while (last != writes.rend() &&
         (last->refused ||
          (sick && !last->acknowledged && last->before == kNever && last->content != now)))
    ++last;
  if (now != (last == writes.rend() ? Content() : last->content))
    *wrong = "a write of row " + Name(key) + " saw an old version";
  for (auto behind = writes.rbegin(); behind != last; ++behind) behind->overlooked = true;
  writes.push_back({.number = ++begun_,
                    .content = Of(key, value),
                    .begun = newest_,
                    .after = newest_,
                    .before = kNever});
  return begun_;
}

RowHistory::Write* RowHistory::Find(const Bytes& key, size_t number) {
  auto& writes = rows_.at(key);
  const auto at = std::ranges::find(writes, number, &Write::number);
  return at == writes.end() ? nullptr : &*at;
}

void RowHistory::Acknowledge(const Bytes& key, size_t number, Timestamp time) {
  std::lock_guard lock(mutex_);
  Write& write = *Find(key, number);
  if (write.overlooked)
    lost_ = "a write of row " + Name(key) + " is lost: a later one did not see it";
  write.acknowledged = true;
  write.before = time;
  write.after = time - Micros(1);
  commits_.push_back(time);
  newest_ = std::max(newest_, time);
}

void RowHistory::Refuse(const Bytes& key, size_t number) {
  std::lock_guard lock(mutex_);
  Find(key, number)->refused = true;
}

void RowHistory::StartWith(const Rows& rows, Timestamp time) {
  std::lock_guard lock(mutex_);
  for (const auto& [key, value] : rows) {
    rows_[key].push_back(
        {.number = ++begun_, .content = Of(key, value), .begun = {}, .after = {}, .before = time});
  }
  newest_ = time;
}

std::string RowHistory::Settle(const Rows& found, Timestamp now) {
  std::lock_guard lock(mutex_);
  if (!lost_.empty()) return lost_;
  for (const auto& [key, value] : found) {
    if (!rows_.contains(key)) return "row " + Name(key) + " was never written";
  }
  for (auto& [key, writes] : rows_) {
    const auto at = found.find(key);
    const Content content = at == found.end() ? Content() : Of(key, at->second);
    std::erase_if(writes, [](const Write& write) { return write.refused; });
    const auto acknowledged = std::ranges::find_if(
        writes.rbegin(), writes.rend(), [](const Write& write) { return write.acknowledged; });
    // An overlooked one happened only if the storage stopped then, so nothing came behind it.
    writes.erase(std::remove_if(writes.begin(), acknowledged.base(),
                                [](const Write& write) { return write.overlooked; }),
                 acknowledged.base());
    // How many of the writes happened: at least up to the last acknowledged one.
    size_t least = 0;
    for (size_t i = 0; i < writes.size(); ++i) {
      if (writes[i].acknowledged || writes[i].before != kNever) least = i + 1;
    }
    std::vector<size_t> fits;
    for (size_t count = least; count <= writes.size(); ++count) {
      if ((count == 0 ? Content() : writes[count - 1].content) == content) fits.push_back(count);
    }
    if (fits.empty()) {
      return fmt::format("row {} is {}; {} writes, {} of them acknowledged or settled", Name(key),
                         content ? "not what was written last" : "gone", writes.size(), least);
    }
    writes.resize(fits.back());
    for (size_t i = least; i < writes.size(); ++i) {
      writes[i].before = now;
      writes[i].doubtful = i >= fits.front() || writes[i].overlooked;
      writes[i].overlooked = false;  // what comes behind it from now on has seen it
    }
  }
  return {};
}

std::optional<bool> RowHistory::Happened(const Bytes& key, size_t number) {
  std::lock_guard lock(mutex_);
  const Write* write = Find(key, number);
  if (!write) return false;
  if (write->doubtful) return std::nullopt;
  return true;
}

std::string RowHistory::CheckAt(const Rows& found, Timestamp time) const {
  std::lock_guard lock(mutex_);
  for (const auto& [key, value] : found) {
    if (!rows_.contains(key)) return "row " + Name(key) + " was never written";
  }
  for (const auto& [key, writes] : rows_) {
    const auto at = found.find(key);
    const Content content = at == found.end() ? Content() : Of(key, at->second);
    std::vector<Content> allowed{std::nullopt};
    for (const Write& write : writes) {
      if (write.refused) continue;
      if (write.after >= time) break;
      if (write.before <= time && !write.doubtful) allowed.clear();
      allowed.push_back(write.content);
    }
    if (std::ranges::find(allowed, content) == allowed.end()) {
      return fmt::format("row {} is {} at {}", Name(key), content ? "not what it was" : "not there",
                         ToMicros(time));
    }
  }
  return {};
}

std::string RowHistory::CheckRowChanges(const std::vector<Write>& writes,
                                        const std::vector<Shown>& shown, Timestamp on_since,
                                        Timestamp kept_since) {
  // Both from the newest on; a write that may not have happened may be absent.
  auto change = shown.rbegin();
  for (auto write = writes.rbegin(); write != writes.rend(); ++write) {
    if (write->refused) continue;
    if (change != shown.rend() && change->content == write->content &&
        change->time > write->after && change->time <= write->before) {
      ++change;
    } else if (!write->doubtful && write->begun > on_since && write->after >= kept_since) {
      return fmt::format("no record of the write at {}, begun at {} or later; on since {}",
                         ToMicros(write->before), ToMicros(write->begun), ToMicros(on_since));
    }
  }
  if (change == shown.rend()) return {};
  return fmt::format("a record at {} of a write that was not made", ToMicros(change->time));
}

std::string RowHistory::CheckChanges(const std::map<Bytes, std::vector<Shown>>& shown,
                                     Timestamp on_since, Timestamp kept_since) const {
  std::lock_guard lock(mutex_);
  for (const auto& [key, changes] : shown) {
    if (!rows_.contains(key)) return "a record of row " + Name(key) + ", which was never written";
  }
  for (const auto& [key, writes] : rows_) {
    const auto at = shown.find(key);
    const auto wrong = CheckRowChanges(
        writes, at == shown.end() ? std::vector<Shown>() : at->second, on_since, kept_since);
    if (!wrong.empty()) return "row " + Name(key) + ": " + wrong;
  }
  return {};
}

std::optional<Timestamp> RowHistory::RandomCommit(uint64_t draw) const {
  std::lock_guard lock(mutex_);
  if (commits_.empty()) return std::nullopt;
  return commits_[draw % commits_.size()];
}

}  // namespace tidemark::faults
