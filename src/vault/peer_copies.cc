#include "vault/peer_copies.h"

#include <algorithm>

#include "backup/image_changes.h"
#include "backup/offered_files.h"
#include "backup/source_check.h"
#include "base/files.h"
#include "base/log.h"
#include "base/open_file.h"
#include "peer/sealed_terms.h"
#include "pitr/images.h"
#include "vault/fault.h"

namespace tidemark::vault {

namespace {

constexpr std::chrono::milliseconds kPeerLookInterval{100};
constexpr std::chrono::hours kPatience{24};  // of the other server, beyond the job's own window
constexpr size_t kBasesMax = 32;
constexpr std::string_view kBaseName = "/BASE";
constexpr int kSetbacksMax = 3;  // of one file in one attempt

std::string LeavingDirectory(const shard::Shard& shard) {
  return ParentDirectory(shard.ImagesDirectory()) + "/leaving";
}

peer::CopyName NameOf(const CopyJobRecord& job) {
  return {ParseVaultArn(job.vault_arn)->place.account.value, job.job_id};
}

}  // namespace

std::set<std::string> PeerCopies::OpenJobs() const {
  std::set<std::string> open;
  for (const auto& job : parts_.store.Open<CopyJobRecord>()) open.insert(job->job_id);
  return open;
}

void PeerCopies::RemoveLeftovers(const std::set<std::string>& open) {
  const auto has_ended = [&](const auto& one) { return !open.contains(one.first); };
  std::erase_if(attempts_, has_ended);
  std::erase_if(offered_, has_ended);
  std::erase_if(whole_, [&](const std::string& job) { return !open.contains(job); });
  for (const shard::Shard* shard : parts_.shards.All()) {
    const std::string directory = LeavingDirectory(*shard);
    const auto names = ListDirectory(directory);
    for (const std::string& name : names ? *names : std::vector<std::string>()) {
      if (open.contains(name)) continue;
      if (auto removed = RemoveTree(directory + "/" + name); !removed)
        LogWarn("{}", removed.error().message);
    }
  }
}

void PeerCopies::Start() {
  RemoveLeftovers(OpenJobs());
  thread_ = std::thread([this] { Run(); });
}

void PeerCopies::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  parts_.peers.Cancel();
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void PeerCopies::Run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    Step();
    lock.lock();
    wake_.wait_for(lock, kPeerLookInterval, [&] { return stopping_.load(); });
  }
}

Result<void> PeerCopies::CheckGoingOn() const {
  if (stopping_) return Fail(ErrorKind::kCancelled, "the server is stopping");
  return {};
}

void PeerCopies::Step() {
  // Those of an account that was emptied end without a word.
  auto open = OpenJobs();
  if (!std::ranges::includes(open, open_)) RemoveLeftovers(open);
  open_ = std::move(open);
  for (const auto& job : parts_.store.Open<CopyJobRecord>()) {
    const auto to = ParseVaultArn(job->vault_arn);
    if (stopping_ || !to || !parts_.jobs.IsOfPeer(to->place.region)) continue;
    auto done = StepOne(*job);
    if (done || done.error().kind == ErrorKind::kCancelled) continue;
    LogWarn("copy job {} tries again: {}", job->job_id, done.error().message);
    Attempt& attempt = attempts_[job->job_id];
    attempt.next = std::chrono::steady_clock::now() + backup::RetryDelay(attempt.failures++);
    if (auto noted = Note(*job, "", done.error().message); !noted)
      LogWarn("copy job {}: {}", job->job_id, noted.error().message);
  }
}

Result<void> PeerCopies::StepOne(const CopyJobRecord& job) {
  const auto to = ParseVaultArn(job.vault_arn);
  peer::PeerClient& client = *parts_.peers.Find(to->place.region.value);
  const Timestamp now = parts_.now(job.region);
  if (now > (job.state == CopyJobState::kCreated ? job.start_by : job.complete_by))
    return EndLate(job, client);
  const auto attempt = attempts_.find(job.job_id);
  if (attempt != attempts_.end() && std::chrono::steady_clock::now() < attempt->second.next)
    return {};
  if (job.state == CopyJobState::kCreated) {
    const auto refusal = parts_.jobs.RefusesToSend(job, *to);
    if (!refusal.message.empty())
      return parts_.jobs.End(job, CopyJobState::kFailed, refusal, parts_.now);
  }
  const auto source = parts_.catalog.FindBackup(job.source_arn);
  auto made = source ? Make(job, *source, client)
                     : Fail(ErrorKind::kBackupNotFound, "Backup not found: {}", job.source_arn);
  if (!made && made.error().kind != ErrorKind::kCancelled && !MayPassLater(made.error().kind))
    made = Failed(job, made.error(), client);
  if (made) Forget(job);
  return made;
}

