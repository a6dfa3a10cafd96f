// What is stored of plans: one record each of a plan as it is, of each version it had, and of each
// of its selections. Values.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vault/records.h"

namespace tidemark::vault {

struct PlanRule {
  std::string id, name;
  std::string vault;           // name
  std::string schedule, zone;  // "cron(0 5 ? * * *)", "Etc/UTC"
  int64_t start_minutes = 0, complete_minutes = 0;
  Lifecycle lifecycle;
  Tags tags;  // of recovery points
  std::vector<CopyAction> copies;
  bool continuous = false;     // kept and told
  std::string air_gapped_arn;  // of the vault they are for in the end; empty: their own
  bool operator==(const PlanRule&) const = default;
};

struct PlanDocument {
  std::string name;
  std::vector<PlanRule> rules;
  bool operator==(const PlanDocument&) const = default;
};

struct PlanRecord {
  static constexpr std::string_view kKind = "plan";
  AccountId account;
  Region region;
  std::string plan_id;
  std::string version;
  std::string creator_request_id;
  Timestamp created{};
  std::optional<Timestamp> deleted;
  Timestamp executed{};    // last; zero: never
  Timestamp done_until{};  // runs up to then have been begun
  PlanDocument document;
  Tags tags;
  bool operator==(const PlanRecord&) const = default;

  const std::string& id() const { return plan_id; }
  bool IsOpen() const { return !deleted; }
  std::string Arn() const;  // arn:aws:backup:REGION:ACCOUNT:backup-plan:ID
};

struct PlanVersionRecord {
  static constexpr std::string_view kKind = "plan-version";
  AccountId account;
  Region region;
  std::string plan_id, version;
  Timestamp created{};
  PlanDocument document;
  bool operator==(const PlanVersionRecord&) const = default;

  std::string id() const { return plan_id + "/" + version; }
  bool IsOpen() const { return false; }
};

// A condition on a tag.
struct TagTest {
  std::string key, value;
  bool operator==(const TagTest&) const = default;
};

struct SelectionRecord {
  static constexpr std::string_view kKind = "selection";
  AccountId account;
  Region region;
  std::string plan_id, selection_id;
  std::string name, role_arn, creator_request_id;
  Timestamp created{};
  std::vector<std::string> resources, not_resources;        // ARNs, with '*'
  std::vector<TagTest> any_tag;                             // one of them is enough
  std::vector<TagTest> equals, not_equals, like, not_like;  // all must hold
  bool operator==(const SelectionRecord&) const = default;

  std::string id() const { return plan_id + "/" + selection_id; }
  bool IsOpen() const { return false; }
};

std::string EncodeRecord(const PlanRecord& record);
std::string EncodeRecord(const PlanVersionRecord& record);
std::string EncodeRecord(const SelectionRecord& record);
// kCorruption.
Result<void> DecodeRecord(std::string_view json, PlanRecord* out);
Result<void> DecodeRecord(std::string_view json, PlanVersionRecord* out);
Result<void> DecodeRecord(std::string_view json, SelectionRecord* out);

}  // namespace tidemark::vault
