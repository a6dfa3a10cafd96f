// Text to tree by recursive descent; no names are looked up here. Depth is bounded, so a hostile
// text costs neither stack nor more than linear time. Errors: kValidation; the texts lack the
// "Invalid <parameter>: " which Parsing's owner puts before them.
#pragma once
#include <string_view>
#include <vector>

#include "base/result.h"
#include "expr/ast.h"
#include "expr/lexer.h"

namespace tidemark::expr {

constexpr int kOperatorsMax = 300;
// Parentheses and calls within each other. No valid expression comes near: beyond its operators
// it nests once around the whole and once around an operand.
constexpr int kDepthMax = 400;

struct ParsedCondition {
  NodePtr root;
  bool redundant_parentheses = false;
  int operators = 0;  // comparators, keywords, functions
};

struct ParsedUpdate {
  std::vector<UpdateAction> actions;  // as written
  std::vector<ActionKind> sections;   // as written, repetitions included
  int operators = 0;                  // + and -, functions
};

// The rules on the text as a whole: not empty, not above kExpressionBytesMax.
Result<void> CheckText(std::string_view text);

Result<ParsedCondition> ParseCondition(std::string_view text);
Result<ParsedUpdate> ParseUpdate(std::string_view text);
Result<std::vector<NodePtr>> ParseProjection(std::string_view text);

// Below: shared by the parsers of the languages.

// Name steps after the first: ".b[1].#c". A word for which `is_keyword` holds is not taken as a
// name.
using KeywordTest = bool (*)(const Token&);
Result<NodePtr> ParsePath(TokenCursor& cursor, KeywordTest is_keyword);
Result<void> ParsePathSteps(TokenCursor& cursor, KeywordTest is_keyword, Node* path);

Unexpected TooManyOperators();

}  // namespace tidemark::expr
