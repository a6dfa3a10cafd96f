// What acts on a store say in it for a while, so that none undoes what another relies on
// (docs/formats/stored_backup.md): an intent names the files a copy relies on, a removal those that
// are about to go. One is valid until its time; clocks of servers that share a store must agree to
// within kClocksApart.
#pragma once
#include <set>
#include <string>
#include <vector>

#include "backup/stored_backup.h"
#include "base/clock.h"

namespace tidemark::backup {

inline constexpr std::string_view kIntents = "intents/";
inline constexpr std::string_view kRemovals = "removals/";
constexpr auto kClocksApart = std::chrono::minutes(5);

struct StoreLease {
  std::string name;
  Timestamp until{};
  std::set<std::string> files;  // names of blobs
};

std::string NewLeaseName(std::string_view prefix);
// Durable on return.
Result<void> PutLease(blob::BlobStore& store, const StoreLease& lease);
// All of that prefix, also those that have ended. kCorruption names one that does not read: nobody
// knows what it stands for.
Result<std::vector<StoreLease>> ReadLeases(blob::BlobStore& store, std::string_view prefix);

// Names of the blobs of a backup's files.
std::set<std::string> BlobsOf(const StoredBackup& stored);

}  // namespace tidemark::backup
