// condition := and {OR and}          and := not {AND not}          not := {NOT} primary
// primary   := "(" condition ")" | operand comparator operand | operand BETWEEN operand AND operand
//            | operand IN "(" operand {"," operand} ")" | call
// operand   := path | :value | call | "(" operand ")" [path steps]
#include <array>
#include <optional>

#include "expr/parser.h"

namespace tidemark::expr {
namespace {

bool IsConditionKeyword(const Token& token) {
  constexpr std::array<std::string_view, 5> kWords = {"AND", "OR", "NOT", "BETWEEN", "IN"};
  for (std::string_view word : kWords) {
    if (EqualsIgnoringCase(token.text, word)) return true;
  }
  return false;
}

bool IsOperand(const Node& node) {
  return node.kind == NodeKind::kPath || node.kind == NodeKind::kValue ||
         node.kind == NodeKind::kCall;
}

struct Parsed {
  NodePtr node;
  bool parenthesized = false;  // directly: another pair around it is redundant
};

class ConditionParser {
 public:
  explicit ConditionParser(std::string_view text) : cursor_(text) {}

  Result<ParsedCondition> Parse() {
    TM_TRY(Parsed root, ParseOr(false));
    if (cursor_.Peek().kind != TokenKind::kEnd) return cursor_.SyntaxError();
    return ParsedCondition{std::move(root.node), redundant_parentheses_, operators_};
  }

 private:
  // `operand_allowed`: just behind "(", where a lone operand may turn out to stand.
  Result<Parsed> ParseOr(bool operand_allowed) {
    return ParseChain(NodeKind::kOr, "OR", operand_allowed);
  }

  Result<Parsed> ParseChain(NodeKind kind, std::string_view keyword, bool operand_allowed) {
    auto parse_one = [&](bool allowed) {
      return kind == NodeKind::kOr ? ParseChain(NodeKind::kAnd, "AND", allowed) : ParseNot(allowed);
    };
    TM_TRY(Parsed first, parse_one(operand_allowed));
    if (!cursor_.AtKeyword(keyword)) return first;
    auto chain = std::make_unique<Node>(kind);
    chain->args.push_back(std::move(first.node));
    while (cursor_.AcceptKeyword(keyword)) {
      ++operators_;
      TM_TRY(Parsed next, parse_one(false));
      chain->args.push_back(std::move(next.node));
    }
    return Parsed{std::move(chain)};
  }

  Result<Parsed> ParseNot(bool operand_allowed) {
    int count = 0;
    while (cursor_.AcceptKeyword("NOT")) ++count;
    if (count > kOperatorsMax) return TooManyOperators();
    operators_ += count;
    TM_TRY(Parsed parsed, ParsePrimary(operand_allowed && count == 0));
    for (int i = 0; i < count; ++i) {
      auto negation = std::make_unique<Node>(NodeKind::kNot);
      negation->args.push_back(std::move(parsed.node));
      parsed = Parsed{std::move(negation)};
    }
    return parsed;
  }

  Result<Parsed> ParsePrimary(bool operand_allowed) {
    Parsed left;
    if (cursor_.At("(")) {
      TM_TRY(left, ParseParentheses([this] { return ParseOr(true); }));
      if (!IsOperand(*left.node)) return left;
    } else {
      TM_TRY(left.node, ParseSimpleOperand());
    }
    if (auto comparator = AcceptComparator()) {
      auto node = std::make_unique<Node>(NodeKind::kCompare);
      node->comparator = *comparator;
      node->args.push_back(std::move(left.node));
      TM_TRYV(ParseInto(node.get()));
      return Parsed{std::move(node)};
    }
    if (cursor_.AcceptKeyword("BETWEEN")) return ParseBetween(std::move(left.node));
    if (cursor_.AcceptKeyword("IN")) return ParseIn(std::move(left.node));
    if (left.node->kind == NodeKind::kCall) return left;
    if (operand_allowed && cursor_.At(")")) return left;
    return cursor_.SyntaxError();
  }

