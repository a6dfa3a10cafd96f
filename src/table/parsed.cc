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
                                                      const std::optional<expr::Condition>& legacy,
                                                      expr::Placeholders& placeholders,
                                                      std::string_view parameter) {
  if (!text) return legacy;
  TM_TRY(auto condition, expr::Condition::Parse(*text, placeholders, parameter));
  return std::optional<expr::Condition>(std::move(condition));
}

Result<std::optional<expr::Projection>> ParseProjection(const Expressions& expressions,
                                                        expr::Placeholders& placeholders) {
  if (const auto& names = expressions.legacy.attributes_to_get) {
    return std::optional<expr::Projection>(expr::Projection::FromNames(*names));
  }
  if (!expressions.projection) return std::nullopt;
  TM_TRY(auto projection, expr::Projection::Parse(*expressions.projection, placeholders));
  return std::optional<expr::Projection>(std::move(projection));
}

}  // namespace

Result<std::optional<expr::Projection>> ParseProjection(const Expressions& expressions) {
  auto placeholders = PlaceholdersOf(expressions);
  TM_TRYV(placeholders.Check(expressions.projection.has_value(), false, ""));
  TM_TRY(auto projection, ParseProjection(expressions, placeholders));
  TM_TRYV(placeholders.CheckAllUsed());
  return projection;
}

Result<std::optional<expr::Condition>> ParseWriteCondition(const Expressions& expressions) {
  auto placeholders = PlaceholdersOf(expressions);
  const bool any = expressions.condition.has_value();
  TM_TRYV(placeholders.Check(any, any, ""));
  TM_TRY(auto condition, ParseCondition(expressions.condition, expressions.legacy.condition,
                                        placeholders, "ConditionExpression"));
  TM_TRYV(placeholders.CheckAllUsed());
  return condition;
}

Result<ParsedUpdate> ParseUpdate(const Expressions& expressions) {
  auto placeholders = PlaceholdersOf(expressions);
  const bool any = expressions.update.has_value() || expressions.condition.has_value();
  TM_TRYV(placeholders.Check(any, any, ""));
  ParsedUpdate parsed;
  parsed.update = expressions.legacy.update;
  if (expressions.update) {
    TM_TRY(auto update, expr::Update::Parse(*expressions.update, placeholders));
    parsed.update = std::move(update);
  }
  TM_TRY(parsed.condition, ParseCondition(expressions.condition, expressions.legacy.condition,
                                          placeholders, "ConditionExpression"));
  TM_TRYV(placeholders.CheckAllUsed());
  return parsed;
}

Result<ParsedScan> ParseScan(const Expressions& expressions) {
  auto placeholders = PlaceholdersOf(expressions);
  TM_TRYV(placeholders.Check(expressions.filter.has_value() || expressions.projection.has_value(),
                             expressions.filter.has_value(), "FilterExpression"));
  if (expressions.filter && expressions.filter->size() > expr::kExpressionBytesMax) {
    // Only a Scan says by how much.
    return Fail(ErrorKind::kValidation,
                "Invalid FilterExpression: Expression size has exceeded the maximum allowed size; "
                "expression size: {}",
                expressions.filter->size());
  }
  ParsedScan parsed;
  TM_TRY(parsed.filter, ParseCondition(expressions.filter, expressions.legacy.filter, placeholders,
                                       "FilterExpression"));
  TM_TRY(parsed.projection, ParseProjection(expressions, placeholders));
  TM_TRYV(placeholders.CheckAllUsed());
  return parsed;
}

Result<ParsedQuery> ParseQuery(const Expressions& expressions) {
  auto placeholders = PlaceholdersOf(expressions);
  const bool any_value = expressions.filter.has_value() || expressions.key_condition.has_value();
  TM_TRYV(placeholders.Check(any_value || expressions.projection.has_value(), any_value,
                             "FilterExpression and KeyConditionExpression"));
  if (!expressions.key_condition && !expressions.legacy.keys)
    return Fail(ErrorKind::kValidation,
                "Either the KeyConditions or KeyConditionExpression parameter must be specified in "
                "the request.");
  ParsedQuery parsed;
  if (expressions.key_condition) {
    TM_TRY(parsed.key, expr::KeyCondition::ParseTerms(*expressions.key_condition, placeholders));
  } else {
    parsed.key = *expressions.legacy.keys;
  }
  TM_TRY(parsed.filter, ParseCondition(expressions.filter, expressions.legacy.filter, placeholders,
                                       "FilterExpression"));
  TM_TRY(parsed.projection, ParseProjection(expressions, placeholders));
  TM_TRYV(placeholders.CheckAllUsed());
  return parsed;
}

Result<expr::KeyCondition> MatchKeys(const ParsedQuery& parsed, const Expressions& expressions,
                                     const RowSpace& space) {
  const expr::KeyShape shape{space.partition, space.sort};
  TM_TRY(auto key, expr::KeyCondition::Match(parsed.key, shape));
  if (parsed.filter) {
    const std::string_view name = expressions.filter ? "Filter Expression" : "QueryFilter";
    for (const auto& key : space.partition)
      TM_TRYV(parsed.filter->CheckFilterAvoids(key.name, name));
    for (const auto& key : space.sort) TM_TRYV(parsed.filter->CheckFilterAvoids(key.name, name));
  }
  return key;
}

Result<AnswerItem> Project(const std::optional<expr::Projection>& projection, Bytes stored) {
  if (!projection) return AnswerItem(std::move(stored));
  TM_TRY(const auto item, item::DecodeItem(stored));
  return AnswerItem(projection->Apply(item));
}

}  // namespace tidemark::table
