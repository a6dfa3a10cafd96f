// What a storage was asked to keep: the oracle of a test that stops it at any moment. It lives
// outside the storage and learns only from answers.
#pragma once
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "faults/row_history.h"
#include "faults/tag_history.h"

namespace tidemark::faults {

inline const AccountId kAccount("123456789012");
inline const Region kRegion("us-east-1");

struct TableModel {
  // kCreating, kDropping: asked for and not answered; either may be found.
  enum class State { kCreating, kThere, kDropping, kGone };

  TableId id;
  std::string name;
  std::atomic<State> state = State::kCreating;
  std::optional<bool> recovery = false;  // point-in-time; none: asked for and not answered
  RowHistory rows;
  TagHistory tag;  // for settings
  // Its stream, by label, and since when it shows every change: since it was known to be on.
  std::string stream;
  Timestamp stream_from{};
};
using ModelPtr = std::shared_ptr<TableModel>;

// Writes that are one, and were not answered: all of them happen or none does.
struct CutTransaction {
  struct Part {
    ModelPtr model;
    Bytes key;
    size_t number = 0;  // in the model
  };
  std::vector<Part> parts;
};

struct BackupModel {
  TableId source;
  Timestamp as_of;
  bool deleting = false;  // asked for, maybe not answered
};

class World {
 public:
  explicit World(size_t slots) : slots_(slots) {}

  // Table names: slots that hold a table or none. Threads: any.
  size_t slots() const { return slots_.size(); }
  std::string SlotName(size_t slot) const { return "Table" + std::to_string(slot); }
  ModelPtr InSlot(size_t slot) const {
    std::lock_guard lock(mutex_);
    return slots_[slot];
  }
  void SetSlot(size_t slot, ModelPtr model) {
    std::lock_guard lock(mutex_);
    if (model) models_[model->id] = model;
    slots_[slot] = std::move(model);
  }
  // Of any table that ever was, also one dropped long ago. Null: nobody asked for it.
  ModelPtr Find(TableId id) const {
    std::lock_guard lock(mutex_);
    const auto at = models_.find(id);
    return at == models_.end() ? nullptr : at->second;
  }

  // Of the last round. Threads: any, while it is worked; then who checks.
  void AddCut(CutTransaction cut) {
    std::lock_guard lock(mutex_);
    cut_.push_back(std::move(cut));
  }
  std::vector<CutTransaction> TakeCut() { return std::exchange(cut_, {}); }

  // One thread: who operates, later who checks.
  std::map<std::string, BackupModel> backups;  // by ARN
  std::set<TableId> restores;                  // targets acknowledged and not yet checked
  uint64_t names = 0;                          // of restored tables, for fresh ones

 private:
  mutable std::mutex mutex_;
  std::vector<ModelPtr> slots_;
  std::map<TableId, ModelPtr> models_;
  std::vector<CutTransaction> cut_;
};

}  // namespace tidemark::faults
