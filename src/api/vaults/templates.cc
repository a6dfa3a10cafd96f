// Plans as templates: those that come with the service, and documents of one's own.
#include "api/vaults/handlers.h"
#include "api/vaults/shapes_gen.h"
#include "vault/fault.h"
#include "vault/plan_templates.h"

namespace tidemark::api::vault_rest {

Result<std::string> ExportBackupPlanTemplate(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseExportBackupPlanTemplate(body));
  TM_TRY(const auto plan, vault::FindPlan(call.scope, *input.backup_plan_id));
  vault::PlanDocument document = plan->document;
  for (auto& rule : document.rules) rule.id.clear();
  std::string exported;
  JsonWriter e(&exported);
  WritePlanDocument(document, &e);
  std::string answer;
  JsonWriter w(&answer);
  w.BeginObject().Field("BackupPlanTemplateJson", exported).EndObject();
  return answer;
}

Result<std::string> GetBackupPlanFromJSON(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseGetBackupPlanFromJSON(body));
  codec::JsonParser parser;
  if (!parser.Parse(*input.backup_plan_template_json)) {
    return vault::FailWith(vault::Fault::kInvalidParameter,
                           "BackupPlanTemplateJson is no JSON document");
  }
  const std::string text = R"({"BackupPlan":)" + *input.backup_plan_template_json + "}";
  TM_TRY(const auto json, parser.Parse(text));
  TM_TRY(const auto document, ReadPlanDocument(json));
  TM_TRYV(vault::CheckDocument(call.scope, document));
  std::string answer;
  JsonWriter w(&answer);
  w.BeginObject().Key("BackupPlan");
  WritePlanDocument(document, &w);
  w.EndObject();
  return answer;
}

Result<std::string> GetBackupPlanFromTemplate(const VaultCall&, JsonValue body) {
  TM_TRY(const auto input, ParseGetBackupPlanFromTemplate(body));
  const auto* found = vault::FindPlanTemplate(*input.backup_plan_template_id);
  if (!found) {
    return vault::FailWith(vault::Fault::kNotFound, "Backup plan template {} does not exist",
                           *input.backup_plan_template_id);
  }
  std::string answer;
  JsonWriter w(&answer);
  w.BeginObject().Key("BackupPlanDocument");
  WritePlanDocument(found->document, &w);
  w.EndObject();
  return answer;
}

Result<std::string> ListBackupPlanTemplates(const VaultCall&, JsonValue body) {
  TM_TRY(const auto input, ParseListBackupPlanTemplates(body));
  return PageAnswer(
      "BackupPlanTemplatesList", vault::PlanTemplates(), {input.max_results, input.next_token},
      [](const auto& one) { return one.id; },
      [](const auto& one, JsonWriter* w) {
        w->Field("BackupPlanTemplateId", one.id);
        w->Field("BackupPlanTemplateName", one.document.name);
      });
}

}  // namespace tidemark::api::vault_rest
