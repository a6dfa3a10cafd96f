#include "vault/notifications.h"

#include <algorithm>

#include "base/log.h"
#include "codec/instant.h"
#include "codec/json_writer.h"
#include "vault/fault.h"
#include "vault/vaults.h"

namespace tidemark::vault {

namespace {

// "2026-11-26T10:00:06.123Z"
std::string MillisOf(Timestamp time) {
  std::string text = codec::FormatInstant(time);
  return text.substr(0, text.rfind('.') + 4) + "Z";
}

// Which events the end of a job is.
std::vector<std::string_view> EndEvents(BackupJobState state) {
  switch (state) {
    case BackupJobState::kCompleted:
      return {"BACKUP_JOB_COMPLETED", "BACKUP_JOB_SUCCESSFUL"};
    case BackupJobState::kExpired:
      return {"BACKUP_JOB_COMPLETED", "BACKUP_JOB_EXPIRED"};
    case BackupJobState::kFailed:
    case BackupJobState::kAborted:
      return {"BACKUP_JOB_COMPLETED", "BACKUP_JOB_FAILED"};
    default:
      return {};
  }
}

std::string BackupJobText(const BackupJobRecord& job) {
  if (job.state == BackupJobState::kCompleted) {
    return fmt::format(
        "An AWS Backup job was completed successfully. Recovery point ARN: {}. Backed up Resource "
        "ARN : {}. Backup Job Id : {}",
        job.point_arn, job.table_arn, job.job_id);
  }
  std::string_view what = "failed";
  if (job.state == BackupJobState::kRunning) what = "was started";
  if (job.state == BackupJobState::kAborted) what = "was stopped";
  if (job.state == BackupJobState::kExpired) what = "could not start within its start window";
  return fmt::format("An AWS Backup job {}. Resource ARN : {}. BackupJob ID : {}", what,
                     job.table_arn, job.job_id);
}

std::string CopyJobText(const CopyJobRecord& job) {
  std::string_view what = "failed";
  if (job.state == CopyJobState::kRunning) what = "was started";
  if (job.state == CopyJobState::kCompleted) what = "was completed successfully";
  return fmt::format(
      "An AWS Backup copy job {}. Source recovery point ARN: {}. Destination vault ARN : {}. "
      "CopyJob ID : {}",
      what, job.source_arn, job.vault_arn, job.job_id);
}

std::string RestoreJobText(const RestoreJobRecord& job) {
  std::string_view what = "failed";
  if (job.status == RestoreJobStatus::kRunning) what = "was started";
  if (job.status == RestoreJobStatus::kAborted) what = "was stopped";
  if (job.status == RestoreJobStatus::kCompleted) what = "was completed successfully";
  return fmt::format(
      "An AWS Backup restore job {}. Recovery point ARN: {}. Resource ARN : {}. RestoreJob ID : {}",
      what, job.point_arn, job.TargetArn(), job.job_id);
}

struct Event {
  Place place;
  std::string vault;
  std::vector<std::string_view> names;  // any of which the vault may want
  std::string_view type, state;         // "BACKUP_JOB", "COMPLETED"
  std::string id, text;
  Timestamp started{};
};

std::vector<Event> EventsOf(const VaultStore& store, const BackupJobRecord& job) {
  const auto old = store.Find<BackupJobRecord>(PlaceOf(job), job.job_id);
  if (old && old->state == job.state) return {};
  Event event{PlaceOf(job),        job.vault,  EndEvents(job.state), "BACKUP_JOB",
              ToString(job.state), job.job_id, BackupJobText(job),   job.created};
  if (job.state == BackupJobState::kRunning) event.names = {"BACKUP_JOB_STARTED"};
  return {std::move(event)};
}

std::vector<Event> EventsOf(const VaultStore& store, const CopyJobRecord& job) {
  const auto old = store.Find<CopyJobRecord>(PlaceOf(job), job.job_id);
  if (old && old->state == job.state) return {};
  const auto place = PlaceOfPoint(job.source_arn).value_or(PlaceOf(job));
  Event event{place,      job.source_vault, {},         "COPY_JOB", ToString(job.state),
              job.job_id, CopyJobText(job), job.created};
  if (job.state == CopyJobState::kRunning) event.names = {"COPY_JOB_STARTED"};
  if (job.state == CopyJobState::kCompleted) event.names = {"COPY_JOB_SUCCESSFUL"};
  if (job.state == CopyJobState::kFailed) event.names = {"COPY_JOB_FAILED"};
  return {std::move(event)};
}

std::vector<Event> EventsOf(const VaultStore& store, const RestoreJobRecord& job) {
  const auto old = store.Find<RestoreJobRecord>(PlaceOf(job), job.job_id);
  if (old && old->status == job.status) return {};
  const auto place = PlaceOfPoint(job.point_arn).value_or(PlaceOf(job));
  Event event{place,      job.vault,           {},         "RESTORE_JOB", ToString(job.status),
              job.job_id, RestoreJobText(job), job.created};
  if (job.status == RestoreJobStatus::kRunning) event.names = {"RESTORE_JOB_STARTED"};
  if (job.status == RestoreJobStatus::kCompleted)
    event.names = {"RESTORE_JOB_COMPLETED", "RESTORE_JOB_SUCCESSFUL"};
  if (job.status == RestoreJobStatus::kFailed || job.status == RestoreJobStatus::kAborted)
    event.names = {"RESTORE_JOB_COMPLETED", "RESTORE_JOB_FAILED"};
  return {std::move(event)};
}

std::vector<Event> EventsOf(const VaultStore& store, const PointRecord& point) {
  const auto old = store.Find<PointRecord>(PlaceOf(point), point.arn);
  if (!old) return {};
  std::string_view state;
  if (old->lifecycle != point.lifecycle) state = "MODIFIED";
  if (old->status != point.status && point.status == PointStatus::kDeleting) state = "DELETED";
  if (old->status != point.status && point.status == PointStatus::kExpired) state = "EXPIRED";
  if (state.empty()) return {};
  Event event{PlaceOf(point), point.vault, {}, "RECOVERY_POINT",
              state,          point.arn,   {}, point.created};
  event.names = {"RECOVERY_POINT_MODIFIED"};
  event.text = fmt::format(
      "An AWS Backup recovery point was modified. Recovery point ARN: {}. Resource ARN : {}. State "
      ": "
      "{}",
      point.arn, point.table_arn, state);
  return {std::move(event)};
}

// Of other records there are none.
template <class Record>
std::vector<Event> EventsOf(const VaultStore&, const Record&) {
  return {};
}

std::string BodyOf(const Event& event, const NoticeRecord& notice) {
  std::string body;
  codec::JsonWriter w(&body);
  w.BeginObject().Field("Type", "Notification").Field("MessageId", notice.message_id);
  w.Field("TopicArn", notice.topic_arn).Field("Subject", "Notification from AWS Backup");
  w.Field("Message", event.text).Field("Timestamp", MillisOf(notice.created));
  w.Key("MessageAttributes").BeginObject();
  const auto attribute = [&](std::string_view name, std::string_view value) {
    w.Key(name).BeginObject().Field("Type", "String").Field("Value", value).EndObject();
  };
  attribute("EventType", event.type);
  attribute("State", event.state);
  attribute("AccountId", event.place.account.value);
  attribute("Id", event.id);
  attribute("StartTime", MillisOf(event.started));
  w.EndObject().EndObject();
  return body;
}

// Whether the vault tells of it, and how; null: not.
Ptr<NotificationSettingsRecord> SettingsFor(const VaultStore& store, const Event& event) {
  auto settings = store.Find<NotificationSettingsRecord>(event.place, event.vault);
  const bool wanted = settings && std::ranges::any_of(event.names, [&](std::string_view name) {
                        return std::ranges::find(settings->events, name) != settings->events.end();
                      });
  return wanted ? settings : nullptr;
}

}  // namespace

Result<Ptr<NotificationSettingsRecord>> FindNotifications(const VaultScope& scope,
                                                          std::string_view vault) {
  TM_TRYV(FindVault(scope, vault));
  if (auto found = scope.store.Find<NotificationSettingsRecord>(scope.place, vault)) return found;
  return FailWith(Fault::kNotFound, "Backup vault {} has no notifications", vault);
}

Result<void> SetNotifications(const VaultScope& scope, NotificationSettingsRecord settings) {
  if (!settings.topic_arn.starts_with("arn:aws:sns:")) {
    return FailWith(Fault::kInvalidParameter, "SNSTopicArn must be the ARN of an SNS topic: {}",
                    settings.topic_arn);
  }
  if (settings.events.empty())
    return FailWith(Fault::kInvalidParameter, "BackupVaultEvents must name an event");
  settings.account = scope.place.account;
  settings.region = scope.place.region;
  return scope.store.Apply([&]() -> Result<Changes> {
    TM_TRYV(FindVault(scope, settings.vault));
    return Changes{settings};
  });
}

Result<void> ClearNotifications(const VaultScope& scope, std::string_view vault) {
  return scope.store.Apply([&]() -> Result<Changes> {
    TM_TRY(const auto old, FindNotifications(scope, vault));
    return Changes{Erase{PathOf(*old)}};
  });
}

// One that is dead must not keep notices from the others.
std::vector<std::string> NotificationOutbox::Takers(const VaultStore& store) const {
  if (store.CountOpen<NoticeRecord>() < waiting_max_) return sinks_;
  std::vector<std::string> takers;
  const auto waiting = store.Open<NoticeRecord>();
  for (const std::string& sink : sinks_) {
    const auto count = std::ranges::count_if(waiting, [&](const auto& notice) {
      return std::ranges::find(notice->sinks, sink) != notice->sinks.end();
    });
    if (static_cast<size_t>(count) < waiting_max_) takers.push_back(sink);
  }
  return takers;
}

void NotificationOutbox::Add(const VaultStore& store, Changes* changes) const {
  if (sinks_.empty()) return;
  std::vector<Event> events;
  for (const Change& change : *changes) {
    std::visit(
        [&](const auto& record) {
          for (auto& event : EventsOf(store, record)) events.push_back(std::move(event));
        },
        change);
  }
  for (const Event& event : events) {
    const auto settings = SettingsFor(store, event);
    if (!settings) continue;
    auto takers = Takers(store);
    for (const std::string& sink : sinks_) {
      if (std::ranges::find(takers, sink) != takers.end()) continue;
      LogError("{} notifications wait to be sent to the {}; that of {} {} is lost to it",
               waiting_max_, sink, event.type, event.id);
    }
    if (takers.empty()) continue;
    NoticeRecord notice;
    notice.account = event.place.account;
    notice.region = event.place.region;
    notice.created = now_(event.place.region);
    notice.message_id = FormatUuid(MakeUuidBytes(random_));
    notice.notice_id = fmt::format("{:019}-{:04}-{}", ToMicros(notice.created), changes->size(),
                                   notice.message_id);
    notice.topic_arn = settings->topic_arn;
    notice.sinks = std::move(takers);
    notice.body = BodyOf(event, notice);
    changes->emplace_back(std::move(notice));
  }
}

}  // namespace tidemark::vault
