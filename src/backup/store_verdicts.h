// When each stored backup was last read whole, and what came of it: kept in the store, sealed as
// manifests are (docs/formats/stored_backup.md). And the reading itself, a share at a time.
// Blocking; thread-safe.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "backup/store_copies.h"

namespace tidemark::backup {

struct Verdict {
  Timestamp at{};
  std::string fault;  // "": sound
};

constexpr auto kVerifyInterval = std::chrono::hours(1);
constexpr auto kVerifyPeriod = std::chrono::hours(24) * 30;

class StoreVerdicts {
 public:
  // Borrows everything.
  StoreVerdicts(blob::BlobStore& store, crypto::DataKeyProvider& keys, StoreCopies& copies,
                const Clock& clock)
      : store_(store), keys_(keys), copies_(copies), clock_(clock) {}

  // StoreCopies::Verify, and notes what came of it, if it came to an end.
  Result<StoredBackup> Verify(const std::string& manifest, CopyProgress& progress);

  // Nothing: it was never verified, or what is noted does not open.
  Result<std::optional<Verdict>> Find(std::string_view manifest);

  // One that was found damaged and has files of the stored `backup`: that itself, or another of its
  // table. "": none has, or it is not stored. kCancelled: `progress`.
  Result<std::string> FindDamaged(const catalog::BackupRecord& backup,
                                  const CopyProgress& progress);

  // Verifies backups that were not for kVerifyPeriod, the longest ago first; as many as it takes
  // for all to have their turn within that, if it is called every kVerifyInterval. Of all accounts,
  // but not those of another root key. Gives what is wrong.
  Result<std::vector<Error>> VerifyShare(CopyProgress& progress);

 private:
  Result<void> Note(std::string_view manifest, const Verdict& verdict);

  blob::BlobStore& store_;
  crypto::DataKeyProvider& keys_;
  StoreCopies& copies_;
  const Clock& clock_;
};

// Of a verdict; "" if `manifest` is no manifest's name.
std::string VerdictName(std::string_view manifest);

}  // namespace tidemark::backup
