#include "expr/lexer.h"

#include <algorithm>

namespace tidemark::expr {
namespace {

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsNamePart(char c) { return IsLetter(c) || IsDigit(c) || c == '_'; }
bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

template <class Predicate>
size_t RunLength(std::string_view text, size_t begin, Predicate matches) {
  size_t end = begin;
  while (end < text.size() && matches(text[end])) ++end;
  return end - begin;
}

// A character outside ASCII is one unknown token, not one per byte: error texts must stay UTF-8.
size_t CharacterLength(std::string_view text) {
  size_t length = 1;
  while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80) {
    ++length;
  }
  return length;
}

Token ReadToken(std::string_view text, size_t begin) {
  auto token = [&](TokenKind kind, size_t length) {
    return Token{kind, text.substr(begin, length), begin};
  };
  char first = text[begin];
  if (IsLetter(first)) return token(TokenKind::kName, RunLength(text, begin, IsNamePart));
  if (IsDigit(first)) return token(TokenKind::kNumber, RunLength(text, begin, IsDigit));
  if (first == '#' || first == ':') {
    size_t length = RunLength(text, begin + 1, IsNamePart);
    if (length == 0) return token(TokenKind::kUnknown, 1);
    return token(first == '#' ? TokenKind::kNamePlaceholder : TokenKind::kValuePlaceholder,
                 length + 1);
  }
  if (first == '<' || first == '>') {
    char second = begin + 1 < text.size() ? text[begin + 1] : '\0';
    bool two = second == '=' || (first == '<' && second == '>');
    return token(TokenKind::kPunctuation, two ? 2 : 1);
  }
  if (std::string_view("=()[],.+-").find(first) != std::string_view::npos) {
    return token(TokenKind::kPunctuation, 1);
  }
  return token(TokenKind::kUnknown, CharacterLength(text.substr(begin)));
}

}  // namespace

bool EqualsIgnoringCase(std::string_view text, std::string_view upper_case_word) {
  if (text.size() != upper_case_word.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (c != upper_case_word[i]) return false;
  }
  return true;
}

TokenCursor::TokenCursor(std::string_view text) : text_(text) {
  tokens_.reserve(std::min<size_t>(text.size() / 2 + 1, 64));
  size_t position = 0;
  for (;;) {
    position += RunLength(text, position, IsSpace);
    if (position == text.size()) break;
    tokens_.push_back(ReadToken(text, position));
    position += tokens_.back().text.size();
  }
  tokens_.push_back(Token{TokenKind::kEnd, {}, text.size()});
}

const Token& TokenCursor::Peek(size_t ahead) const {
  return tokens_[std::min(position_ + ahead, tokens_.size() - 1)];
}

const Token& TokenCursor::Next() {
  const Token& token = tokens_[position_];
  if (position_ + 1 < tokens_.size()) ++position_;
  return token;
}

bool TokenCursor::At(std::string_view punctuation) const {
  const Token& token = Peek();
  return token.kind == TokenKind::kPunctuation && token.text == punctuation;
}

bool TokenCursor::AtKeyword(std::string_view upper_case_word) const {
  const Token& token = Peek();
  return token.kind == TokenKind::kName && EqualsIgnoringCase(token.text, upper_case_word);
}

bool TokenCursor::Accept(std::string_view punctuation) {
  if (!At(punctuation)) return false;
  Next();
  return true;
}

bool TokenCursor::AcceptKeyword(std::string_view upper_case_word) {
  if (!AtKeyword(upper_case_word)) return false;
  Next();
  return true;
}

Result<void> TokenCursor::Expect(std::string_view punctuation) {
  if (!Accept(punctuation)) return SyntaxError();
  return {};
}

Unexpected TokenCursor::SyntaxError() const {
  const Token& bad = tokens_[position_];
  size_t begin = position_ > 0 ? tokens_[position_ - 1].offset : bad.offset;
  const Token* last = &bad;
  if (bad.kind == TokenKind::kEnd) {
    if (position_ > 0) last = &tokens_[position_ - 1];
  } else if (tokens_[position_ + 1].kind != TokenKind::kEnd) {
    last = &tokens_[position_ + 1];
  }
  size_t end = last->offset + last->text.size();
  return Fail(ErrorKind::kValidation, "Syntax error; token: \"{}\", near: \"{}\"",
              bad.kind == TokenKind::kEnd ? "<EOF>" : bad.text, text_.substr(begin, end - begin));
}

}  // namespace tidemark::expr
