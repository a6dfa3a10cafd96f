// The expressions of a request, parsed together: placeholders are shared, and those that no
// expression uses are refused.
#pragma once
#include <optional>

#include "base/bytes.h"
#include "expr/condition.h"
#include "expr/key_condition.h"
#include "expr/projection.h"
#include "expr/update.h"
#include "item/row_key.h"
#include "table/answer_item.h"
#include "table/requests.h"
#include "table/row_space.h"

namespace tidemark::table {

// All errors: kValidation, with the service's texts.

Result<std::optional<expr::Projection>> ParseProjection(const Expressions& expressions);
Result<std::optional<expr::Condition>> ParseWriteCondition(const Expressions& expressions);

struct ParsedUpdate {
  std::optional<expr::Update> update;
  std::optional<expr::Condition> condition;
};
Result<ParsedUpdate> ParseUpdate(const Expressions& expressions);

struct ParsedScan {
  std::optional<expr::Condition> filter;
  std::optional<expr::Projection> projection;
};
Result<ParsedScan> ParseScan(const Expressions& expressions);

struct ParsedQuery {
  expr::KeyTerms key;
  std::optional<expr::Condition> filter;
  std::optional<expr::Projection> projection;
};
Result<ParsedQuery> ParseQuery(const Expressions& expressions);
// Once the table is known.
Result<expr::KeyCondition> MatchKeys(const ParsedQuery& parsed, const Expressions& expressions,
                                     const RowSpace& space);

// The stored item as it is answered; decoded only if there is a projection. kCorruption.
Result<AnswerItem> Project(const std::optional<expr::Projection>& projection, Bytes stored);

}  // namespace tidemark::table
