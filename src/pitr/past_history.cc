// What was done to a table: versions of a row, and counts, from the log's tail and from runs.
#include <algorithm>

#include "pitr/past.h"

namespace tidemark::pitr {
namespace {

// The tail's versions, then those of runs, which are older.
class RowVersions : public archive::VersionStream {
 public:
  RowVersions(std::vector<archive::KeptVersion> newest,
              std::unique_ptr<archive::VersionStream> older, Timestamp until)
      : newest_(std::move(newest)), older_(std::move(older)), until_(until) {}

  Result<const archive::RowVersion*> Next() override {
    if (given_ < newest_.size()) {
      out_ = newest_[given_++].View();
      return &out_;
    }
    while (older_) {
      TM_TRY(const archive::RowVersion* version, older_->Next());
      if (!version || version->time <= until_) return version;
    }
    return nullptr;
  }

 private:
  const std::vector<archive::KeptVersion> newest_;
  const std::unique_ptr<archive::VersionStream> older_;
  const Timestamp until_;
  size_t given_ = 0;
  archive::RowVersion out_;
};

}  // namespace

std::unique_ptr<archive::VersionStream> TablePast::VersionsOf(const Bytes& key) const {
  return std::make_unique<RowVersions>(tail_->VersionsOf(key, until_),
                                       history_ ? history_->VersionsOf(key) : nullptr, until_);
}

Result<std::vector<archive::SecondActivity>> TablePast::Activity() const {
  std::vector<archive::SecondActivity> all;
  if (history_) {
    TM_TRY(all, history_->Activity(from_, until_));
  }
  const auto second_of = [](Timestamp time) {
    return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  };
  for (const archive::SecondActivity& entry : tail_->Count().seconds) {
    if (entry.second < second_of(from_) || entry.second > second_of(until_)) continue;
    if (all.empty() || all.back().second != entry.second) {
      all.push_back(entry);
      continue;
    }
    all.back().puts += entry.puts;
    all.back().overwrites += entry.overwrites;
    all.back().deletes += entry.deletes;
  }
  return all;
}

Result<std::vector<archive::TableHistory::BurstBy>> TablePast::Bursts() const {
  std::vector<archive::TableHistory::BurstBy> all;
  if (history_) {
    TM_TRY(all, history_->Bursts(from_, until_));
  }
  for (auto& [access_key, burst] : tail_->Count().bursts) {
    if (burst.last >= from_ && burst.first <= until_) all.push_back({access_key, burst});
  }
  return all;
}

}  // namespace tidemark::pitr
