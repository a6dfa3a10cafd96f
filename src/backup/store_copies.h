// Copies of backups in a blob store: made, listed, verified, fetched back
// (docs/formats/stored_backup.md for the order of acts). Blocking; thread-safe.
#pragma once
#include <atomic>
#include <string>
#include <vector>

#include "backup/store_leases.h"
#include "backup/stored_backup.h"
#include "backup/stored_growth.h"
#include "base/clock.h"

namespace tidemark::backup {

// Of one act, as it goes on; read and stopped by other threads.
struct CopyProgress {
  std::atomic<uint64_t> bytes_done{0};   // found, sent, read or fetched
  std::atomic<uint64_t> bytes_total{0};  // 0 until it is known
  std::atomic<bool> stop{false};         // the act ends with kCancelled, soon
};

class StoreCopies {
 public:
  // Borrows everything.
  StoreCopies(blob::BlobStore& store, crypto::DataKeyProvider& keys, const Clock& clock)
      : store_(store), keys_(keys), clock_(clock) {}

  // `image`: the directory of the backup, which is AVAILABLE. Gives the manifest's name. Durable:
  // the copy, as the store makes it. After an error there is no manifest that was not there before,
  // unless the store does not take its deletion either; the next copy goes on from the files that
  // are there. kUnavailable also: some of its files
  // are being removed by another, or it was held up for so long that it cannot rely on them, or the
  // older backup it was made of went meanwhile. `growth`: what it may be made of.
  Result<std::string> Copy(const catalog::BackupRecord& backup, const std::string& image,
                           CopyProgress& progress, const Growth* growth = nullptr);

  // Names of the account's manifests behind `after` ("": from the first), `limit` at most.
  struct Names {
    std::vector<std::string> manifests;
    bool more = false;
  };
  Result<Names> List(const AccountId& account, const std::string& after, size_t limit);
  Result<StoredBackup> Read(std::string_view manifest);  // kNotFound, kCorruption

  // Reads every file whole. kCorruption, kNotFound: names the file.
  Result<StoredBackup> Verify(std::string_view manifest, CopyProgress& progress);

  // Into `directory`, which is made and must not be there. Durable: the files and their names in
  // it.
  Result<StoredBackup> Fetch(std::string_view manifest, const std::string& directory,
                             CopyProgress& progress);

 private:
  // The intent names the files that the copy relies on; it is put again while that goes on.
  Result<void> Declare(blob::BlobStore& store, StoreLease& intent) const;
  Result<void> CheckStaying(blob::BlobStore& store, const StoreLease& intent) const;
  // Where a copy's files lie here.
  struct Origin {
    std::vector<std::string> places;  // directories
    bool has_all = true;              // the first does; else some may be in the store only
    bool was_stored = false;          // there was a manifest
  };
  Result<std::string> CopyFiles(const catalog::BackupRecord& backup, const std::string& image,
                                CopyProgress& progress, const Growth* growth);
  Result<void> ChooseFiles(blob::BlobStore& store, const Growth* growth, StoredBackup& stored,
                           Origin& origin, const CopyProgress& progress) const;
  Result<std::string> PlaceOf(const StoredFile& file, const Origin& origin,
                              const CopyProgress& progress) const;
  Result<void> PutFile(blob::BlobStore& store, const StoredFile& file, const Origin& origin,
                       const CopyProgress& progress) const;
  Result<void> PutAll(blob::BlobStore& store, const StoredBackup& stored, const Origin& origin,
                      StoreLease& intent, CopyProgress& progress) const;
  Result<void> PutAgain(blob::BlobStore& store, const std::vector<const StoredFile*>& found,
                        const Origin& origin, const CopyProgress& progress) const;
  Result<StoredBackup> ReadFrom(blob::BlobStore& store, std::string_view manifest) const;
  void TidyUp(const StoreLease& intent);

  blob::BlobStore& store_;
  crypto::DataKeyProvider& keys_;
  const Clock& clock_;
};

}  // namespace tidemark::backup
