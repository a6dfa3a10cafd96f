// Cuts an expression into tokens, and words the service's syntax errors.
#pragma once
#include <cstddef>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tidemark::expr {

enum class TokenKind {
  kName,              // attribute, function or keyword: a letter, then letters, digits, underscores
  kNamePlaceholder,   // #name
  kValuePlaceholder,  // :value
  kNumber,            // digits
  kPunctuation,       // = <> < <= > >= ( ) [ ] , . + -
  kUnknown,           // a character which begins no token
  kEnd,
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string_view text;  // into the expression
  size_t offset = 0;      // bytes from its start
};

// A text turned into tokens and a place in them. Borrows the text. Copies are cheap enough only for
// tests; parsers pass it by reference.
class TokenCursor {
 public:
  explicit TokenCursor(std::string_view text);

  const Token& Peek(size_t ahead = 0) const;  // kEnd behind the last
  const Token& Next();
  bool At(std::string_view punctuation) const;
  bool AtKeyword(std::string_view upper_case_word) const;  // in any case of letters
  bool Accept(std::string_view punctuation);               // moves past it if it is there
  bool AcceptKeyword(std::string_view upper_case_word);
  Result<void> Expect(std::string_view punctuation);

  // `Syntax error; token: "b", near: "a b c"` for the token ahead: the source from the token before
  // it to the one behind. The caller puts "Invalid <parameter>: " before it.
  Unexpected SyntaxError() const;

 private:
  std::string_view text_;
  std::vector<Token> tokens_;  // ends in kEnd
  size_t position_ = 0;
};

bool EqualsIgnoringCase(std::string_view text, std::string_view upper_case_word);

}  // namespace tidemark::expr
