// What is stored of restore testing: one record each of a plan, of each of its selections, and of
// each test, beside the restore job of the same id. Values.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "vault/plan_records.h"

namespace tidemark::vault {

// Of the recovery points of a table, which one a run restores.
struct PointChoice {
  bool random = false;                    // else the newest
  bool snapshots = true;                  // recovery points of jobs; there are no others
  bool continuous = false;                // kept and told
  std::vector<std::string> vaults;        // ARNs, with '*'
  std::vector<std::string> other_vaults;  // likewise: out of these none
  int64_t window_days = 0;                // an older one is not chosen
  bool operator==(const PointChoice&) const = default;
};

struct TestingPlanRecord {
  static constexpr std::string_view kKind = "testing-plan";
  AccountId account;
  Region region;
  std::string name;
  std::string uuid;  // in its ARN: a plan of the same name, made later, is another one
  std::string creator_request_id;
  std::string schedule, zone;
  int64_t start_hours = 0;
  PointChoice choice;
  Tags tags;
  Timestamp created{}, updated{};  // updated zero: never, and the following likewise
  Timestamp executed{};            // last
  Timestamp done_until{};          // runs up to then have been begun
  bool operator==(const TestingPlanRecord&) const = default;

  const std::string& id() const { return name; }
  bool IsOpen() const { return true; }
  std::string Arn() const;  // arn:aws:backup:REGION:ACCOUNT:restore-testing-plan:NAME-UUID
};

struct TestingSelectionRecord {
  static constexpr std::string_view kKind = "testing-selection";
  AccountId account;
  Region region;
  std::string plan, name;
  std::string role_arn, creator_request_id;
  std::vector<std::string> tables;  // ARNs, or "*" alone
  std::vector<TagTest> equals, not_equals;
  Tags overrides;  // of the restores' metadata
  int64_t validation_hours = 0;
  Timestamp created{}, updated{};
  bool operator==(const TestingSelectionRecord&) const = default;

  std::string id() const { return plan + "/" + name; }
  bool IsOpen() const { return false; }
};

// What a restored table was found to be like.
enum class Validation { kNone, kValidating, kSuccessful, kFailed, kTimedOut };
std::string_view ToString(Validation validation);  // "SUCCESSFUL"

// Of the restored table, once nobody needs it any more.
enum class Removal { kNone, kDeleting, kSuccessful, kFailed };
std::string_view ToString(Removal removal);  // "DELETING"

struct RestoreTestRecord {
  static constexpr std::string_view kKind = "restore-test";
  AccountId account;
  Region region;
  std::string job_id;  // of the restore job
  std::string plan, plan_arn, selection;
  std::string table_arn;  // whose recovery point is tested
  Timestamp created{};
  Timestamp start_by{};      // the restore begins, or fails
  int64_t kept_hours = 0;    // for checks of the user's own
  Micros objective{};        // within which the restore should be done; zero: there is none
  Micros took{};             // zero: the restore has not been done
  bool is_compared = false;  // the table has been compared with the recovery point
  bool is_alike = false;     // ... and is like it
  bool is_late = false;      // it took longer than the objective
  Validation validation = Validation::kNone;
  std::string message;     // of the validation
  Timestamp keep_until{};  // of the table; zero: until it is known how the restore ends
  Removal removal = Removal::kNone;
  std::string removal_message;
  TableId table{};    // the one restored, once it is there
  Timestamp ended{};  // zero: something is to be done yet
  bool operator==(const RestoreTestRecord&) const = default;

  const std::string& id() const { return job_id; }
  bool IsOpen() const { return ended == Timestamp{}; }
};

std::string EncodeRecord(const TestingPlanRecord& record);
std::string EncodeRecord(const TestingSelectionRecord& record);
std::string EncodeRecord(const RestoreTestRecord& record);
// kCorruption.
Result<void> DecodeRecord(std::string_view json, TestingPlanRecord* out);
Result<void> DecodeRecord(std::string_view json, TestingSelectionRecord* out);
Result<void> DecodeRecord(std::string_view json, RestoreTestRecord* out);

}  // namespace tidemark::vault
