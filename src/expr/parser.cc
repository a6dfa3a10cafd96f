#include "expr/parser.h"

#include "expr/condition.h"

namespace tidemark::expr {

Result<void> CheckText(std::string_view text) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    return Fail(ErrorKind::kValidation, "The expression can not be empty;");
  }
  if (text.size() > kExpressionBytesMax) {
    return Fail(ErrorKind::kValidation, "Expression size has exceeded the maximum allowed size;");
  }
  return {};
}

Unexpected TooManyOperators() {
  // The service stops counting at the first one too many.
  return Fail(ErrorKind::kValidation,
              "The expression contains too many operators; operator count: {}", kOperatorsMax + 1);
}

Result<NodePtr> ParsePath(TokenCursor& cursor, KeywordTest is_keyword) {
  const Token& first = cursor.Peek();
  bool is_name = first.kind == TokenKind::kName && !is_keyword(first);
  if (!is_name && first.kind != TokenKind::kNamePlaceholder) return cursor.SyntaxError();
  auto path = std::make_unique<Node>(NodeKind::kPath);
  path->steps.push_back({cursor.Next().text});
  TM_TRYV(ParsePathSteps(cursor, is_keyword, path.get()));
  return path;
}

Result<void> ParsePathSteps(TokenCursor& cursor, KeywordTest is_keyword, Node* path) {
  for (;;) {
    if (cursor.Accept(".")) {
      const Token& name = cursor.Peek();
      bool is_name = name.kind == TokenKind::kName && !is_keyword(name);
      if (!is_name && name.kind != TokenKind::kNamePlaceholder) return cursor.SyntaxError();
      path->steps.push_back({cursor.Next().text});
    } else if (cursor.Accept("[")) {
      if (cursor.Peek().kind != TokenKind::kNumber) return cursor.SyntaxError();
      path->steps.push_back({cursor.Next().text, true});
      TM_TRYV(cursor.Expect("]"));
    } else {
      return {};
    }
  }
}

Result<std::vector<NodePtr>> ParseProjection(std::string_view text) {
  TM_TRYV(CheckText(text));
  TokenCursor cursor(text);
  std::vector<NodePtr> paths;
  do {
    TM_TRY(NodePtr path, ParsePath(cursor, [](const Token&) { return false; }));
    paths.push_back(std::move(path));
  } while (cursor.Accept(","));
  if (cursor.Peek().kind != TokenKind::kEnd) return cursor.SyntaxError();
  return paths;
}

}  // namespace tidemark::expr
