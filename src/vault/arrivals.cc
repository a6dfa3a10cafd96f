#include "vault/arrivals.h"

#include <algorithm>
#include <set>

#include "backup/local_copies.h"
#include "base/files.h"
#include "base/log.h"
#include "engine/run_names.h"
#include "pitr/images.h"
#include "pitr/row_sums.h"
#include "vault/copy_jobs.h"
#include "vault/fault.h"

namespace tidemark::vault {

namespace {

// Less than what a client waits for an answer.
constexpr std::chrono::seconds kLookTime{5};
constexpr std::chrono::seconds kCheckTime{1};
constexpr int64_t kSecondsMax = int64_t{366} * 86400;

std::string ArrivingDirectory(const shard::Shard& shard) {
  return ParentDirectory(shard.ImagesDirectory()) + "/arriving";
}

Unexpected NoArrival(const ArrivalName& name) {
  return Fail(ErrorKind::kNotFound, "No copy {} arrives here", name.job);
}

Unexpected DoesNotRead(const Error& error) {
  return Fail(ErrorKind::kSerialization, "the terms do not read: {}", error.message);
}

}  // namespace

std::optional<std::string> KeyOfArrival(const VaultStore& store, TableId sealed_for) {
  for (const auto& arrival : store.Open<ArrivalRecord>()) {
    if (arrival->sealed_for == sealed_for) return arrival->key_arn;
  }
  return std::nullopt;
}

Result<Ptr<ArrivalRecord>> Arrivals::FindArrival(const ArrivalName& name) const {
  auto arrival = parts_.store.Find<ArrivalRecord>(name.place, name.job);
  if (!arrival) return NoArrival(name);
  if (arrival->sender != name.sender)
    return Fail(ErrorKind::kAccessDenied, "Copy {} is sent by another", name.job);
  return arrival;
}

// The recovery point that the copy has become.
Ptr<PointRecord> Arrivals::FindMade(const ArrivalName& name) const {
  for (auto& point : parts_.store.List<PointRecord>(name.place)) {
    if (point->job == name.job && point->sender == name.sender &&
        point->status != PointStatus::kCreating) {
      return point;
    }
  }
  return nullptr;
}

std::shared_ptr<std::mutex> Arrivals::MutexOf(const Place& place, const std::string& job) {
  const std::lock_guard lock(mutex_);
  std::erase_if(acts_, [](const auto& act) { return act.second.expired(); });
  auto& held = acts_[fmt::format("{}/{}/{}", place.account.value, place.region.value, job)];
  auto mutex = held.lock();
  if (!mutex) held = mutex = std::make_shared<std::mutex>();
  return mutex;
}

bool Arrivals::IsDistrusted(const std::string& origin) const {
  const std::lock_guard lock(mutex_);
  return distrusted_.contains(origin);
}

Result<std::string> Arrivals::DirectoryOf(const ArrivalRecord& arrival) {
  TM_TRY(shard::Shard * shard, parts_.shards.Ensure(arrival.region));
  return ArrivingDirectory(*shard) + "/" + arrival.image.ToString();
}

Result<peer::CopyStatus> Arrivals::Begin(const ArrivalName& name, const Offer& offer,
                                         Timestamp now) {
  const auto mutex = MutexOf(name.place, name.job);
  const std::lock_guard lock(*mutex);
  if (const auto made = FindMade(name))
    return peer::CopyStatus{peer::CopyState::kCompleted, made->arn, {}, {}};
  auto arrival = FindArrival(name);
  if (!arrival && arrival.error().kind == ErrorKind::kNotFound) arrival = Record(name, offer, now);
  TM_TRYV(arrival);
  return Take(**arrival, offer);
}

Result<Ptr<ArrivalRecord>> Arrivals::Record(const ArrivalName& name, const Offer& offer,
                                            Timestamp now) {
  TM_TRY(const auto vault, FindVault({parts_.store, name.place, now}, offer.vault));
  PointRecord point;
  if (auto read = DecodeRecord(offer.terms.point, &point); !read) return DoesNotRead(read.error());
  const auto source = catalog::DecodeBackupRecord(offer.terms.backup);
  if (!source) return DoesNotRead(source.error());
  if (source->image.is_cold() || source->status != catalog::BackupStatus::kAvailable)
    return Fail(ErrorKind::kValidation, "what is to be copied is cold, or not whole");
  const auto refusal =
      RefusesCopy(parts_.keys, *vault, {AccountId(offer.terms.source_account), point.lifecycle});
  if (!refusal.message.empty()) return Fail(MakeFault(Fault::kInvalidRequest, refusal.message));
  backup::LocalCopyOrder order{.source_arn = {},
                               .name = "AWSBackup-" + name.job,
                               .account = name.place.account,
                               .region = name.place.region,
                               .id = {},
                               .image = ImageId::Make(parts_.random),
                               .sealed_for = TableId::Make(parts_.random),
                               .sse = ToldSse(vault->key_arn)};
  do {
    order.id = BackupId(fmt::format("{:014}-{:08x}", ToMicros(source->created) / 1000,
                                    static_cast<uint32_t>(parts_.random.Next())));
  } while (parts_.catalog.FindBackup(order.Arn(*source)));
  ArrivalRecord arrival;
  arrival.account = name.place.account;
  arrival.region = name.place.region;
  arrival.job_id = name.job;
  arrival.sender = name.sender;
  arrival.point_arn = order.Arn(*source);
  arrival.backup = catalog::EncodeBackupRecord(backup::RecordOfCopy(*source, order));
  arrival.image = order.image;
  arrival.sealed_for = order.sealed_for;
  arrival.key_arn = vault->key_arn;
  arrival.until =
      now + std::chrono::seconds(std::clamp<int64_t>(offer.terms.seconds, 0, kSecondsMax));
  PointRecord copy =
      BeginCopyOf(point, {name.place, vault->name},
                  {.arn = arrival.point_arn, .job = name.job, .key_arn = vault->key_arn}, now);
  copy.origin_arn = point.arn;
  copy.sender = name.sender;
  TM_TRYV(parts_.store.Apply([&]() -> Result<Changes> {
    TM_TRYV(FindVault({parts_.store, name.place, now}, offer.vault));
    return Changes{std::move(arrival), std::move(copy)};
  }));
  return FindArrival(name);
}

// Files that are here need not be sent.
Result<peer::CopyStatus> Arrivals::Take(const ArrivalRecord& arrival, const Offer& offer) {
  TM_TRY(const std::string directory, DirectoryOf(arrival));
  TM_TRY(const auto files, BeginFiles(arrival, offer, directory));
  TM_TRYV(PutKeys(arrival, files, offer));
  bool looked = true;
  if (offer.base.empty()) {
    TM_TRY(looked, files.LinkFrom(Images(), std::chrono::steady_clock::now() + kLookTime));
  }
  return peer::CopyStatus{looked ? peer::CopyState::kArriving : peer::CopyState::kLooking,
                          arrival.point_arn, files.Lacked(), FirstBase(arrival, offer)};
}

Result<backup::ArrivingFiles> Arrivals::BeginFiles(const ArrivalRecord& arrival, const Offer& offer,
                                                   const std::string& directory) {
  if (offer.base.empty()) return backup::ArrivingFiles::Begin(directory, offer.files);
  TM_TRY(const std::string image, ImageOfBase(arrival, offer.base));
  return backup::ArrivingFiles::BeginChanges(directory, {offer.base, image}, offer.files);
}

Result<std::string> Arrivals::ImageOfBase(const ArrivalRecord& arrival,
                                          const std::string& origin) const {
  for (const auto& point : parts_.store.List<PointRecord>(PlaceOf(arrival))) {
    if (point->origin_arn != origin || point->sender != arrival.sender ||
        point->status != PointStatus::kCompleted || IsDistrusted(origin)) {
      continue;
    }
    const auto backup = parts_.catalog.FindBackup(point->arn);
    const shard::Shard* shard = backup ? parts_.shards.Find(backup->image.region) : nullptr;
    if (shard && !backup->image.is_cold() && !backup->in_store_only)
      return pitr::ImagePath(*shard, backup->image);
  }
  return Fail(ErrorKind::kNotFound, "No copy of {} is here", origin);
}

// One that is made of many others costs its restores time: then all is sent again.
std::string Arrivals::FirstBase(const ArrivalRecord& arrival, const Offer& offer) const {
  for (const std::string& base : offer.bases) {
    const auto image = ImageOfBase(arrival, base);
    const auto names = image ? ListDirectory(*image) : Fail(image.error());
    if (names && engine::RunsAmong(*names).size() < engine::kRunsMax &&
        parts_.engine.KeysOf(*image))
      return base;
  }
  return {};
}

// Of the base's files too.
Result<void> Arrivals::PutKeys(const ArrivalRecord& arrival, const backup::ArrivingFiles& files,
                               const Offer& offer) {
  if (Exists(files.files_directory() + "/KEYS")) return {};
  std::vector<engine::ImageKey> all;
  for (const peer::SentKey& key : offer.terms.keys)
    all.push_back({.generation = key.generation, .current = key.current, .key = key.key});
  if (!offer.base.empty()) {
    TM_TRY(const std::string image, ImageOfBase(arrival, offer.base));
    TM_TRY(const auto keys, parts_.engine.KeysOf(image));
    for (const engine::ImageKey& key : keys) {
      if (std::ranges::find(all, key.generation, &engine::ImageKey::generation) != all.end())
        continue;
      all.push_back({.generation = key.generation, .current = false, .key = key.key});
    }
  }
  return parts_.engine.PutKeys(files.files_directory(), arrival.sealed_for, all);
}

// Of all backups; what goes meanwhile is passed over.
std::vector<std::string> Arrivals::Images() const {
  std::vector<std::string> images;
  for (const auto& backup : parts_.catalog.AllBackups()) {
    const shard::Shard* shard = parts_.shards.Find(backup->image.region);
    if (shard && !backup->image.is_cold() && !backup->in_store_only)
      images.push_back(pitr::ImagePath(*shard, backup->image));
  }
  // What came last is the likeliest.
  std::ranges::reverse(images);
  return images;
}

Result<uint64_t> Arrivals::Put(const ArrivalName& name, std::string_view file, uint64_t offset,
                               BytesView bytes) {
  const auto mutex = MutexOf(name.place, name.job);
  const std::lock_guard lock(*mutex);
  TM_TRY(const auto arrival, FindArrival(name));
  TM_TRY(const shard::Shard* shard, parts_.shards.Ensure(arrival->region));
  TM_TRYV(shard->Writable());
  TM_TRY(const std::string directory, DirectoryOf(*arrival));
  TM_TRY(const auto files, backup::ArrivingFiles::Open(directory));
  return files.Put(file, offset, bytes);
}

Result<peer::CopyStatus> Arrivals::Finish(const ArrivalName& name, Timestamp now) {
  const auto mutex = MutexOf(name.place, name.job);
  const std::lock_guard lock(*mutex);
  if (const auto made = FindMade(name))
    return peer::CopyStatus{peer::CopyState::kCompleted, made->arn, {}, {}};
  TM_TRY(const auto arrival, FindArrival(name));
  TM_TRY(const std::string directory, DirectoryOf(*arrival));
  TM_TRY(const auto files, backup::ArrivingFiles::Open(directory));
  peer::CopyStatus status{peer::CopyState::kArriving, arrival->point_arn, files.Lacked(), {}};
  if (!status.lacked.empty()) return status;
  TM_TRY(const bool checked, Checked(*arrival, files));
  if (!checked) {
    status.state = peer::CopyState::kLooking;
    return status;
  }
  TM_TRYV(Publish(*arrival, files));
  TM_TRYV(parts_.store.Apply([&]() -> Result<Changes> {
    const auto point = parts_.store.Find<PointRecord>(name.place, arrival->point_arn);
    if (!point) return NoArrival(name);  // its account was emptied
    PointRecord made = *point;
    made.status = PointStatus::kCompleted;
    made.completed = now;
    return Changes{std::move(made), Erase{PathOf(*arrival)}};
  }));
  if (auto removed = RemoveTree(directory); !removed)
    LogWarn("{} stays until it is looked for again: {}", directory, removed.error().message);
  status.state = peer::CopyState::kCompleted;
  return status;
}

Result<bool> Arrivals::Checked(const ArrivalRecord& arrival, const backup::ArrivingFiles& files) {
  if (files.base().empty()) return true;  // each file was compared whole
  // Of these files: others may have been offered meanwhile.
  const std::string id = arrival.image.ToString() + " " + files.Fingerprint();
  std::shared_future<Result<void>> check;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return Fail(ErrorKind::kUnavailable, "the server is stopping");
    if (const auto known = checks_.find(id); known != checks_.end()) check = known->second;
    if (!check.valid()) {
      auto run = [this, arrival, directory = files.files_directory()] {
        return CheckRows(arrival, directory);
      };
      check = checks_[id] = std::async(std::launch::async, std::move(run)).share();
    }
  }
  if (check.wait_for(kCheckTime) != std::future_status::ready) return false;
  const auto done = check.get();
  {
    const std::lock_guard lock(mutex_);
    checks_.erase(id);
    if (!done && done.error().kind == ErrorKind::kCorruption) distrusted_.insert(files.base());
  }
  if (done) return true;
  if (done.error().kind != ErrorKind::kCorruption) return Fail(done.error());
  // All of it is to be sent: then it is told what is damaged, and where.
  LogError("copy {} is not made of {}: {}", arrival.job_id, files.base(), done.error().message);
  TM_TRY(const std::string directory, DirectoryOf(arrival));
  TM_TRYV(RemoveTree(directory));
  return Fail(ErrorKind::kNotFound, "No copy of {} is here", files.base());
}

