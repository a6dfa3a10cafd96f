// Parts that records of this module have in common, as JSON. For its record files alone.
#pragma once
#include <optional>
#include <string_view>

#include "catalog/json_fields.h"
#include "vault/plan_records.h"

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

inline boost::json::array CopiesToJson(const std::vector<CopyAction>& copies) {
  boost::json::array out;
  for (const CopyAction& copy : copies) {
    out.push_back(boost::json::object{{"vault_arn", copy.vault_arn},
                                      {"lifecycle", LifecycleToJson(copy.lifecycle)}});
  }
  return out;
}

// Of a record's member "copies", which older ones have not.
inline std::vector<CopyAction> CopiesFromJson(const catalog::Fields& fields) {
  std::vector<CopyAction> copies;
  if (!fields.Has("copies")) return copies;
  for (const auto& copy : fields.Objects("copies"))
    copies.push_back({copy.Text("vault_arn"), LifecycleFromJson(copy.Object("lifecycle"))});
  return copies;
}

inline boost::json::array TestsToJson(const std::vector<TagTest>& tests) {
  boost::json::array out;
  for (const TagTest& test : tests)
    out.push_back(boost::json::object{{"key", test.key}, {"value", test.value}});
  return out;
}

inline std::vector<TagTest> TestsFromJson(const catalog::Fields& fields, std::string_view name) {
  std::vector<TagTest> tests;
  for (const catalog::Fields& test : fields.Objects(name))
    tests.push_back({test.Text("key"), test.Text("value")});
  return tests;
}

inline boost::json::object OriginToJson(const PlanOrigin& by) {
  return {{"plan_id", by.plan_id}, {"plan_name", by.plan_name}, {"version", by.version},
          {"rule_id", by.rule_id}, {"rule_name", by.rule_name}, {"schedule", by.schedule},
          {"zone", by.zone}};
}

inline PlanOrigin OriginFromJson(const catalog::Fields& fields) {
  return {fields.Text("plan_id"), fields.Text("plan_name"), fields.Text("version"),
          fields.Text("rule_id"), fields.Text("rule_name"), fields.Text("schedule"),
          fields.Text("zone")};
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
