// The storage of one data directory as both processes open it, and its three tables.
#pragma once
#include <memory>

#include "oracle/protocol.h"
#include "storage.h"

namespace tidemark::oracle {

inline const AccountId kAccount("123456789012");
inline const Region kRegion("us-east-1");

class World {
 public:
  explicit World(const Settings& settings);

  // Opens it, with a clock that is off by so much, and takes up what was cut off. Throws.
  void Open(int64_t clock_offset_us);
  void Close() { storage_.reset(); }
  // With two indexes, and recovery on from its first commit on. Throws.
  void CreateTable(int table);
  // As DeleteTable: leaves a SYSTEM backup. Throws.
  void DropTable(int table);
  // Of table 0: adds the index `late`, or drops it if it is there.
  void ChangeSomeIndex();

  TableId IdOf(int table) const;
  catalog::TablePtr RecordOf(int table) const { return storage_->catalog->FindTable(IdOf(table)); }
  Storage& storage() { return *storage_; }
  shard::Shard& shard() { return *storage_->regions->Find(kRegion); }
  SteppedClock& clock() { return clock_; }

 private:
  const Settings settings_;
  SteppedClock clock_;
  kms::RootKeyProvider keys_;
  std::unique_ptr<Storage> storage_;
};

}  // namespace tidemark::oracle
