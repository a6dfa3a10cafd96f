#include "log/local/start_file.h"

#include <cstring>

#include "crypto/hash.h"
#include "log/local/little_endian.h"

namespace tidemark::log {
namespace {

constexpr BytesView kMagic = "TIDESTRT";
constexpr uint32_t kVersion = 1;
constexpr size_t kCheckOffset = 24;
constexpr size_t kStartBytes = 32;
constexpr size_t kBytesReadMax = kStartBytes + 1;  // a longer file is found to be longer

std::filesystem::path StartPath(const std::filesystem::path& directory) {
  return directory / "START";
}

}  // namespace

Bytes EncodeStart(const LogStart& start) {
  Bytes out(kStartBytes, '\0');
  std::memcpy(out.data(), kMagic.data(), kMagic.size());
  StoreAt<uint32_t>(out.data(), 8, kVersion);
  StoreAt<uint32_t>(out.data(), 12, start.first_segment);
  StoreAt<uint64_t>(out.data(), 16, start.log_id);
  crypto::Digest256 digest = crypto::Sha256({out.data(), kCheckOffset});
  std::memcpy(out.data() + kCheckOffset, digest.data(), kStartBytes - kCheckOffset);
  return out;
}

Result<LogStart> ParseStart(BytesView bytes) {
  if (bytes.size() != kStartBytes || bytes.substr(0, kMagic.size()) != kMagic) {
    return Fail(ErrorKind::kCorruption, "this is not the START file of a commit log");
  }
  crypto::Digest256 digest = crypto::Sha256(bytes.substr(0, kCheckOffset));
  if (std::memcmp(bytes.data() + kCheckOffset, digest.data(), kStartBytes - kCheckOffset) != 0) {
    return Fail(ErrorKind::kCorruption, "the START file is damaged");
  }
  if (uint32_t version = LoadAt<uint32_t>(bytes.data(), 8); version != kVersion) {
    return Fail(ErrorKind::kCorruption, "the START file has version {}, not one this build knows",
                version);
  }
  return LogStart{.log_id = LoadAt<uint64_t>(bytes.data(), 16),
                  .first_segment = LoadAt<uint32_t>(bytes.data(), 12)};
}

Result<std::optional<LogStart>> ReadStart(const Disk& disk,
                                          const std::filesystem::path& directory) {
  auto bytes = disk.ReadSmall(StartPath(directory), kBytesReadMax);
  if (!bytes && bytes.error().kind == ErrorKind::kNotFound) return std::nullopt;
  if (!bytes) return Fail(std::move(bytes).error());
  auto start = ParseStart(*bytes);
  if (!start) {
    return Fail(WithContext(std::move(start).error(),
                            "{} (next step: put back an undamaged copy of this file)",
                            StartPath(directory).string()));
  }
  return *start;
}

Result<void> WriteStart(const Disk& disk, const std::filesystem::path& directory,
                        const LogStart& start) {
  return disk.Replace(StartPath(directory), EncodeStart(start));
}

}  // namespace tidemark::log