// Whoever cannot be told now finds out when it gives the copy up by itself.
Result<void> PeerCopies::EndLate(const CopyJobRecord& job, peer::PeerClient& client) {
  const bool begun = job.state == CopyJobState::kRunning;
  std::string message = fmt::format("Copy job failed. It could not be {} within its window.",
                                    begun ? "completed" : "begun");
  if (!job.message.empty()) message += " The last attempt: " + job.message;
  return Failed(job, MakeError(ErrorKind::kCancelled, "{}", message), client);
}

Result<void> PeerCopies::Failed(const CopyJobRecord& job, const Error& error,
                                peer::PeerClient& client) {
  if (job.state == CopyJobState::kRunning) {
    if (auto told = client.Cancel(NameOf(job)); !told)
      LogWarn("copy job {} has failed, and its vault is not told: {}", job.job_id,
              told.error().message);
  }
  Forget(job);
  const bool denied = error.kind == ErrorKind::kAccessDenied;
  const auto newest = parts_.store.Find<CopyJobRecord>(PlaceOf(job), job.job_id);
  return parts_.jobs.End(newest ? *newest : job, CopyJobState::kFailed,
                         {error.message, denied ? "AccessDenied" : "InvalidParameters"},
                         parts_.now);
}

Result<void> PeerCopies::Note(const CopyJobRecord& job, const std::string& point_arn,
                              const std::string& message) {
  return parts_.store.Apply([&]() -> Result<Changes> {
    const auto newest = parts_.store.Find<CopyJobRecord>(PlaceOf(job), job.job_id);
    if (!newest || !newest->IsOpen()) return Changes{};
    CopyJobRecord noted = *newest;
    noted.message = message;
    if (!point_arn.empty()) {
      noted.state = CopyJobState::kRunning;
      noted.point_arn = point_arn;
    }
    if (noted == *newest) return Changes{};
    return Changes{std::move(noted)};
  });
}

Result<Bytes> PeerCopies::TermsOf(const Parcel& parcel) const {
  const CopyJobRecord& job = parcel.job;
  const auto point = FindPointAnywhere(parts_.store, job.source_arn);
  if (!point) return Fail(ErrorKind::kBackupNotFound, "{} is gone", job.source_arn);
  PointRecord copy =
      BeginCopyOf(*point, *ParseVaultArn(job.vault_arn),
                  {.arn = point->arn, .job = job.job_id, .key_arn = point->key_arn}, job.created);
  copy.source_vault_arn = job.SourceVaultArn();
  copy.role_arn = job.role_arn;
  copy.initiated = job.created;
  copy.lifecycle = job.lifecycle;
  copy.created_by = job.created_by;
  const auto left = job.complete_by - parts_.now(job.region) + kPatience;
  catalog::BackupRecord backup = parcel.source;
  backup.source.pitr.history_key.clear();  // history is not copied
  peer::CopyTerms terms{.source_account = job.account.value,
                        .point = EncodeRecord(copy),
                        .backup = catalog::EncodeBackupRecord(backup),
                        .seconds = std::chrono::duration_cast<std::chrono::seconds>(left).count(),
                        .keys = {}};
  TM_TRY(const auto keys, parts_.engine.KeysOf(parcel.image));
  for (const engine::ImageKey& key : keys)
    terms.keys.push_back({.generation = key.generation, .current = key.current, .key = key.key});
  return peer::SealTerms(terms, parcel.client.config().credentials.secret, job.job_id,
                         parts_.random);
}

std::optional<std::string> PeerCopies::ImageOf(const std::string& point_arn) const {
  const auto backup = parts_.catalog.FindBackup(point_arn);
  const shard::Shard* shard = backup ? parts_.shards.Find(backup->image.region) : nullptr;
  if (!shard || backup->in_store_only || backup->image.is_cold() ||
      backup->status != catalog::BackupStatus::kAvailable) {
    return std::nullopt;
  }
  return pitr::ImagePath(*shard, backup->image);
}

