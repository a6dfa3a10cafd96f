#include "vault/notification_records.h"

#include "vault/record_json.h"

namespace tidemark::vault {

namespace {

namespace json = boost::json;
using catalog::Fields;

NotificationSettingsRecord ReadNotificationSettings(Fields fields) {
  auto record = BeginRecord<NotificationSettingsRecord>(fields);
  record.vault = fields.Text("vault");
  record.topic_arn = fields.Text("topic_arn");
  record.events = fields.Texts("events");
  return record;
}

NoticeRecord ReadNotice(Fields fields) {
  auto record = BeginRecord<NoticeRecord>(fields);
  record.notice_id = fields.Text("notice");
  record.message_id = fields.Text("message_id");
  record.topic_arn = fields.Text("topic_arn");
  record.body = fields.Text("body");
  record.created = fields.Time("created");
  record.sinks = fields.Texts("sinks");
  return record;
}

}  // namespace

std::string EncodeRecord(const NotificationSettingsRecord& record) {
  auto out = BeginJson(record);
  out["vault"] = record.vault;
  out["topic_arn"] = record.topic_arn;
  out["events"] = json::array(record.events.begin(), record.events.end());
  return json::serialize(out);
}

std::string EncodeRecord(const NoticeRecord& record) {
  auto out = BeginJson(record);
  out["notice"] = record.notice_id;
  out["message_id"] = record.message_id;
  out["topic_arn"] = record.topic_arn;
  out["body"] = record.body;
  out["created"] = ToMicros(record.created);
  out["sinks"] = json::array(record.sinks.begin(), record.sinks.end());
  return json::serialize(out);
}

Result<void> DecodeRecord(std::string_view text, NotificationSettingsRecord* out) {
  return DecodeInto(text, ReadNotificationSettings, out);
}
Result<void> DecodeRecord(std::string_view text, NoticeRecord* out) {
  return DecodeInto(text, ReadNotice, out);
}

}  // namespace tidemark::vault
