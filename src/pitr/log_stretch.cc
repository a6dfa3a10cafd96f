#include "pitr/log_stretch.h"

#include <algorithm>

#include "codec/varint.h"

namespace tidemark::pitr {
namespace {

constexpr size_t kBlockBytes = 4096;  // frames begin at multiples of it

uint64_t KeyBegin(BytesView key) {
  char bytes[8] = {};
  std::ranges::copy(key.substr(0, sizeof bytes), bytes);
  return codec::LoadBig64(bytes);
}

}  // namespace

std::vector<log::Position> StretchesOf(const log::CommitLog& log, log::Position from,
                                       Timestamp until, size_t bytes) {
  const size_t step = std::max(bytes / kBlockBytes, size_t{1}) * kBlockBytes;
  std::vector<log::Position> begins{from};
  for (const log::SegmentInfo& segment : log.Segments()) {
    if (segment.bytes == 0 || segment.segment < from.segment) continue;
    if (segment.segment > from.segment && segment.first_commit > until) break;
    for (uint64_t offset = 0; offset < segment.bytes; offset += step) {
      const log::Position at{log.log_id(), segment.segment, static_cast<uint32_t>(offset)};
      if (at > begins.back()) begins.push_back(at);
    }
  }
  return begins;
}

Result<LogStretch> LogStretch::Read(log::CommitLog& log, TableId table, log::Position from,
                                    std::optional<log::Position> to, Timestamp until,
                                    const std::function<Result<void>()>& goes_on) {
  LogStretch stretch;
  TM_TRY(auto reader, log.Read(from));
  while (true) {
    TM_TRYV(goes_on());
    TM_TRY(const auto frame, reader->Next());
    stretch.ends_it_ = !frame || frame->header.first_commit > until;
    if (stretch.ends_it_ || (to && frame->header.position >= *to)) break;
    auto taken = stretch.Take(*frame, table, until);
    if (!taken) return Fail(WithContext(taken.error(), "{}", frame->header.position.ToString()));
  }
  stretch.Sort();
  return stretch;
}

Result<void> LogStretch::Take(const log::Frame& frame, TableId table, Timestamp until) {
  shard::ChangeViewReader changes(frame.payload);
  while (true) {
    TM_TRY(const shard::ChangeView* next, changes.Next());
    if (!next || next->commit_time > until) return {};
    for (const shard::TableView& change : next->tables) {
      if (change.table != table || change.rows.empty()) continue;
      totals_ = change.totals;
      changes_ += change.rows.size();
      for (const shard::RowView& row : change.rows) {
        std::optional<BytesView> value;
        if (row.value) value = bytes_.Keep(*row.value);
        rows_.push_back({KeyBegin(row.key), bytes_.Keep(row.key), next->commit_time, value});
      }
    }
  }
}

// What was written last of each row is kept; the bytes of what was before it stay for as long.
void LogStretch::Sort() {
  std::ranges::reverse(rows_);
  std::ranges::stable_sort(rows_, [](const Row& a, const Row& b) {
    return a.key_begin != b.key_begin ? a.key_begin < b.key_begin : a.key < b.key;
  });
  const auto doubles = std::ranges::unique(rows_, {}, &Row::key);
  rows_.erase(doubles.begin(), doubles.end());
}

class LogStretch::RowStream : public archive::VersionStream {
 public:
  using Rows = std::vector<Row>;
  RowStream(Rows::const_iterator next, Rows::const_iterator end) : next_(next), end_(end) {}

  Result<const archive::RowVersion*> Next() override {
    if (next_ == end_) return nullptr;
    const Row& row = *next_++;
    out_ = {
        .key = row.key, .time = row.time, .value = row.value, .access_key = {}, .request_id = {}};
    return &out_;
  }

 private:
  Rows::const_iterator next_, end_;
  archive::RowVersion out_;
};

std::unique_ptr<archive::VersionStream> LogStretch::Rows(const Bytes& begin,
                                                         const Bytes& end) const {
  const auto at = [this](BytesView key) {
    return std::ranges::lower_bound(rows_, key, {}, &Row::key);
  };
  return std::make_unique<RowStream>(at(begin), end.empty() ? rows_.end() : at(end));
}

}  // namespace tidemark::pitr
