#include "log/local/start_file.h"

#include <cstring>
#include <string>

#include "base/files.h"
#include "codec/varint.h"
#include "crypto/hash.h"

namespace tidemark::log {
namespace {

constexpr BytesView kStartMagic = "TIDESTRT";
constexpr uint32_t kStartVersion = 1;
constexpr size_t kStartCheckOffset = 24;
constexpr size_t kStartBytes = 32;

std::string StartPath(const std::filesystem::path& directory) {
  return (directory / "START").string();
}

}  // namespace

Bytes EncodeStart(const LogStart& start) {
  Bytes out(kStartBytes, '\0');
  std::memcpy(out.data(), kStartMagic.data(), kStartMagic.size());
  codec::StoreLittle32(kStartVersion, out.data() + 8);
  codec::StoreLittle32(start.first_segment, out.data() + 12);
  codec::StoreLittle64(start.log_id, out.data() + 16);
  crypto::Digest256 digest = crypto::Sha256({out.data(), kStartCheckOffset});
  std::memcpy(out.data() + kStartCheckOffset, digest.data(), kStartBytes - kStartCheckOffset);
  return out;
}

Result<LogStart> ParseStart(BytesView bytes) {
  if (bytes.size() != kStartBytes || bytes.substr(0, kStartMagic.size()) != kStartMagic) {
    return Fail(ErrorKind::kCorruption, "this is not the START file of a commit log");
  }
  crypto::Digest256 digest = crypto::Sha256(bytes.substr(0, kStartCheckOffset));
  if (std::memcmp(bytes.data() + kStartCheckOffset, digest.data(),
                  kStartBytes - kStartCheckOffset) != 0) {
    return Fail(ErrorKind::kCorruption, "the START file is damaged");
  }
  if (uint32_t version = codec::LoadLittle32(bytes.data() + 8); version != kStartVersion) {
    return Fail(ErrorKind::kCorruption, "the START file has version {}, not one this build knows",
                version);
  }
  return LogStart{.log_id = codec::LoadLittle64(bytes.data() + 16),
                  .first_segment = codec::LoadLittle32(bytes.data() + 12)};
}

Result<std::optional<LogStart>> ReadStart(const std::filesystem::path& directory) {
  auto bytes = ReadFile(StartPath(directory));
  if (!bytes && bytes.error().kind == ErrorKind::kNotFound) return std::nullopt;
  if (!bytes) return Fail(std::move(bytes).error());
  auto start = ParseStart(*bytes);
  if (!start) return Fail(WithContext(std::move(start).error(), "{}", StartPath(directory)));
  return *start;
}

Result<void> WriteStart(const std::filesystem::path& directory, const LogStart& start) {
  return ReplaceFile(StartPath(directory), EncodeStart(start));
}

}  // namespace tidemark::log
