// Legal holds.
#include "vault/holds.h"

#include "api/vaults/handlers.h"
#include "api/vaults/shapes_gen.h"
#include "base/random.h"
#include "vault/fault.h"

namespace tidemark::api::vault_rest {

namespace {

// Members that a hold and its place in a list have both.
void WriteHold(const vault::HoldRecord& hold, JsonWriter* w) {
  w->Field("Title", hold.title).Field("Status", hold.cancelled ? "CANCELED" : "ACTIVE");
  w->Field("Description", hold.description);
  w->Field("LegalHoldId", hold.hold_id).Field("LegalHoldArn", hold.Arn());
  w->Key("CreationDate").EpochMillis(hold.created);
  if (hold.cancelled) w->Key("CancellationDate").EpochMillis(*hold.cancelled);
}

void WriteHoldSelection(const vault::HoldSelection& selection, JsonWriter* w) {
  w->Key("RecoveryPointSelection").BeginObject();
  WriteTexts("VaultNames", selection.vaults, w);
  WriteTexts("ResourceIdentifiers", selection.tables, w);
  if (selection.range) {
    w->Key("DateRange").BeginObject().Key("FromDate").EpochMillis(selection.range->from);
    w->Key("ToDate").EpochMillis(selection.range->to).EndObject();
  }
  w->EndObject();
}

}  // namespace

Result<std::string> CreateLegalHold(const VaultCall& call, JsonValue body) {
  TM_TRY(auto input, ParseCreateLegalHold(body));
  vault::HoldRecord wanted;
  wanted.title = *std::move(input.title);
  wanted.description = *std::move(input.description);
  wanted.token = input.idempotency_token.value_or("");
  wanted.tags = ToTags(input.tags);
  if (auto& selection = input.recovery_point_selection) {
    if (selection->vault_names) wanted.selection.vaults = *std::move(selection->vault_names);
    if (selection->resource_identifiers)
      wanted.selection.tables = *std::move(selection->resource_identifiers);
    if (const auto& range = selection->date_range)
      wanted.selection.range = {*range->from_date, *range->to_date};
  }
  TM_TRY(const auto hold, vault::CreateHold(call.scope, std::move(wanted), TheSystemRandom()));
  std::string answer;
  JsonWriter w(&answer);
  w.BeginObject();
  WriteHold(*hold, &w);
  WriteHoldSelection(hold->selection, &w);
  w.EndObject();
  return answer;
}

Result<std::string> GetLegalHold(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseGetLegalHold(body));
  TM_TRY(const auto hold, vault::FindHold(call.scope, *input.legal_hold_id));
  std::string answer;
  JsonWriter w(&answer);
  w.BeginObject();
  WriteHold(*hold, &w);
  if (hold->cancelled) w.Field("CancelDescription", hold->cancel_description);
  if (hold->retain_until) w.Key("RetainRecordUntil").EpochMillis(*hold->retain_until);
  WriteHoldSelection(hold->selection, &w);
  w.EndObject();
  return answer;
}

Result<std::string> ListLegalHolds(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseListLegalHolds(body));
  return PageAnswer(
      "LegalHolds", call.scope.store.List<vault::HoldRecord>(call.scope.place),
      {input.max_results, input.next_token},
      [](const auto& hold) { return NewestFirst(hold->created, hold->hold_id); },
      [](const auto& hold, JsonWriter* w) { WriteHold(*hold, w); });
}

Result<std::string> CancelLegalHold(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseCancelLegalHold(body));
  TM_TRYV(vault::CancelHold(call.scope, *input.legal_hold_id, *input.cancel_description,
                            input.retain_record_in_days));
  call.services.worker.Wake();
  return std::string("{}");
}

Result<std::string> ListRecoveryPointsByLegalHold(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseListRecoveryPointsByLegalHold(body));
  const auto hold = vault::FindHold(call.scope, *input.legal_hold_id);
  if (!hold) {  // the service has no other error here
    return vault::FailWith(vault::Fault::kInvalidParameter, "{}", hold.error().message);
  }
  return PageAnswer(
      "RecoveryPoints", vault::HeldPoints(call.scope, **hold),
      {input.max_results, input.next_token},
      [](const auto& point) { return NewestFirst(point->created, point->arn); },
      [](const auto& point, JsonWriter* w) {
        w->Field("RecoveryPointArn", point->arn).Field("ResourceArn", point->table_arn);
        w->Field("ResourceType", "DynamoDB").Field("BackupVaultName", point->vault);
      });
}

}  // namespace tidemark::api::vault_rest
