#include "audit/chain.h"

#include <charconv>

#include "base/files.h"
#include "codec/hex.h"

namespace tidemark::audit {
namespace {

constexpr std::string_view kHashMember = ",\"hash\":\"";
constexpr size_t kHashDigits = 64;
constexpr size_t kTailSize = 9 + kHashDigits + 2;  // ,"hash":"..."}
constexpr std::string_view kFilePrefix = "audit-";
constexpr std::string_view kFileSuffix = ".jsonl";
constexpr size_t kFileDigits = 20;

std::string HashOf(const crypto::HmacKey& key, std::string_view text) {
  const auto digest = key.Sign(text);
  return codec::EncodeHex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

// The text and its hash behind it.
std::string Sealed(const crypto::HmacKey& key, std::string text) {
  const std::string hash = HashOf(key, text);
  return text.append(kHashMember).append(hash).append("\"}");
}

// What the hash at the end is of. Empty: it is not of that.
std::string_view Opened(const crypto::HmacKey& key, std::string_view line) {
  if (line.size() < kTailSize) return {};
  const std::string_view text = line.substr(0, line.size() - kTailSize);
  return Sealed(key, std::string(text)) == line ? text : std::string_view();
}

bool ReadLink(codec::JsonValue json, const char* sequence, const char* hash, Link* link) {
  std::string_view text;
  if (json[sequence].get(link->sequence) != simdjson::SUCCESS ||
      json[hash].get(text) != simdjson::SUCCESS)
    return false;
  link->hash = text;
  return true;
}

}  // namespace

void AppendLine(const crypto::HmacKey& key, const Event& event, Link* link, std::string* out) {
  std::string line;
  codec::JsonWriter w(&line);
  w.BeginObject().Field("seq", static_cast<int64_t>(++link->sequence)).Field("prev", link->hash);
  WriteEvent(event, &w);
  line = Sealed(key, std::move(line));
  link->hash = line.substr(line.size() - kHashDigits - 2, kHashDigits);
  out->append(line).append("\n");
}

Result<void> CheckLine(const crypto::HmacKey& key, std::string_view line, bool first, Link* link) {
  if (Opened(key, line).empty()) {
    return Fail(ErrorKind::kCorruption, "the line behind {} was changed", link->sequence);
  }
  codec::JsonParser parser;
  const auto json = parser.Parse(line);
  Link before;
  if (!json || !ReadLink(*json, "seq", "prev", &before))
    return Fail(ErrorKind::kCorruption, "the line behind {} is no line", link->sequence);
  if (!first && (before.sequence != link->sequence + 1 || before.hash != link->hash)) {
    return Fail(ErrorKind::kCorruption, "behind line {} comes line {}: lines are missing",
                link->sequence, before.sequence);
  }
  link->sequence = before.sequence;
  link->hash = line.substr(line.size() - kHashDigits - 2, kHashDigits);
  return {};
}

std::string EncodeHead(const crypto::HmacKey& key, const Head& head) {
  std::string text;
  codec::JsonWriter w(&text);
  w.BeginObject().Field("version", int64_t{1}).Field("first", static_cast<int64_t>(head.first));
  w.Field("last", static_cast<int64_t>(head.last.sequence)).Field("of", head.last.hash);
  return Sealed(key, std::move(text));
}

Result<Head> DecodeHead(const crypto::HmacKey& key, std::string_view text) {
  codec::JsonParser parser;
  Head head;
  const bool sealed = !Opened(key, text).empty();
  const auto json = parser.Parse(text);
  if (!sealed || !json || (*json)["first"].get(head.first) != simdjson::SUCCESS ||
      !ReadLink(*json, "last", "of", &head.last)) {
    return Fail(ErrorKind::kCorruption, "the head of the audit log was changed");
  }
  return head;
}

std::string FileNameOf(uint64_t first) {
  return fmt::format("{}{:0{}}{}", kFilePrefix, first, kFileDigits, kFileSuffix);
}

uint64_t FirstOfFile(std::string_view name) {
  uint64_t first = 0;
  if (name.size() != kFilePrefix.size() + kFileDigits + kFileSuffix.size()) return 0;
  name.remove_prefix(kFilePrefix.size());
  std::from_chars(name.data(), name.data() + kFileDigits, first);
  return FileNameOf(first).ends_with(name) ? first : 0;
}

Result<std::vector<uint64_t>> FilesIn(const std::string& directory) {
  TM_TRY(const auto names, ListDirectory(directory));
  std::vector<uint64_t> files;
  for (const std::string& name : names) {
    if (const uint64_t first = FirstOfFile(name)) files.push_back(first);
  }
  return files;
}

}  // namespace tidemark::audit
