#include "log/local/accepted_file.h"

#include <cstring>
#include <string>

#include "base/files.h"
#include "base/log.h"
#include "codec/varint.h"
#include "crypto/hash.h"

namespace tidemark::log {
namespace {

constexpr BytesView kMagic = "TIDEACPT";
constexpr uint32_t kVersion = 1;
constexpr size_t kFixedBytes = 24;
constexpr size_t kRangeBytes = 16;
constexpr size_t kCheckBytes = 8;

BytesView Check(const crypto::Digest256& digest) {
  return {reinterpret_cast<const char*>(digest.data()), kCheckBytes};
}

std::string AcceptedPath(const std::filesystem::path& directory) {
  return (directory / "ACCEPTED").string();
}

}  // namespace

Bytes EncodeAccepted(uint64_t log_id, const std::vector<AcceptedRange>& ranges) {
  Bytes out(kMagic);
  codec::AppendLittle32(kVersion, &out);
  codec::AppendLittle32(static_cast<uint32_t>(ranges.size()), &out);
  codec::AppendLittle64(log_id, &out);
  for (const AcceptedRange& range : ranges) {
    codec::AppendLittle32(range.from.segment, &out);
    codec::AppendLittle32(range.from.offset, &out);
    codec::AppendLittle32(range.to.segment, &out);
    codec::AppendLittle32(range.to.offset, &out);
  }
  crypto::Digest256 digest = crypto::Sha256(out);
  out += Check(digest);
  return out;
}

Result<std::vector<AcceptedRange>> ParseAccepted(BytesView bytes) {
  if (bytes.size() < kFixedBytes + kCheckBytes || bytes.substr(0, kMagic.size()) != kMagic) {
    return Fail(ErrorKind::kCorruption, "this is not the ACCEPTED file of a commit log");
  }
  BytesView checked = bytes.substr(0, bytes.size() - kCheckBytes);
  crypto::Digest256 digest = crypto::Sha256(checked);
  if (bytes.substr(checked.size()) != Check(digest)) {
    return Fail(ErrorKind::kCorruption, "the ACCEPTED file is damaged");
  }
  const char* in = bytes.data();
  if (uint32_t version = codec::LoadLittle32(in + 8); version != kVersion) {
    return Fail(ErrorKind::kCorruption,
                "the ACCEPTED file has version {}, not one this build knows", version);
  }
  uint64_t count = codec::LoadLittle32(in + 12);
  uint64_t log_id = codec::LoadLittle64(in + 16);
  if (checked.size() != kFixedBytes + count * kRangeBytes) {
    return Fail(ErrorKind::kCorruption, "the ACCEPTED file is of the wrong length");
  }
  std::vector<AcceptedRange> ranges;
  for (in += kFixedBytes; ranges.size() < count; in += kRangeBytes) {
    ranges.push_back({.from = {log_id, codec::LoadLittle32(in), codec::LoadLittle32(in + 4)},
                      .to = {log_id, codec::LoadLittle32(in + 8), codec::LoadLittle32(in + 12)}});
  }
  return ranges;
}

std::vector<AcceptedRange> ReadAccepted(const std::filesystem::path& directory, uint64_t log_id) {
  auto bytes = ReadFile(AcceptedPath(directory));
  if (!bytes && bytes.error().kind == ErrorKind::kNotFound) return {};
  Result<std::vector<AcceptedRange>> ranges;
  if (bytes) ranges = ParseAccepted(*bytes);
  if (!bytes || !ranges) {
    LogWarn("{}: {}; damage accepted before has to be accepted again", AcceptedPath(directory),
            bytes ? ranges.error().message : bytes.error().message);
    return {};
  }
  std::erase_if(*ranges, [&](const AcceptedRange& range) { return range.from.log_id != log_id; });
  return std::move(*ranges);
}

Result<void> WriteAccepted(const std::filesystem::path& directory, uint64_t log_id,
                           const std::vector<AcceptedRange>& ranges) {
  return ReplaceFile(AcceptedPath(directory), EncodeAccepted(log_id, ranges));
}

}  // namespace tidemark::log
