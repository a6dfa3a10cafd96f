// Acts on plans of restore testing and their selections, with the service's rules. All that change
// something block and are durable on return. Errors: faults (fault.h), beside those of storing.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "vault/testing_records.h"
#include "vault/vaults.h"

namespace tidemark::vault {

inline constexpr int64_t kDefaultStartHours = 24;
inline constexpr int64_t kDefaultTestWindowDays = 30;
// What tables that tests restore are called, before something random, and the tag they have: who
// takes it off keeps the table.
inline constexpr std::string_view kTestTablePrefix = "awsbackup-restore-test-";
inline constexpr std::string_view kTestTableTag = "awsbackup-restore-test";
// A tag of plans: within how many seconds restores should be done.
inline constexpr std::string_view kObjectiveTag = "tidemark:restore-objective-seconds";

// What the tag says; zero: there is none. kInvalidParameter: it is no such number.
Result<Micros> ObjectiveOf(const Tags& tags);

// Seconds as texts tell them: "0.05", "12", to the microsecond, by which they are compared.
std::string SecondsText(Micros time);

Result<Ptr<TestingPlanRecord>> FindTestingPlan(const VaultScope& scope, std::string_view name);
// Null: there is no such plan.
Ptr<TestingPlanRecord> FindTestingPlanByArn(const VaultScope& scope, std::string_view arn);
// The same request with the same id is answered with the plan it made. kAlreadyExists,
// kInvalidParameter, kMissingParameter, kLimitExceeded.
Result<Ptr<TestingPlanRecord>> CreateTestingPlan(const VaultScope& scope, TestingPlanRecord plan,
                                                 Random& random);
// What is not given stays.
struct TestingPlanChange {
  std::optional<std::string> schedule, zone;
  std::optional<int64_t> start_hours;
  std::optional<PointChoice> choice;
};
Result<Ptr<TestingPlanRecord>> UpdateTestingPlan(const VaultScope& scope, std::string_view name,
                                                 const TestingPlanChange& change);
// kInvalidRequest: it has selections. Tests under way go on.
Result<void> DeleteTestingPlan(const VaultScope& scope, std::string_view name);

Result<Ptr<TestingSelectionRecord>> FindTestingSelection(const VaultScope& scope,
                                                         std::string_view plan,
                                                         std::string_view name);
std::vector<Ptr<TestingSelectionRecord>> TestingSelectionsOf(const VaultScope& scope,
                                                             std::string_view plan);
// Errors likewise.
Result<Ptr<TestingSelectionRecord>> CreateTestingSelection(const VaultScope& scope,
                                                           TestingSelectionRecord selection);
struct TestingSelectionChange {
  std::optional<std::string> role_arn;
  std::optional<std::vector<std::string>> tables;
  std::optional<std::vector<TagTest>> equals, not_equals;
  std::optional<Tags> overrides;
  std::optional<int64_t> validation_hours;
};
Result<Ptr<TestingSelectionRecord>> UpdateTestingSelection(const VaultScope& scope,
                                                           std::string_view plan,
                                                           std::string_view name,
                                                           const TestingSelectionChange& change);
Result<void> DeleteTestingSelection(const VaultScope& scope, std::string_view plan,
                                    std::string_view name);

// With what metadata a test restores: a new name, and the overrides of its selection.
Tags TestMetadata(const Tags& overrides, Random& random);
// kInvalidParameter: a test cannot be told that.
Result<void> CheckOverrides(const Tags& overrides, Random& random);

// Whether a selection names a table with these tags. Pure.
bool TestSelects(const TestingSelectionRecord& selection, std::string_view table_arn,
                 const Tags& tags);
// Whether a run now may restore that point. Pure.
bool MayChoose(const PointChoice& choice, const PointRecord& point, Timestamp now);

}  // namespace tidemark::vault
