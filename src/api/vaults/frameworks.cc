// Frameworks: what of backups is to be so, and what is.
#include "vault/frameworks.h"

#include "api/vaults/handlers.h"
#include "api/vaults/shapes_gen.h"
#include "base/random.h"
#include "vault/compliance.h"
#include "vault/fault.h"

namespace tidemark::api::vault_rest {

namespace {

constexpr size_t kFindingsMax = 100;  // of a control, that an answer tells

Result<std::vector<vault::Control>> ToControls(const std::vector<FrameworkControl>& given) {
  std::vector<vault::Control> controls;
  for (const FrameworkControl& one : given) {
    vault::Control control{.name = *one.control_name, .parameters = {}, .scope = {}};
    for (const auto& parameter :
         one.control_input_parameters.value_or(std::vector<ControlInputParameter>())) {
      if (!parameter.parameter_name || !parameter.parameter_value) {
        return vault::FailWith(vault::Fault::kInvalidParameter,
                               "A parameter of control {} needs ParameterName and ParameterValue",
                               control.name);
      }
      control.parameters[*parameter.parameter_name] = *parameter.parameter_value;
    }
    if (const auto& scope = one.control_scope) {
      const std::vector<std::string> none;
      control.scope = {scope->compliance_resource_ids.value_or(none),
                       scope->compliance_resource_types.value_or(none), ToTags(scope->tags)};
    }
    controls.push_back(std::move(control));
  }
  return controls;
}

void WriteControl(const vault::Control& control, JsonWriter* w) {
  w->BeginObject().Field("ControlName", control.name);
  w->Key("ControlInputParameters").BeginArray();
  for (const auto& [name, value] : control.parameters) {
    w->BeginObject().Field("ParameterName", name).Field("ParameterValue", value).EndObject();
  }
  w->EndArray().Key("ControlScope").BeginObject();
  const vault::ControlScope& scope = control.scope;
  if (!scope.ids.empty()) WriteTexts("ComplianceResourceIds", scope.ids, w);
  if (!scope.types.empty()) WriteTexts("ComplianceResourceTypes", scope.types, w);
  if (!scope.tags.empty()) WriteTextMap("Tags", scope.tags, w);
  w->EndObject().EndObject();
}

// Beyond what the service tells, which has reports for that alone.
void WriteCompliance(const vault::Control& control, const std::vector<vault::Finding>& findings,
                     JsonWriter* w) {
  const vault::Compliance count = vault::Count(findings);
  w->BeginObject().Field("ControlName", control.name).Field("Status", count.status());
  w->Field("CompliantResources", static_cast<int64_t>(count.compliant));
  w->Field("NonCompliantResources", static_cast<int64_t>(count.others));
  w->Key("Findings").BeginArray();
  size_t told = 0;
  for (const vault::Finding& finding : findings) {
    if (finding.lacks.empty() || ++told > kFindingsMax) continue;
    w->BeginObject().Field("ResourceArn", finding.arn).Field("ResourceType", finding.type);
    w->Field("Reason", finding.lacks).EndObject();
  }
  w->EndArray().EndObject();
}

vault::ControlFacts FactsOf(const VaultCall& call) {
  const VaultServices& services = call.services;
  return {services.store, services.catalog, services.keys, services.directory};
}

}  // namespace

Result<std::string> CreateFramework(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseCreateFramework(body));
  vault::FrameworkRecord wanted;
  wanted.name = *input.framework_name;
  wanted.token = input.idempotency_token.value_or("");
  wanted.description = input.framework_description.value_or("");
  TM_TRY(wanted.controls, ToControls(*input.framework_controls));
  wanted.tags = ToTags(input.framework_tags);
  TM_TRY(const auto framework,
         vault::CreateFramework(call.scope, std::move(wanted), TheSystemRandom()));
  std::string answer;
  JsonWriter w(&answer);
  w.BeginObject().Field("FrameworkName", framework->name).Field("FrameworkArn", framework->Arn());
  w.EndObject();
  return answer;
}

Result<std::string> UpdateFramework(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseUpdateFramework(body));
  vault::FrameworkChange change{.description = input.framework_description, .controls = {}};
  if (input.framework_controls) {
    TM_TRY(change.controls, ToControls(*input.framework_controls));
  }
  TM_TRY(const auto framework, vault::UpdateFramework(call.scope, *input.framework_name, change));
  std::string answer;
  JsonWriter w(&answer);
  w.BeginObject().Field("FrameworkName", framework->name).Field("FrameworkArn", framework->Arn());
  w.Key("CreationTime").EpochMillis(framework->created).EndObject();
  return answer;
}

Result<std::string> DescribeFramework(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseDescribeFramework(body));
  TM_TRY(const auto framework, vault::FindFramework(call.scope, *input.framework_name));
  std::string answer;
  JsonWriter w(&answer);
  w.BeginObject().Field("FrameworkName", framework->name).Field("FrameworkArn", framework->Arn());
  w.Field("FrameworkDescription", framework->description);
  w.Key("CreationTime").EpochMillis(framework->created);
  w.Field("DeploymentStatus", "COMPLETED").Field("FrameworkStatus", "ACTIVE");
  if (!framework->token.empty()) w.Field("IdempotencyToken", framework->token);
  w.Key("FrameworkControls").BeginArray();
  for (const auto& control : framework->controls) WriteControl(control, &w);
  w.EndArray().Key("Compliance").BeginArray();
  for (const auto& control : framework->controls) {
    const auto findings = vault::Evaluate(FactsOf(call), call.scope.place, control, call.scope.now);
    WriteCompliance(control, findings, &w);
  }
  w.EndArray().EndObject();
  return answer;
}

Result<std::string> ListFrameworks(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseListFrameworks(body));
  return PageAnswer(
      "Frameworks", call.scope.store.List<vault::FrameworkRecord>(call.scope.place),
      {input.max_results, input.next_token}, [](const auto& framework) { return framework->name; },
      [](const auto& framework, JsonWriter* w) {
        w->Field("FrameworkName", framework->name).Field("FrameworkArn", framework->Arn());
        w->Field("FrameworkDescription", framework->description);
        w->Field("NumberOfControls", static_cast<int64_t>(framework->controls.size()));
        w->Key("CreationTime").EpochMillis(framework->created);
        w->Field("DeploymentStatus", "COMPLETED");
      });
}

Result<std::string> DeleteFramework(const VaultCall& call, JsonValue body) {
  TM_TRY(const auto input, ParseDeleteFramework(body));
  TM_TRYV(vault::DeleteFramework(call.scope, *input.framework_name));
  return std::string();
}

}  // namespace tidemark::api::vault_rest