Result<void> Arrivals::CheckRows(const ArrivalRecord& arrival, const std::string& files) {
  TM_TRY(const auto backup, catalog::DecodeBackupRecord(arrival.backup));
  const std::string view = ParentDirectory(files) + "/view";
  TM_TRYV(RemoveTree(view));
  TM_TRYV(RemoveTree(view + ".making"));
  TM_TRY(const auto reader, parts_.engine.OpenImage(files, view, arrival.sealed_for));
  const auto going_on = [this](uint64_t) -> Result<void> {
    if (stopping_) return Fail(ErrorKind::kUnavailable, "the server is stopping");
    return {};
  };
  for (const uint16_t number : pitr::CountedIndexes(backup.source)) {
    pitr::RowSums sums;
    TM_TRY(const auto rows, reader->Scan(pitr::RowsOf(number)));
    TM_TRYV(pitr::AddRows(*rows, going_on, &sums));
    TM_TRYV(sums.CompareOne("the copy", number, backup.image.totals));
  }
  return {};
}

void Arrivals::Stop() {
  Checks checks;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;  // from here on none begins
    checks.swap(checks_);
  }
  for (const auto& [id, check] : checks) check.wait();
}

// The files stay where they arrived until the record is there: a crash before it loses none.
Result<void> Arrivals::Publish(const ArrivalRecord& arrival, const backup::ArrivingFiles& files) {
  if (parts_.catalog.FindBackup(arrival.point_arn)) return {};
  TM_TRY(auto backup, catalog::DecodeBackupRecord(arrival.backup));
  TM_TRY(shard::Shard * shard, parts_.shards.Ensure(arrival.region));
  const std::string image = pitr::ImagePath(*shard, backup.image);
  TM_TRYV(parts_.catalog.Writable());
  TM_TRYV(files.LinkInto(image));
  auto put = parts_.catalog.PutBackup(std::move(backup));
  if (!put) pitr::RemoveUnrecorded(image, put.error());
  return put;
}

