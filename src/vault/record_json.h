// Parts that records of this module have in common, as JSON. For its record files alone.
#pragma once
#include <optional>
#include <string_view>

#include "catalog/json_fields.h"
#include "vault/records.h"

namespace tidemark::vault {

inline constexpr int64_t kRecordVersion = 1;

inline boost::json::object TagsToJson(const Tags& tags) {
  boost::json::object out;
  for (const auto& [key, value] : tags) out[key] = value;
  return out;
}

inline Tags TagsFromJson(const catalog::Fields& fields) {
  Tags tags;
  for (const std::string& key : fields.Names()) tags[key] = fields.Text(key);
  return tags;
}

inline void PutDays(std::string_view name, const std::optional<int64_t>& days,
                    boost::json::object* out) {
  if (days) (*out)[name] = *days;
}

inline std::optional<int64_t> DaysOf(const catalog::Fields& fields, std::string_view name) {
  return fields.Has(name) ? std::optional(fields.Int(name)) : std::nullopt;
}

inline boost::json::object LifecycleToJson(const Lifecycle& lifecycle) {
  boost::json::object out;
  PutDays("cold_after_days", lifecycle.cold_after_days, &out);
  PutDays("delete_after_days", lifecycle.delete_after_days, &out);
  return out;
}

inline Lifecycle LifecycleFromJson(const catalog::Fields& fields) {
  return {DaysOf(fields, "cold_after_days"), DaysOf(fields, "delete_after_days")};
}

template <class Record>
boost::json::object BeginJson(const Record& record) {
  return {{"version", kRecordVersion},
          {"account", record.account.value},
          {"region", record.region.value}};
}

template <class Record>
Record BeginRecord(const catalog::Fields& fields) {
  Record record;
  record.account = AccountId(fields.Text("account"));
  record.region = Region(fields.Text("region"));
  return record;
}

template <class Record>
Result<void> DecodeInto(std::string_view text, Record (*read)(catalog::Fields), Record* out) {
  TM_TRY(*out, catalog::DecodeRecord<Record>(text, kRecordVersion, Record::kKind, read));
  return {};
}

}  // namespace tidemark::vault
