#include "pitr/log_tail.h"

#include <algorithm>

#include "archive/archive.h"

namespace tidemark::pitr {
namespace {

constexpr size_t kRowsAtATime = 256;
constexpr size_t kBytesAtATime = 1 << 20;
constexpr size_t kVersionBytes = 160;  // of maps, vectors and shared counts, about

}  // namespace

LogTail::LogTail(log::CommitLog& log, TableId table, log::Position from, Timestamp before)
    : log_(log), table_(table), next_(from), read_to_(before) {}

Result<void> LogTail::ReadTo(Timestamp time, size_t memory_max) {
  std::lock_guard reading(reading_);
  const auto is_here = [&] {
    std::shared_lock lock(mutex_);
    return read_to_ >= time;
  };
  while (!is_here()) {
    if (memory_bytes() > memory_max) {
      return Fail(ErrorKind::kLimitExceeded, "the log holds more of table {} than memory may",
                  table_.ToString());
    }
    if (!reader_) {
      TM_TRY(const log::Position from, archive::ReadableFrom(log_, next_));
      TM_TRY(reader_, log_.Read(from));
    }
    auto frame = reader_->Next();
    if (!frame) {
      reader_.reset();  // so that it is tried anew
      return Fail(std::move(frame).error());
    }
    if (!*frame) {
      std::unique_lock lock(mutex_);
      read_to_ = std::max(read_to_, time);
      return {};
    }
    TM_TRYV(Take(**frame));
  }
  return {};
}

Result<void> LogTail::Take(const log::Frame& frame) {
  shard::ChangeReader changes(frame.payload);
  while (true) {
    auto next = changes.Next();
    if (!next) return Fail(WithContext(next.error(), "{}", frame.header.position.ToString()));
    if (!*next) break;
    for (shard::TableChange& table : (*next)->tables) {
      if (table.table == table_ && !table.rows.empty()) TakeWrite(frame, **next, std::move(table));
    }
  }
  std::unique_lock lock(mutex_);
  next_ = frame.next;
  read_to_ = std::max(read_to_, frame.header.last_commit);
  return {};
}

void LogTail::TakeWrite(const log::Frame& frame, const shard::Change& change,
                        shard::TableChange table) {
  const auto origin =
      std::make_shared<const Origin>(Origin{change.origin.access_key, change.origin.request_id});
  std::unique_lock lock(mutex_);
  const auto [who, is_new] = access_keys_.try_emplace(change.origin.access_key,
                                                      static_cast<uint32_t>(access_keys_.size()));
  const shard::RowImage& first = table.rows.front();
  events_.push_back({frame.header.position,
                     archive::Activity::EventOf(change.commit_time, who->second,
                                                {first.key, first.value}, table.replaced_bytes)});
  memory_ += sizeof(Event) + (is_new ? 64 : 0);
  for (shard::RowImage& row : table.rows) {
    memory_ += kVersionBytes + row.key.size() + (row.value ? row.value->size() : 0);
    rows_[std::move(row.key)].push_back(
        {change.commit_time, frame.header.position,
         row.value ? std::make_shared<const Bytes>(std::move(*row.value)) : nullptr, origin});
  }
}

std::shared_ptr<LogTail> LogTail::From(log::Position from, Timestamp before) const {
  std::shared_lock lock(mutex_);
  auto tail =
      std::make_shared<LogTail>(log_, table_, std::max(from, next_), std::max(before, read_to_));
  tail->access_keys_ = access_keys_;
  for (const auto& [key, versions] : rows_) {
    const auto first = std::find_if(versions.begin(), versions.end(),
                                    [&](const Version& version) { return version.frame >= from; });
    if (first == versions.end()) continue;
    tail->rows_[key].assign(first, versions.end());
    for (auto version = first; version != versions.end(); ++version)
      tail->memory_ += kVersionBytes + key.size() + (version->value ? version->value->size() : 0);
  }
  for (const Event& event : events_) {
    if (event.frame >= from) tail->events_.push_back(event);
  }
  tail->memory_ += tail->events_.size() * sizeof(Event);
  return tail;
}

const LogTail::Version* LogTail::NewestOf(const std::vector<Version>& versions, Timestamp until) {
  const auto behind = std::upper_bound(
      versions.begin(), versions.end(), until,
      [](Timestamp wanted, const Version& version) { return wanted < version.time; });
  return behind == versions.begin() ? nullptr : &*std::prev(behind);
}

archive::KeptVersion LogTail::Keep(const Bytes& key, const Version& version) {
  archive::KeptVersion kept;
  kept.key = key;
  kept.time = version.time;
  if (version.value) kept.value = *version.value;
  kept.access_key = version.origin->access_key;
  kept.request_id = version.origin->request_id;
  return kept;
}

std::optional<archive::KeptVersion> LogTail::NewestOf(const Bytes& key, Timestamp until) const {
  std::shared_lock lock(mutex_);
  const auto row = rows_.find(key);
  const Version* version = row == rows_.end() ? nullptr : NewestOf(row->second, until);
  if (!version) return std::nullopt;
  return Keep(key, *version);
}

std::vector<archive::KeptVersion> LogTail::VersionsOf(const Bytes& key, Timestamp until) const {
  std::vector<archive::KeptVersion> kept;
  std::shared_lock lock(mutex_);
  const auto row = rows_.find(key);
  if (row == rows_.end()) return kept;
  for (auto version = row->second.rbegin(); version != row->second.rend(); ++version) {
    if (version->time <= until) kept.push_back(Keep(key, *version));
  }
  return kept;
}

// Takes some rows at a time, so that the tail goes on meanwhile.
class LogTail::Stream : public archive::VersionStream {
 public:
  Stream(const LogTail& tail, Bytes begin, Bytes end, Timestamp until, bool reverse)
      : tail_(tail),
        begin_(std::move(begin)),
        end_(std::move(end)),
        until_(until),
        reverse_(reverse) {}

