// GetAdvice: what the account's protection lacks, and the commands that mend it.
#include "advice/advice.h"
#include "api/costs/handlers.h"
#include "api/dynamodb/shapes_gen.h"
#include "codec/json_writer.h"

namespace tidemark::api::costs {

Task<std::string> GetAdvice(const CostServices& services, Caller caller, JsonValue body) {
  TM_CO_TRY(const auto input, dynamodb::ParseGetAdvice(body));
  advice::Question question{.account = caller.account, .now = services.now()};
  if (input.backup_age_days) question.backup_age_max = std::chrono::days(*input.backup_age_days);
  auto examine = [&services, question]() -> Result<std::string> {
    std::string answer;
    codec::JsonWriter w(&answer);
    w.BeginObject().Key("Findings").BeginArray();
    for (const auto& finding : advice::Examine(services.advice, question)) {
      w.BeginObject().Field("Severity", advice::ToString(finding.severity));
      w.Field("Check", finding.check).Field("Region", finding.region.value);
      w.Field("Resource", finding.resource).Field("Text", finding.text);
      w.Field("Command", finding.command).EndObject();
    }
    w.EndArray().EndObject();
    return answer;
  };
  co_return co_await runtime::Blocking(services.pool, std::move(examine));
}

}  // namespace tidemark::api::costs