// Of the same table, not one of the same name. Of the job's own account: where the point is one
// that another shares, what else that has is nobody's business there.
std::vector<std::string> PeerCopies::BasesOf(const CopyJobRecord& job,
                                             const catalog::BackupRecord& source) const {
  std::vector<std::pair<Timestamp, std::string>> older;
  for (const auto& point : parts_.store.List<PointRecord>(PlaceOf(job))) {
    if (point->status != PointStatus::kCompleted || point->created >= source.created) continue;
    const auto backup = parts_.catalog.FindBackup(point->arn);
    if (backup && backup->source.id == source.source.id && ImageOf(point->arn))
      older.emplace_back(point->created, point->arn);
  }
  std::ranges::sort(older, std::ranges::greater());
  std::vector<std::string> bases;
  for (const auto& [created, arn] : older) {
    if (bases.size() < kBasesMax) bases.push_back(arn);
  }
  return bases;
}

Result<void> PeerCopies::Make(const CopyJobRecord& job, const catalog::BackupRecord& source,
                              peer::PeerClient& client) {
  const auto image = ImageOf(job.source_arn);
  const shard::Shard* shard = parts_.shards.Find(source.image.region);
  if (!image || !shard)
    return Fail(ErrorKind::kBackupNotFound, "The files of {} are not here", job.source_arn);
  Parcel parcel{.job = job,
                .source = source,
                .client = client,
                .name = NameOf(job),
                .image = *image,
                .leaving = LeavingDirectory(*shard) + "/" + job.job_id,
                .files = {},
                .offer = {.vault_arn = job.vault_arn},
                .status = {},
                .sent = {}};
  TM_TRYV(Offer(parcel));
  TM_TRYV(Deliver(parcel));
  LogInfo("copy job {} is complete: {} of {} files and {} bytes were sent to {}{}", job.job_id,
          parcel.sent.files, parcel.offer.files.size(), parcel.sent.bytes, client.config().url,
          parcel.offer.base.empty() ? "" : ", which makes it of " + parcel.offer.base);
  const auto running = parts_.store.Find<CopyJobRecord>(PlaceOf(job), job.job_id);
  if (!running) return {};  // its account was emptied
  return parts_.jobs.End(*running, CopyJobState::kCompleted, {"", "SUCCESS"}, parts_.now);
}

Result<void> PeerCopies::Offer(Parcel& parcel) {
  TM_TRY(parcel.offer.terms, TermsOf(parcel));
  // Changes that an earlier attempt has written.
  if (const auto base = ReadFile(parcel.leaving + std::string(kBaseName))) {
    auto offered = OfferChanges(parcel, *base);
    if (offered || offered.error().kind != ErrorKind::kNotFound) return offered;
    TM_TRYV(RemoveTree(parcel.leaving));  // it has gone there
  }
  TM_TRYV(OfferWhole(parcel));
  auto preferred = PreferChanges(parcel);
  if (preferred || preferred.error().kind != ErrorKind::kNotFound) return preferred;
  TM_TRYV(RemoveTree(parcel.leaving));
  return OfferWhole(parcel);
}

Result<void> PeerCopies::OfferWhole(Parcel& parcel) {
  const std::string& id = parcel.job.job_id;
  if (!offered_.contains(id)) {
    TM_TRYV(backup::CheckSource(parts_.engine, parcel.image, parcel.source, stopping_));
    TM_TRY(offered_[id], backup::OfferFiles(parcel.image, stopping_));
  }
  parcel.files = parcel.image;
  parcel.offer.files = offered_[id];
  parcel.offer.base.clear();
  parcel.offer.bases = BasesOf(parcel.job, parcel.source);
  do {
    TM_TRYV(CheckGoingOn());
    TM_TRY(parcel.status, parcel.client.Offer(parcel.name, parcel.offer));
    TM_TRYV(Note(parcel.job, parcel.status.point_arn, ""));
  } while (parcel.status.state == peer::CopyState::kLooking);
  return {};
}

Result<void> PeerCopies::OfferChanges(Parcel& parcel, const std::string& base) {
  parcel.files = parcel.leaving + "/changes";
  parcel.offer.base = base;
  parcel.offer.bases.clear();
  TM_TRY(parcel.offer.files, backup::OfferFiles(parcel.files, stopping_));
  TM_TRY(parcel.status, parcel.client.Offer(parcel.name, parcel.offer));
  return Note(parcel.job, parcel.status.point_arn, "");
}

