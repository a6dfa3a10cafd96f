// The XML that S3 answers with: foreign bytes, so whatever does not read as expected is an error.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "blob/blob_store.h"

namespace tidemark::blob {

struct S3Error {
  std::string code;  // "NoSuchKey"; empty if the body is no error
  std::string message;
};
S3Error ParseError(std::string_view body);

// Of ListObjectsV2 with encoding-type=url; names without `prefix`. kSerialization.
Result<ListPage> ParseListing(std::string_view body, std::string_view prefix);

Result<std::string> ParseUploadId(std::string_view body);  // kSerialization

struct Upload {
  std::string key;  // whole
  std::string id;
  Timestamp begun{};
};
struct UploadPage {
  std::vector<Upload> uploads;
  bool more = false;  // behind the last
};
Result<UploadPage> ParseUploads(std::string_view body);  // kSerialization

std::optional<Retention> ParseRetention(std::string_view mode, std::string_view until);
// The part of a "Content-Range: bytes 0-9/100" behind the slash.
std::optional<uint64_t> ParseTotal(std::string_view content_range);

}  // namespace tidemark::blob