  // Parses "(", what `parse_inner` takes, ")", and steps of a path behind it.
  template <class ParseInner>
  Result<Parsed> ParseParentheses(ParseInner parse_inner) {
    if (depth_ >= kDepthMax) {
      // Only repetition of either kind gets here; "((((" is the service's redundant parentheses.
      if (cursor_.Peek(1).text != "(") return TooManyOperators();
      return Fail(ErrorKind::kValidation, "The expression has redundant parentheses;");
    }
    ++depth_;
    TM_TRYV(cursor_.Expect("("));
    TM_TRY(Parsed inner, parse_inner());
    TM_TRYV(cursor_.Expect(")"));
    --depth_;
    if (inner.parenthesized) redundant_parentheses_ = true;
    inner.parenthesized = true;
    if (inner.node->kind == NodeKind::kPath && (cursor_.At(".") || cursor_.At("["))) {
      TM_TRYV(ParsePathSteps(cursor_, IsConditionKeyword, inner.node.get()));
      inner.parenthesized = false;
    }
    return inner;
  }

  std::optional<Comparator> AcceptComparator() {
    constexpr std::array kComparators = {Comparator::kEq, Comparator::kNe, Comparator::kLe,
                                         Comparator::kLt, Comparator::kGe, Comparator::kGt};
    for (Comparator comparator : kComparators) {
      if (cursor_.Accept(ToString(comparator))) {
        ++operators_;
        return comparator;
      }
    }
    return std::nullopt;
  }

  Result<Parsed> ParseBetween(NodePtr value) {
    ++operators_;
    auto node = std::make_unique<Node>(NodeKind::kBetween);
    node->args.push_back(std::move(value));
    TM_TRYV(ParseInto(node.get()));
    if (!cursor_.AcceptKeyword("AND")) return cursor_.SyntaxError();
    TM_TRYV(ParseInto(node.get()));
    return Parsed{std::move(node)};
  }

  Result<Parsed> ParseIn(NodePtr value) {
    ++operators_;  // one, however many candidates
    auto node = std::make_unique<Node>(NodeKind::kIn);
    node->args.push_back(std::move(value));
    TM_TRYV(ParseList(node.get()));
    return Parsed{std::move(node)};
  }

  Result<void> ParseInto(Node* parent) {
    TM_TRY(Parsed operand, ParseOperand());
    parent->args.push_back(std::move(operand.node));
    return {};
  }

  Result<void> ParseList(Node* parent) {
    TM_TRYV(cursor_.Expect("("));
    do {
      TM_TRYV(ParseInto(parent));
    } while (cursor_.Accept(","));
    return cursor_.Expect(")");
  }

  Result<Parsed> ParseOperand() {
    if (cursor_.At("(")) return ParseParentheses([this] { return ParseOperand(); });
    TM_TRY(NodePtr node, ParseSimpleOperand());
    return Parsed{std::move(node)};
  }

  Result<NodePtr> ParseSimpleOperand() {
    const Token& token = cursor_.Peek();
    if (token.kind == TokenKind::kValuePlaceholder) {
      auto node = std::make_unique<Node>(NodeKind::kValue);
      node->word = cursor_.Next().text;
      return node;
    }
    bool is_call =
        token.kind == TokenKind::kName && !IsConditionKeyword(token) && cursor_.Peek(1).text == "(";
    if (!is_call) return ParsePath(cursor_, IsConditionKeyword);
    if (depth_ >= kDepthMax) return TooManyOperators();
    ++depth_;
    ++operators_;
    auto node = std::make_unique<Node>(NodeKind::kCall);
    node->word = cursor_.Next().text;
    TM_TRYV(ParseList(node.get()));
    --depth_;
    return node;
  }

  TokenCursor cursor_;
  int depth_ = 0;
  int operators_ = 0;
  bool redundant_parentheses_ = false;
};

}  // namespace

Result<ParsedCondition> ParseCondition(std::string_view text) {
  TM_TRYV(CheckText(text));
  return ConditionParser(text).Parse();
}

}  // namespace tidemark::expr
