#include "blob/local/blob_path.h"

#include <algorithm>
#include <charconv>

#include "codec/hex.h"

namespace tidemark::blob {
namespace {

constexpr size_t kPieceBytes = 80;  // escaped 240: below the 255 of file systems
constexpr char kSlashFollows = '+', kCut = '~', kLast = '=';

bool IsPlain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '-' || c == '_';
}

void AppendEscaped(std::string_view piece, std::string* out) {
  for (char c : piece) {
    if (IsPlain(c)) {
      out->push_back(c);
    } else {
      *out += fmt::format("%{:02X}", static_cast<uint8_t>(c));
    }
  }
}

std::optional<Bytes> Unescaped(std::string_view text) {
  Bytes piece;
  while (!text.empty()) {
    if (text[0] != '%') {
      if (!IsPlain(text[0])) return std::nullopt;
      piece.push_back(text[0]);
      text.remove_prefix(1);
      continue;
    }
    const auto byte = codec::DecodeHex(text.substr(1, 2));
    if (!byte || byte->size() != 1) return std::nullopt;
    piece += *byte;
    text.remove_prefix(3);
  }
  return piece;
}

}  // namespace

std::string PathOf(std::string_view name) {
  std::string path;
  while (true) {
    const std::string_view head = name.substr(0, kPieceBytes);
    const size_t slash = head.find('/');
    const bool at_slash = slash != std::string_view::npos;
    const size_t taken = at_slash ? slash + 1 : head.size();
    AppendEscaped(taken == name.size() ? head : head.substr(0, at_slash ? slash : taken), &path);
    if (taken == name.size()) return path + kLast;
    path.push_back(at_slash ? kSlashFollows : kCut);
    path.push_back('/');
    name.remove_prefix(taken);
  }
}

std::optional<PathPiece> ParsePathPiece(std::string_view entry) {
  if (entry.empty()) return std::nullopt;
  const char kind = entry.back();
  if (kind != kSlashFollows && kind != kCut && kind != kLast) return std::nullopt;
  auto piece = Unescaped(entry.substr(0, entry.size() - 1));
  if (!piece) return std::nullopt;
  if (kind == kSlashFollows) piece->push_back('/');
  return PathPiece{.piece = std::move(*piece), .last = kind == kLast};
}

std::string FileNameOf(const BlobInfo& info) {
  return fmt::format("{}.{}.{}", info.bytes, HexOf(info.sha256), info.writer);
}

std::optional<BlobInfo> ParseFileName(std::string_view entry) {
  const size_t first = entry.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const size_t second = entry.find('.', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  BlobInfo info{.writer = std::string(entry.substr(second + 1))};
  const auto [end, failed] = std::from_chars(entry.data(), entry.data() + first, info.bytes);
  const auto digest = DigestFromHex(entry.substr(first + 1, second - first - 1));
  if (failed != std::errc() || end != entry.data() + first || !digest || !IsWriter(info.writer)) {
    return std::nullopt;
  }
  info.sha256 = *digest;
  return info;
}

}  // namespace tidemark::blob
