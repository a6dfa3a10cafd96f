// Copies that another server hands to this one (docs/formats/peer_copies.md): begun by an offer,
// filled with the files that are not here, and then recovery points like any other.
//
// A record and a recovery point that is CREATING are stored first, then files are taken; the
// backup's record is stored when all are there and compared. Each act may be asked for again.
#pragma once
#include <atomic>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "backup/arriving_files.h"
#include "base/random.h"
#include "catalog/catalog.h"
#include "kms/key_store.h"
#include "peer/copy_message.h"
#include "vault/vaults.h"

namespace tidemark::vault {

// What it works with; all of it outlives it.
struct ArrivalParts {
  VaultStore& store;
  catalog::Catalog& catalog;
  catalog::Shards& shards;
  engine::Engine& engine;
  const kms::KeyStore& keys;
  Random& random;
};

// Who asks, of which copy.
struct ArrivalName {
  Place place;  // where it comes to
  std::string job;
  std::string sender;  // ARN
};

// Thread-safe. Blocking; durable on return.
class Arrivals {
 public:
  explicit Arrivals(ArrivalParts parts) : parts_(std::move(parts)) {}
  ~Arrivals() { Stop(); }

  struct Offer {
    std::string vault;  // name; the sender may copy into it
    peer::CopyTerms terms;
    std::vector<std::string> bases;
    std::string base;
    std::vector<peer::OfferedFile> files;
  };
  // Begins it, or finds it. Faults: kNotFound (the vault), kInvalidRequest: the vault's lock or key
  // does not let it in. kAccessDenied: it is another's. kSerialization, kCorruption: the terms.
  // kNotFound: the base is not here, or is not what the sender takes it for.
  Result<peer::CopyStatus> Begin(const ArrivalName& name, const Offer& offer, Timestamp now);
  // kNotFound: it was never begun, or given up.
  Result<uint64_t> Put(const ArrivalName& name, std::string_view file, uint64_t offset,
                       BytesView bytes);
  // Rows of what was made of a base are read first, and compared with what the sender's log
  // recorded; while that goes on it is kLooking.
  Result<peer::CopyStatus> Finish(const ArrivalName& name, Timestamp now);
  Result<void> Cancel(const ArrivalName& name);

  // Gives up what nobody goes on with, and removes files that belong to none. Regularly.
  void Tend(const std::function<Timestamp(const Region&)>& now);
  void Stop();  // ends comparisons; once or more often

 private:
  using Checks = std::map<std::string, std::shared_future<Result<void>>>;
  // One act at a time on each copy; others go on beside it, however long it takes.
  std::shared_ptr<std::mutex> MutexOf(const Place& place, const std::string& job);
  bool IsDistrusted(const std::string& origin) const;
  Result<Ptr<ArrivalRecord>> FindArrival(const ArrivalName& name) const;
  Ptr<PointRecord> FindMade(const ArrivalName& name) const;
  Result<Ptr<ArrivalRecord>> Record(const ArrivalName& name, const Offer& offer, Timestamp now);
  Result<peer::CopyStatus> Take(const ArrivalRecord& arrival, const Offer& offer);
  Result<backup::ArrivingFiles> BeginFiles(const ArrivalRecord& arrival, const Offer& offer,
                                           const std::string& directory);
  Result<void> PutKeys(const ArrivalRecord& arrival, const backup::ArrivingFiles& files,
                       const Offer& offer);
  // Where the sender's recovery point lies that has become one here; kNotFound.
  Result<std::string> ImageOfBase(const ArrivalRecord& arrival, const std::string& origin) const;
  std::string FirstBase(const ArrivalRecord& arrival, const Offer& offer) const;
  // False: that goes on.
  Result<bool> Checked(const ArrivalRecord& arrival, const backup::ArrivingFiles& files);
  Result<void> CheckRows(const ArrivalRecord& arrival, const std::string& files);
  Result<void> Publish(const ArrivalRecord& arrival, const backup::ArrivingFiles& files);
  Result<void> GiveUp(const ArrivalRecord& arrival);
  Result<std::string> DirectoryOf(const ArrivalRecord& arrival);
  std::vector<std::string> Images() const;

  const ArrivalParts parts_;
  mutable std::mutex mutex_;  // of what is below; held for moments only, and within those of copies
  std::map<std::string, std::weak_ptr<std::mutex>> acts_;  // by place and job
  Checks checks_;  // by image; those that have not been asked for again since they ended
  std::set<std::string> distrusted_;   // origins of which what was made did not add up
  std::atomic<bool> stopping_{false};  // set under mutex_
};

// The ARN of the key for which an arriving copy's data keys are to be wrapped, by the id it arrives
// under; nothing: none does.
std::optional<std::string> KeyOfArrival(const VaultStore& store, TableId sealed_for);

}  // namespace tidemark::vault