  Result<const archive::RowVersion*> Next() override {
    if (given_ == rows_.size()) {
      if (done_) return nullptr;
      Refill();
      if (rows_.empty()) return nullptr;
    }
    out_ = rows_[given_++].View();
    return &out_;
  }

 private:
  void Refill() {
    rows_.clear();
    given_ = 0;
    std::shared_lock lock(tail_.mutex_);
    auto first = tail_.rows_.lower_bound(begin_);
    auto last = end_.empty() ? tail_.rows_.end() : tail_.rows_.lower_bound(end_);
    done_ = !end_.empty() && begin_ >= end_;
    size_t bytes = 0;
    while (!done_ && first != last && rows_.size() < kRowsAtATime && bytes < kBytesAtATime) {
      const auto& [key, versions] = reverse_ ? *--last : *first++;
      const Version* version = NewestOf(versions, until_);
      if (!version) continue;
      bytes += key.size() + (version->value ? version->value->size() : 0);
      rows_.push_back(Keep(key, *version));
    }
    done_ = done_ || first == last;
    if (done_) return;
    if (reverse_) {
      end_ = last->first;
    } else {
      begin_ = first->first;
    }
  }

  const LogTail& tail_;
  Bytes begin_, end_;
  const Timestamp until_;
  const bool reverse_;
  bool done_ = false;
  std::vector<archive::KeptVersion> rows_;
  size_t given_ = 0;
  archive::RowVersion out_;
};

std::unique_ptr<archive::VersionStream> LogTail::Newest(Bytes begin, Bytes end, Timestamp until,
                                                        bool reverse) const {
  return std::make_unique<Stream>(*this, std::move(begin), std::move(end), until, reverse);
}

LogTail::Counts LogTail::Count() const {
  archive::Activity activity;
  Counts counts;
  std::shared_lock lock(mutex_);
  for (const Event& event : events_) activity.Add(event.event);
  std::vector<Bytes> names(access_keys_.size());
  for (const auto& [name, number] : access_keys_) names[number] = name;
  counts.seconds = activity.seconds();
  for (const archive::Burst& burst : activity.Bursts())
    counts.bursts.emplace_back(names[burst.access_key], burst);
  return counts;
}

size_t LogTail::memory_bytes() const {
  std::shared_lock lock(mutex_);
  return memory_;
}

}  // namespace tidemark::pitr
