#include "table/parsed.h"

#include <utility>

#include "expr/placeholders.h"
#include "item/item_codec.h"

namespace tidemark::table {
namespace {

expr::Placeholders PlaceholdersOf(const Expressions& expressions) {
  return expr::Placeholders(&expressions.names, &expressions.values, expressions.names_given,
                            expressions.values_given);
}

Result<std::optional<expr::Condition>> ParseCondition(const std::optional<std::string>& text,
                                                      expr::Placeholders& placeholders,
                                                      std::string_view parameter) {
  if (!text) return std::nullopt;
  TM_TRY(auto condition, expr::Condition::Parse(*text, placeholders, parameter));
  return std::optional<expr::Condition>(std::move(condition));
}

Result<std::optional<expr::Projection>> ParseProjection(const std::optional<std::string>& text,
                                                        expr::Placeholders& placeholders) {
  if (!text) return std::nullopt;
  TM_TRY(auto projection, expr::Projection::Parse(*text, placeholders));
  return std::optional<expr::Projection>(std::move(projection));
}

}  // namespace

Result<std::optional<expr::Projection>> ParseProjection(const Expressions& expressions) {
  auto placeholders = PlaceholdersOf(expressions);
  TM_TRYV(placeholders.Check(expressions.projection.has_value(), false, ""));
  TM_TRY(auto projection, ParseProjection(expressions.projection, placeholders));
  TM_TRYV(placeholders.CheckAllUsed());
  return projection;
}

Result<std::optional<expr::Condition>> ParseWriteCondition(const Expressions& expressions) {
  auto placeholders = PlaceholdersOf(expressions);
  TM_TRYV(placeholders.Check(expressions.condition.has_value(), expressions.condition.has_value(),
                             "ConditionExpression"));
  TM_TRY(auto condition,
         ParseCondition(expressions.condition, placeholders, "ConditionExpression"));
  TM_TRYV(placeholders.CheckAllUsed());
  return condition;
}

Result<ParsedUpdate> ParseUpdate(const Expressions& expressions) {
  auto placeholders = PlaceholdersOf(expressions);
  const bool any = expressions.update.has_value() || expressions.condition.has_value();
  TM_TRYV(placeholders.Check(any, any, "UpdateExpression and ConditionExpression"));
  ParsedUpdate parsed;
  if (expressions.update) {
    TM_TRY(auto update, expr::Update::Parse(*expressions.update, placeholders));
    parsed.update = std::move(update);
  }
  TM_TRY(parsed.condition,
         ParseCondition(expressions.condition, placeholders, "ConditionExpression"));
  TM_TRYV(placeholders.CheckAllUsed());
  return parsed;
}

Result<ParsedScan> ParseScan(const Expressions& expressions) {
  auto placeholders = PlaceholdersOf(expressions);
  TM_TRYV(placeholders.Check(expressions.filter.has_value() || expressions.projection.has_value(),
                             expressions.filter.has_value(), "FilterExpression"));
  ParsedScan parsed;
  TM_TRY(parsed.filter, ParseCondition(expressions.filter, placeholders, "FilterExpression"));
  TM_TRY(parsed.projection, ParseProjection(expressions.projection, placeholders));
  TM_TRYV(placeholders.CheckAllUsed());
  return parsed;
}

Result<ParsedQuery> ParseQuery(const Expressions& expressions, const RowSpace& space) {
  auto placeholders = PlaceholdersOf(expressions);
  const bool any_value = expressions.filter.has_value() || expressions.key_condition.has_value();
  TM_TRYV(placeholders.Check(any_value || expressions.projection.has_value(), any_value,
                             "FilterExpression and KeyConditionExpression"));
  if (!expressions.key_condition)
    return Fail(ErrorKind::kValidation,
                "Either the KeyConditions or KeyConditionExpression parameter must be specified in "
                "the request.");
  ParsedQuery parsed;
  TM_TRY(parsed.filter, ParseCondition(expressions.filter, placeholders, "FilterExpression"));
  TM_TRY(parsed.projection, ParseProjection(expressions.projection, placeholders));
  const expr::KeyShape shape{space.partition, space.sort};
  TM_TRY(parsed.key, expr::KeyCondition::Parse(*expressions.key_condition, placeholders, shape));
  TM_TRYV(placeholders.CheckAllUsed());
  if (parsed.filter) {
    for (const auto& key : space.partition) TM_TRYV(parsed.filter->CheckFilterAvoids(key.name));
    for (const auto& key : space.sort) TM_TRYV(parsed.filter->CheckFilterAvoids(key.name));
  }
  return parsed;
}

Result<AnswerItem> Project(const std::optional<expr::Projection>& projection, Bytes stored) {
  if (!projection) return AnswerItem(std::move(stored));
  TM_TRY(const auto item, item::DecodeItem(stored));
  return AnswerItem(projection->Apply(item));
}

}  // namespace tidemark::table