Result<void> Arrivals::Cancel(const ArrivalName& name) {
  const auto mutex = MutexOf(name.place, name.job);
  const std::lock_guard lock(*mutex);
  TM_TRY(const auto arrival, FindArrival(name));
  return GiveUp(*arrival);
}

Result<void> Arrivals::GiveUp(const ArrivalRecord& arrival) {
  // Of one that was cut off between its backup's record and its own end.
  if (const auto backup = parts_.catalog.FindBackup(arrival.point_arn)) {
    TM_TRYV(parts_.catalog.EraseBackup(arrival.point_arn));
    if (const shard::Shard* shard = parts_.shards.Find(arrival.region))
      pitr::RemoveImageFiles(pitr::ImagePath(*shard, backup->image));
  }
  TM_TRYV(parts_.store.Apply([&]() -> Result<Changes> {
    Changes changes{Erase{PathOf(arrival)}};
    const auto point = parts_.store.Find<PointRecord>(PlaceOf(arrival), arrival.point_arn);
    if (point && point->status == PointStatus::kCreating)
      changes.emplace_back(Erase{PathOf(*point)});
    return changes;
  }));
  TM_TRY(const std::string directory, DirectoryOf(arrival));
  return RemoveTree(directory);
}

void Arrivals::Tend(const std::function<Timestamp(const Region&)>& now) {
  // Before the records are looked at: a directory is made after its record.
  std::vector<std::pair<std::string, std::string>> found;  // image, path
  for (const shard::Shard* shard : parts_.shards.All()) {
    const std::string directory = ArrivingDirectory(*shard);
    const auto names = ListDirectory(directory);
    for (const std::string& name : names ? *names : std::vector<std::string>())
      found.emplace_back(name, directory + "/" + name);
  }
  std::set<std::string> known;
  for (const auto& arrival : parts_.store.Open<ArrivalRecord>()) {
    known.insert(arrival->image.ToString());
    if (now(arrival->region) <= arrival->until) continue;
    const auto mutex = MutexOf(PlaceOf(*arrival), arrival->job_id);
    const std::unique_lock lock(*mutex, std::try_to_lock);
    if (!lock.owns_lock()) continue;  // it is being worked on: another time
    // It may have become a recovery point, or gone, before the lock was taken.
    const auto newest = parts_.store.Find<ArrivalRecord>(PlaceOf(*arrival), arrival->job_id);
    if (!newest || newest->image != arrival->image) continue;
    if (auto done = GiveUp(*newest); !done)
      LogWarn("copy {} is still to be given up: {}", arrival->job_id, done.error().message);
  }
  for (const auto& [image, path] : found) {
    if (known.contains(image)) continue;
    if (auto removed = RemoveTree(path); !removed && removed.error().kind != ErrorKind::kNotFound)
      LogWarn("{}", removed.error().message);
  }
}

}  // namespace tidemark::vault
