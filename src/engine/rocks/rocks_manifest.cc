// What RocksDB may delete while a MANIFEST could not be written.
//
// RocksDB goes over to a new MANIFEST then. If that cannot be written either, it takes the new one
// for its own, whatever there is of it: it names it among its live files, with no bytes, and would
// delete the one before it, which CURRENT still names. Until a MANIFEST is known to be whole again
// nothing may be deleted. RocksDB sees to that after a failed flush, compaction or ingestion, and
// leaves it to us to allow it again; after a failed change of options it does not.
#include "engine/rocks/rocks_status.h"
#include "engine/rocks/rocks_store.h"

namespace tidemark::engine {

Result<void> RocksStore::ChangeOptions(const Changes& changes, const char* act) {
  TM_TRYV(CheckRocks(db_->DisableFileDeletions(), What(act)));
  if (rocksdb::Status changed = db_->SetOptions(changes); !changed.ok()) {
    listener_->AddDeletionsStopped(1);
    return Fail(FromRocks(changed, What(act)));
  }
  return CheckRocks(db_->EnableFileDeletions(/*force=*/false), What(act));
}

Result<void> RocksStore::RenewManifest() {
  // As it is anyway: any change of options is a record in the MANIFEST, in a new one after a
  // failure.
  return ChangeOptions({{"report_bg_io_stats", "false"}}, "write the MANIFEST of");
}

void RocksStore::AllowDeletions() {
  // In this order: a failure meanwhile stops them anew, and is not among those taken.
  const int stopped = listener_->TakeDeletionsStopped();
  if (stopped == 0) return;
  if (!RenewManifest()) return listener_->AddDeletionsStopped(stopped);
  for (int i = 0; i < stopped; ++i) {
    db_->EnableFileDeletions(/*force=*/false).PermitUncheckedError();  // never fails
  }
}

Result<std::vector<std::string>> RocksStore::LiveFiles(uint64_t* manifest_bytes) {
  std::vector<std::string> names;
  const auto list = [&] {
    return CheckRocks(db_->GetLiveFiles(names, manifest_bytes, /*flush_memtable=*/false),
                      What("list the files of"));
  };
  TM_TRYV(list());
  if (*manifest_bytes == 0) {
    TM_TRYV(RenewManifest());
    TM_TRYV(list());
  }
  if (*manifest_bytes == 0) {
    return Fail(ErrorKind::kIo, "{}: its MANIFEST could not be written", What("list the files of"));
  }
  return names;
}

}  // namespace tidemark::engine
