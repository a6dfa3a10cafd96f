// An image of a table: links on its files, taken without a flush.
#include <utility>

#include "base/files.h"
#include "base/log.h"
#include "engine/rocks/directory.h"
#include "engine/rocks/rocks_status.h"
#include "engine/rocks/rocks_store.h"

namespace tidemark::engine {
namespace {

// Keeps RocksDB from deleting files that are about to be linked.
class DeletionsOff {
 public:
  explicit DeletionsOff(rocksdb::DB& db) : db_(db), status_(db.DisableFileDeletions()) {}
  DeletionsOff(const DeletionsOff&) = delete;
  DeletionsOff& operator=(const DeletionsOff&) = delete;
  ~DeletionsOff() {
    if (!status_.ok()) return;
    if (rocksdb::Status on = db_.EnableFileDeletions(/*force=*/false); !on.ok()) {
      LogError("obsolete table files are kept: {}", on.ToString());
    }
  }
  const rocksdb::Status& status() const { return status_; }

 private:
  rocksdb::DB& db_;
  rocksdb::Status status_;
};

}  // namespace

Result<TableStore::Pinned> RocksStore::FillPin(const std::string& aside) {
  Pinned pinned;
  DeletionsOff deletions_off(*db_);
  TM_TRYV(CheckRocks(deletions_off.status(), What("pin")));
  uint64_t manifest_bytes = 0;
  TM_TRY(auto names, LiveFiles(&manifest_bytes));
  std::string directory = files_->directory();
  for (std::string& name : names) {
    name.erase(0, name.find_first_not_of('/'));
    if (name.ends_with(".sst")) {
      TM_TRYV(Link(directory + "/" + name, aside + "/" + name));
    } else if (name.starts_with("MANIFEST-")) {
      // It is being appended to: copied to where the listed files were complete, then synced.
      TM_TRY(Bytes manifest, files_->ReadPrefix(name, manifest_bytes));
      TM_TRYV(files_->WriteElsewhere(aside + "/" + name, manifest));
      TM_TRYV(files_->WriteElsewhere(aside + "/CURRENT", name + "\n"));
    } else if (name != "CURRENT") {
      return Fail(ErrorKind::kInternal, "{}: no rule for {}", What("pin"), name);
    }
  }
  // Only ever replaced as a whole.
  TM_TRYV(Link(directory + "/" + kKeysFile, aside + "/" + kKeysFile));
  names.push_back(kKeysFile);
  for (const std::string& name : names) {
    TM_TRY(uint64_t bytes, FileSize(aside + "/" + name));
    pinned.bytes += bytes;
  }
  return pinned;
}

Result<TableStore::Pinned> RocksStore::Pin(const std::string& directory) {
  TM_TRY(std::string aside, MakeAside(directory));
  Result<Pinned> pinned = FillPin(aside);
  if (pinned) {
    if (Result<void> published = Publish(aside, directory); !published) {
      pinned = Fail(std::move(published).error());
    }
  }
  if (!pinned) {
    if (Result<void> removed = RemoveTree(aside); !removed) LogWarn("{}", removed.error().message);
  }
  return pinned;
}

}  // namespace tidemark::engine