Result<void> PeerCopies::PreferChanges(Parcel& parcel) {
  uint64_t lacked = 0;
  for (const peer::LackedFile& file : parcel.status.lacked) {
    const auto at = std::ranges::find(parcel.offer.files, file.name, &peer::OfferedFile::name);
    if (at != parcel.offer.files.end()) lacked += at->bytes - std::min(at->bytes, file.offset);
  }
  // Nothing but what was offered: the other server learns of no other table.
  const std::string base = parcel.status.base;
  const bool offered = std::ranges::find(parcel.offer.bases, base) != parcel.offer.bases.end();
  const auto older = offered ? ImageOf(base) : std::nullopt;
  if (!older || lacked < backup::kWorthChanges || whole_.contains(parcel.job.job_id)) return {};
  const uint64_t bytes_max = backup::ChangesMax(lacked);
  const auto bytes = backup::WriteChanges(parts_.engine, {*older, parcel.image}, parcel.leaving,
                                          stopping_, {.bytes_max = bytes_max});
  if (!bytes) {
    const ErrorKind kind = bytes.error().kind;
    if (kind == ErrorKind::kCancelled || kind == ErrorKind::kNoSpace) return Fail(bytes.error());
    LogWarn("copy job {} sends all, since {} cannot be read: {}", parcel.job.job_id, base,
            bytes.error().message);
  }
  if (!bytes || *bytes > bytes_max) {
    whole_.insert(parcel.job.job_id);
    return RemoveTree(parcel.leaving);
  }
  const std::string made = parcel.leaving + "/changes/";
  if (*bytes > 0) TM_TRYV(Rename(made + "run.sst", made + std::string(peer::kChangesFile)));
  TM_TRYV(SyncDirectory(parcel.leaving + "/changes"));
  TM_TRYV(ReplaceFile(parcel.leaving + std::string(kBaseName), base));
  return OfferChanges(parcel, base);
}

Result<void> PeerCopies::Deliver(Parcel& parcel) {
  Result<void> done;
  for (const peer::LackedFile& lacked : parcel.status.lacked) {
    const auto file = std::ranges::find(parcel.offer.files, lacked.name, &peer::OfferedFile::name);
    if (!done || file == parcel.offer.files.end()) continue;
    done = SendFile(parcel, *file, lacked.offset);
    ++parcel.sent.files;
  }
  while (done && parcel.status.state != peer::CopyState::kCompleted) {
    done = CheckGoingOn();
    auto status = done ? parcel.client.Finish(parcel.name) : Fail(done.error());
    if (!status) {
      done = Fail(status.error());
    } else if (status->state == peer::CopyState::kArriving) {
      done = Fail(ErrorKind::kUnavailable, "the server of Region {} has lost files of the copy",
                  parcel.client.config().region);
    } else {
      parcel.status = *std::move(status);
    }
  }
  // After an offer that was taken: bytes were changed on the way, or it was given up meanwhile.
  if (!done && (done.error().kind == ErrorKind::kAccessDenied ||
                done.error().kind == ErrorKind::kNotFound)) {
    return Fail(ErrorKind::kUnavailable, "{}", done.error().message);
  }
  return done;
}

Result<void> PeerCopies::SendFile(Parcel& parcel, const peer::OfferedFile& file, uint64_t offset) {
  TM_TRY(const OpenFile source,
         OpenFile::Open(parcel.files + "/" + file.name, OpenFile::Mode::kRead));
  Bytes piece;
  // One that has arrived whole and was not looked at yet is asked about once more.
  for (int setbacks = 0; setbacks <= kSetbacksMax;) {
    TM_TRYV(CheckGoingOn());
    piece.resize(std::min(parts_.peers.piece_bytes(), file.bytes - std::min(offset, file.bytes)));
    TM_TRYV(parts_.peers.Take(piece.size()));
    TM_TRY(const size_t got, source.ReadAt(offset, piece.data(), piece.size()));
    if (got < piece.size())
      return Fail(ErrorKind::kCorruption, "{}: it was cut while it was copied", source.path());
    TM_TRY(const uint64_t there,
           parcel.client.Send(parcel.name, {.file = file.name, .offset = offset, .bytes = piece}));
    parcel.sent.bytes += piece.size();
    if (there >= file.bytes) return {};
    if (there <= offset) ++setbacks;
    offset = there;
  }
  return Fail(ErrorKind::kUnavailable, "{} does not arrive at the server of Region {} as it is",
              file.name, parcel.client.config().region);
}

void PeerCopies::Forget(const CopyJobRecord& job) {
  attempts_.erase(job.job_id);
  offered_.erase(job.job_id);
  whole_.erase(job.job_id);
  for (const shard::Shard* shard : parts_.shards.All()) {
    if (auto removed = RemoveTree(LeavingDirectory(*shard) + "/" + job.job_id); !removed)
      LogWarn("{}", removed.error().message);
  }
}

}  // namespace tidemark::vault
