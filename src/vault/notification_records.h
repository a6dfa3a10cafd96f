// What is stored of notifications: which a vault sends, and those that are still to be sent.
// Values.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "vault/records.h"

namespace tidemark::vault {

struct NotificationSettingsRecord {
  static constexpr std::string_view kKind = "notifications";
  AccountId account;
  Region region;
  std::string vault;
  std::string topic_arn;            // of SNS; told in what is sent
  std::vector<std::string> events;  // "BACKUP_JOB_COMPLETED"
  bool operator==(const NotificationSettingsRecord&) const = default;

  const std::string& id() const { return vault; }
  bool IsOpen() const { return false; }
};

// The outbox: one record is stored together with what it tells of, and goes once all have it.
struct NoticeRecord {
  static constexpr std::string_view kKind = "notice";
  AccountId account;
  Region region;
  std::string notice_id;  // begins with its time, so that they are in order
  std::string message_id, topic_arn;
  std::string body;
  Timestamp created{};
  std::vector<std::string> sinks;  // that do not have it yet
  bool operator==(const NoticeRecord&) const = default;

  const std::string& id() const { return notice_id; }
  bool IsOpen() const { return true; }
};

std::string EncodeRecord(const NotificationSettingsRecord& record);
std::string EncodeRecord(const NoticeRecord& record);
// kCorruption.
Result<void> DecodeRecord(std::string_view json, NotificationSettingsRecord* out);
Result<void> DecodeRecord(std::string_view json, NoticeRecord* out);

}  // namespace tidemark::vault
