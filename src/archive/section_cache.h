// Sections of runs, opened to read rows and kept: which are in use is decided by memory.
//
// Threads: any.
#pragma once
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "archive/archive.h"
#include "crypto/secret.h"

namespace tidemark::archive {

class Section;

class SectionCache {
 public:
  // Least recently used ones go when all together take more than `memory_max` bytes.
  explicit SectionCache(size_t memory_max) : memory_max_(memory_max) {}

  // Null: the run holds nothing of the table. Errors: those of Run::Open and Section::Open.
  Result<std::shared_ptr<const Section>> Get(const View& view, const RunInfo& run, TableId table,
                                             const crypto::Key256& history_key);
  // Drops a table's sections, and with them what can be derived of its history key.
  void Forget(TableId table);
  size_t memory_bytes() const;

 private:
  using Id = std::pair<TableId, RunId>;
  struct Entry {
    Id id;
    std::shared_ptr<const Section> section;
    size_t bytes = 0;
  };

  const size_t memory_max_;
  mutable std::mutex mutex_;  // all that follows
  std::list<Entry> entries_;  // the last used first
  std::map<Id, std::list<Entry>::iterator> places_;
  size_t memory_ = 0;
};

}  // namespace tidemark::archive
