#include "oracle/model.h"

#include <algorithm>

#include "item/item_codec.h"

namespace tidemark::oracle {

void TableModel::Sort() {
  const auto begin = commits_.begin() + static_cast<ptrdiff_t>(sorted_);
  const auto earlier = [](const Commit& a, const Commit& b) { return a.time < b.time; };
  std::sort(begin, commits_.end(), earlier);
  for (auto commit = begin; commit != commits_.end(); ++commit) newest_[commit->key] = *commit;
  std::inplace_merge(commits_.begin(), begin, commits_.end(), earlier);
  sorted_ = commits_.size();
}

const Commit* TableModel::NewestOf(uint32_t key) const {
  const auto found = newest_.find(key);
  return found == newest_.end() ? nullptr : &found->second;
}

Rows TableModel::At(Timestamp time) {
  const int64_t until = ToMicros(time);
  if (until < asked_) {
    state_.clear();
    next_ = 0;
  }
  asked_ = until;
  for (; next_ < commits_.size() && commits_[next_].time <= until; ++next_) {
    if (commits_[next_].seed != 0) {
      state_[commits_[next_].key] = commits_[next_].seed;
    } else {
      state_.erase(commits_[next_].key);
    }
  }
  Rows rows;
  for (const auto& [key, seed] : state_)
    rows[RowKeyOf(key)] = item::EncodeItem(MakeItem(key, seed));
  return rows;
}

void Model::Take(const Record& record) {
  if (record.kind == RecordKind::kIntent) {
    asked_[record.request].push_back(record);
    return;
  }
  asked_.erase(record.request);
  if (record.kind != RecordKind::kDone) return;
  ++acknowledged_;
  tables_[record.table].Add({record.time, record.key, record.seed});
}

std::vector<std::vector<Record>> Model::TakeUnknown() {
  std::vector<std::vector<Record>> unknown;
  for (auto& [request, records] : asked_) unknown.push_back(std::move(records));
  asked_.clear();
  return unknown;
}

void Model::Sort() {
  for (auto& table : tables_) table.Sort();
}

}  // namespace tidemark::oracle
