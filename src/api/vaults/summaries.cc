// How many jobs there were of late, by state, account, type of resource and category of message.
#include <map>
#include <tuple>

#include "api/vaults/handlers.h"
#include "api/vaults/shapes_gen.h"

namespace tidemark::api::vault_rest {

namespace {

constexpr std::string_view kAll = "AGGREGATE_ALL";
constexpr std::string_view kAny = "ANY";

std::chrono::days LengthOf(const std::optional<AggregationPeriod>& period) {
  switch (period.value_or(AggregationPeriod::kOneDay)) {
    case AggregationPeriod::kSevenDays:
      return std::chrono::days(7);
    case AggregationPeriod::kFourteenDays:
      return std::chrono::days(14);
    default:
      return std::chrono::days(1);
  }
}

// The group's name for a value: itself, or one for all. Nothing: it is filtered out.
std::optional<std::string> GroupOf(const std::optional<std::string>& filter,
                                   std::string_view value) {
  if (filter == kAll) return std::string(kAll);
  if (!filter || filter == kAny || *filter == value) return std::string(value);
  return std::nullopt;
}

std::optional<std::string> NameOf(const std::optional<BackupJobStatus>& status) {
  constexpr std::string_view kNames[] = {"CREATED", "PENDING",   "RUNNING", "ABORTING",
                                         "ABORTED", "COMPLETED", "FAILED",  "EXPIRED",
                                         "PARTIAL", kAll,        kAny};
  if (!status) return std::nullopt;
  return std::string(kNames[static_cast<size_t>(*status)]);
}
std::optional<std::string> NameOf(const std::optional<CopyJobStatus>& status) {
  constexpr std::string_view kNames[] = {"CREATED",    "RUNNING",   "ABORTING", "ABORTED",
                                         "COMPLETING", "COMPLETED", "FAILING",  "FAILED",
                                         "PARTIAL",    kAll,        kAny};
  if (!status) return std::nullopt;
  return std::string(kNames[static_cast<size_t>(*status)]);
}
std::optional<std::string> NameOf(const std::optional<RestoreJobState>& status) {
  constexpr std::string_view kNames[] = {"CREATED",   "PENDING", "RUNNING", "ABORTED",
                                         "COMPLETED", "FAILED",  kAll,      kAny};
  if (!status) return std::nullopt;
  return std::string(kNames[static_cast<size_t>(*status)]);
}

std::string_view StateOf(const vault::BackupJobRecord& job) { return vault::ToString(job.state); }
std::string_view StateOf(const vault::CopyJobRecord& job) { return vault::ToString(job.state); }
std::string_view StateOf(const vault::RestoreJobRecord& job) { return vault::ToString(job.status); }

// What restore jobs do not have.
template <class Record>
std::string_view CategoryOf(const Record& job) {
  if constexpr (requires { job.category; }) {
    return job.category;
  } else {
    return "";
  }
}
template <class Input>
std::optional<std::string> CategoryIn(const Input& input) {
  if constexpr (requires { input.message_category; }) {
    return input.message_category;
  } else {
    return std::nullopt;
  }
}

// State, message category, type of resource, account.
using Group = std::tuple<std::string, std::string, std::string, std::string>;

template <class Input, class Record>
std::optional<Group> GroupOfJob(const Input& input, const Record& job) {
  auto state = GroupOf(NameOf(input.state), StateOf(job));
  auto category = GroupOf(CategoryIn(input), CategoryOf(job));
  auto type = GroupOf(input.resource_type, "DynamoDB");
  auto account = GroupOf(input.account_id, job.account.value);
  if (!state || !category || !type || !account) return std::nullopt;
  return Group{*state, *category, *type, *account};
}

std::string_view ToText(const std::optional<AggregationPeriod>& period) {
  constexpr std::string_view kNames[] = {"ONE_DAY", "SEVEN_DAYS", "FOURTEEN_DAYS"};
  return kNames[static_cast<size_t>(period.value_or(AggregationPeriod::kOneDay))];
}

template <class Record, class Input>
Result<std::string> SummaryAnswer(const VaultCall& call, std::string_view list,
                                  const Input& input) {
  const Timestamp end = call.scope.now;
  const Timestamp begin = end - LengthOf(input.aggregation_period);
  std::map<Group, int64_t> counts;
  for (const auto& job : call.scope.store.List<Record>(call.scope.place)) {
    if (job->created < begin) continue;
    if (const auto group = GroupOfJob(input, *job)) ++counts[*group];
  }
  TM_TRY(auto answer,
         PageAnswer(
             list, std::vector<std::pair<Group, int64_t>>(counts.begin(), counts.end()),
             {input.max_results, input.next_token},
             [](const auto& one) {
               return std::apply(
                   [](const auto&... part) { return (std::string() + ... + ("/" + part)); },
                   one.first);
             },
             [&](const auto& one, JsonWriter* w) {
               const auto& [state, category, type, account] = one.first;
               w->Field("Region", call.scope.place.region.value).Field("AccountId", account);
               w->Field("State", state).Field("ResourceType", type);
               if constexpr (requires { input.message_category; })
                 w->Field("MessageCategory", category);
               w->Field("Count", one.second);
               w->Key("StartTime").EpochMillis(begin).Key("EndTime").EpochMillis(end);
             }));
  answer.pop_back();
  answer += fmt::format(R"(,"AggregationPeriod":"{}"}})", ToText(input.aggregation_period));
  return answer;
}

}  // namespace

Result<std::string> ListBackupJobSummaries(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseListBackupJobSummaries(body));
  return SummaryAnswer<vault::BackupJobRecord>(call, "BackupJobSummaries", input);
}

Result<std::string> ListCopyJobSummaries(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseListCopyJobSummaries(body));
  return SummaryAnswer<vault::CopyJobRecord>(call, "CopyJobSummaries", input);
}

Result<std::string> ListRestoreJobSummaries(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseListRestoreJobSummaries(body));
  return SummaryAnswer<vault::RestoreJobRecord>(call, "RestoreJobSummaries", input);
}

}  // namespace tidemark::api::vault_rest
