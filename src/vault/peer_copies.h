// Copy jobs whose vault another server has: on a thread of their own, one after the other.
//
// Each attempt offers the copy, which begins it there or finds it as it was left, sends what is
// lacked there, and has it finished. So a job goes on after a crash of either server where it was,
// and asking twice for anything makes nothing twice. What may pass (nobody answers, a full disk) is
// tried again, at longer and longer intervals, until the job's windows are over.
//
// Where the other server has an older recovery point of the table, and the rows that changed since
// are less than the files it lacks, those rows are sent: as a run, in leaving/JOB/ of the Region
// until the job has ended.
#pragma once
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "vault/copy_jobs.h"

namespace tidemark::vault {

// What it works with; all of it outlives it.
struct PeerCopyParts {
  VaultStore& store;
  catalog::Catalog& catalog;
  catalog::Shards& shards;
  engine::Engine& engine;
  CopyJobs& jobs;
  peer::Peers& peers;
  Random& random;
  CopyJobs::Now now;
};

class PeerCopies {
 public:
  explicit PeerCopies(PeerCopyParts parts) : parts_(std::move(parts)) {}
  ~PeerCopies() { Stop(); }

  void Start();
  void Stop();  // ends the attempt at hand; once or more often

  // An attempt at each job that is due. Thread: its own, or a test's.
  void Step();

 private:
  struct Attempt {
    int failures = 0;
    std::chrono::steady_clock::time_point next;
  };
  struct Sent {
    uint64_t files = 0, bytes = 0;
  };
  // One attempt: what is sent, and from where.
  struct Parcel {
    const CopyJobRecord& job;
    const catalog::BackupRecord& source;
    peer::PeerClient& client;
    peer::CopyName name;
    std::string image;    // directory of the source
    std::string leaving;  // where changes are written
    std::string files;    // directory of what is offered
    peer::CopyOffer offer;
    peer::CopyStatus status;
    Sent sent;
  };
  std::set<std::string> OpenJobs() const;                   // their ids
  void RemoveLeftovers(const std::set<std::string>& open);  // of jobs that are not
  void Run();
  Result<void> StepOne(const CopyJobRecord& job);
  Result<void> Make(const CopyJobRecord& job, const catalog::BackupRecord& source,
                    peer::PeerClient& client);
  Result<void> Offer(Parcel& parcel);
  Result<void> OfferWhole(Parcel& parcel);
  Result<void> OfferChanges(Parcel& parcel, const std::string& base);
  // Writes the changes since the base that is there, and offers them, if they are less.
  Result<void> PreferChanges(Parcel& parcel);
  Result<Bytes> TermsOf(const Parcel& parcel) const;
  std::vector<std::string> BasesOf(const CopyJobRecord& job,
                                   const catalog::BackupRecord& source) const;
  std::optional<std::string> ImageOf(const std::string& point_arn) const;
  Result<void> Deliver(Parcel& parcel);
  Result<void> SendFile(Parcel& parcel, const peer::OfferedFile& file, uint64_t offset);
  void Forget(const CopyJobRecord& job);  // what was kept for its next attempt
  Result<void> EndLate(const CopyJobRecord& job, peer::PeerClient& client);
  Result<void> Failed(const CopyJobRecord& job, const Error& error, peer::PeerClient& client);
  // What the job's record says of it from now on.
  Result<void> Note(const CopyJobRecord& job, const std::string& point_arn,
                    const std::string& message);
  Result<void> CheckGoingOn() const;

  const PeerCopyParts parts_;
  std::map<std::string, Attempt> attempts_;                        // by job, of those that failed
  std::map<std::string, std::vector<peer::OfferedFile>> offered_;  // by job: read once
  std::set<std::string> open_;                                     // jobs, when it was looked last
  std::set<std::string> whole_;  // jobs whose changes are not less
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::condition_variable wake_;
  std::thread thread_;
};

}  // namespace tidemark::vault
