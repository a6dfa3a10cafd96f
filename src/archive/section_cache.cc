#include "archive/section_cache.h"

#include "archive/run_reader.h"
#include "archive/run_writer.h"

namespace tidemark::archive {
namespace {

constexpr size_t kEntryBytes = 160;  // of the list and the map

}  // namespace

Result<std::shared_ptr<const Section>> SectionCache::Get(const View& view, const RunInfo& run,
                                                         TableId table,
                                                         const crypto::Key256& history_key) {
  const Id id{table, run.id};
  {
    std::lock_guard lock(mutex_);
    const auto at = places_.find(id);
    if (at != places_.end()) {
      entries_.splice(entries_.begin(), entries_, at->second);
      return at->second->section;
    }
  }
  TM_TRY(auto opened, Run::Open(RunPath(view.directory(), run.id), run, view.keys()));
  TM_TRY(auto section, Section::Open(std::move(opened), table, history_key, Section::For::kRows));
  std::lock_guard lock(mutex_);
  if (const auto at = places_.find(id); at != places_.end()) return at->second->section;
  const size_t bytes = kEntryBytes + (section ? section->memory_bytes() : 0);
  entries_.push_front({id, section, bytes});
  places_[id] = entries_.begin();
  memory_ += bytes;
  while (memory_ > memory_max_ && entries_.size() > 1) {
    memory_ -= entries_.back().bytes;
    places_.erase(entries_.back().id);
    entries_.pop_back();
  }
  return section;
}

void SectionCache::Forget(TableId table) {
  std::lock_guard lock(mutex_);
  auto at = places_.lower_bound({table, RunId{}});
  while (at != places_.end() && at->first.first == table) {
    memory_ -= at->second->bytes;
    entries_.erase(at->second);
    at = places_.erase(at);
  }
}

size_t SectionCache::memory_bytes() const {
  std::lock_guard lock(mutex_);
  return memory_;
}

}  // namespace tidemark::archive
