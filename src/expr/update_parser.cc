// update  := section {section}
// section := SET path "=" value {"," ...} | REMOVE path {"," ...} | ADD path :value {"," ...}
//          | DELETE path :value {"," ...}
// value   := sum | "(" sum ")" [("+" | "-") operand]      sum := operand [("+" | "-") operand]
// operand := path | :value | name "(" operand {"," operand} ")" | "(" one of these ")"
#include <array>

#include "expr/parser.h"

namespace tidemark::expr {
namespace {

constexpr std::array kActionKinds = {ActionKind::kSet, ActionKind::kRemove, ActionKind::kAdd,
                                     ActionKind::kDelete};

bool IsUpdateKeyword(const Token& token) {
  for (ActionKind kind : kActionKinds) {
    if (EqualsIgnoringCase(token.text, ToString(kind))) return true;
  }
  return false;
}

class UpdateParser {
 public:
  explicit UpdateParser(std::string_view text) : cursor_(text) {}

  Result<ParsedUpdate> Parse() {
    do {
      TM_TRYV(ParseSection());
    } while (cursor_.Peek().kind != TokenKind::kEnd);
    return std::move(update_);
  }

 private:
  Result<void> ParseSection() {
    for (ActionKind kind : kActionKinds) {
      if (!cursor_.AcceptKeyword(ToString(kind))) continue;
      update_.sections.push_back(kind);
      do {
        TM_TRYV(ParseAction(kind));
      } while (cursor_.Accept(","));
      return {};
    }
    return cursor_.SyntaxError();
  }

  Result<void> ParseAction(ActionKind kind) {
    UpdateAction action{kind, nullptr, nullptr};
    TM_TRY(action.target, ParsePath(cursor_, IsUpdateKeyword));
    if (kind == ActionKind::kSet) {
      TM_TRYV(cursor_.Expect("="));
      TM_TRY(action.value, ParseSetValue());
    } else if (kind != ActionKind::kRemove) {
      if (cursor_.Peek().kind != TokenKind::kValuePlaceholder) return cursor_.SyntaxError();
      TM_TRY(action.value, ParseSimpleOperand());
    }
    update_.actions.push_back(std::move(action));
    return {};
  }

  Result<NodePtr> ParseSetValue() {
    if (!cursor_.Accept("(")) {
      TM_TRY(NodePtr first, ParseOperand());
      return ParseRestOfSum(std::move(first));
    }
    TM_TRY(NodePtr first, ParseOperand());
    TM_TRY(NodePtr inner, ParseRestOfSum(std::move(first)));
    TM_TRYV(cursor_.Expect(")"));
    bool is_sum = inner->kind == NodeKind::kPlus || inner->kind == NodeKind::kMinus;
    if (is_sum) return inner;
    return ParseRestOfSum(std::move(inner));
  }

  Result<NodePtr> ParseRestOfSum(NodePtr first) {
    bool plus = cursor_.At("+");
    if (!plus && !cursor_.At("-")) return first;
    cursor_.Next();
    ++update_.operators;
    auto sum = std::make_unique<Node>(plus ? NodeKind::kPlus : NodeKind::kMinus);
    sum->args.push_back(std::move(first));
    TM_TRY(NodePtr second, ParseOperand());
    sum->args.push_back(std::move(second));
    return sum;
  }

  Result<NodePtr> ParseOperand() {
    if (!cursor_.Accept("(")) return ParseSimpleOperand();
    TM_TRY(NodePtr operand, ParseSimpleOperand());
    TM_TRYV(cursor_.Expect(")"));
    return operand;
  }

  Result<NodePtr> ParseSimpleOperand() {
    const Token& token = cursor_.Peek();
    if (token.kind == TokenKind::kValuePlaceholder) {
      auto node = std::make_unique<Node>(NodeKind::kValue);
      node->word = cursor_.Next().text;
      return node;
    }
    bool is_call =
        token.kind == TokenKind::kName && !IsUpdateKeyword(token) && cursor_.Peek(1).text == "(";
    if (!is_call) return ParsePath(cursor_, IsUpdateKeyword);
    return ParseCall();
  }

  Result<NodePtr> ParseCall() {
    if (depth_ >= kDepthMax) return TooManyOperators();
    ++depth_;
    ++update_.operators;
    auto node = std::make_unique<Node>(NodeKind::kCall);
    node->word = cursor_.Next().text;
    TM_TRYV(cursor_.Expect("("));
    do {
      TM_TRY(NodePtr operand, ParseOperand());
      node->args.push_back(std::move(operand));
    } while (cursor_.Accept(","));
    TM_TRYV(cursor_.Expect(")"));
    --depth_;
    return node;
  }

  TokenCursor cursor_;
  ParsedUpdate update_;
  int depth_ = 0;
};

}  // namespace

Result<ParsedUpdate> ParseUpdate(std::string_view text) {
  TM_TRYV(CheckText(text));
  return UpdateParser(text).Parse();
}

}  // namespace tidemark::expr
