// What was written, remembered outside the process that wrote it.
#pragma once
#include <map>
#include <vector>

#include "base/clock.h"
#include "oracle/protocol.h"
#include "storage.h"

namespace tidemark::oracle {

struct Commit {
  int64_t time = 0;  // microseconds
  uint32_t key = 0;
  uint64_t seed = 0;
};

// Of one table.
class TableModel {
 public:
  void Add(const Commit& commit) { commits_.push_back(commit); }
  // After Add, before anything else is asked.
  void Sort();
  void Clear() { *this = {}; }
  const std::vector<Commit>& commits() const { return commits_; }
  // Of the newest commit of the row; nothing: there is none.
  const Commit* NewestOf(uint32_t key) const;
  // The rows after the last commit at or before `time`. Quick where times asked for ascend.
  Rows At(Timestamp time);

 private:
  std::vector<Commit> commits_;
  size_t sorted_ = 0;
  std::map<uint32_t, Commit> newest_;
  // Where the last question ended.
  std::map<uint32_t, uint64_t> state_;
  size_t next_ = 0;
  int64_t asked_ = 0;
};

class Model {
 public:
  void Take(const Record& record);
  // The writes that were asked for and never answered, by request.
  std::vector<std::vector<Record>> TakeUnknown();
  TableModel& table(int number) { return tables_[number]; }
  uint64_t acknowledged() const { return acknowledged_; }
  void Sort();

 private:
  TableModel tables_[kTables];
  std::map<uint64_t, std::vector<Record>> asked_;  // by request
  uint64_t acknowledged_ = 0;
};

}  // namespace tidemark::oracle
