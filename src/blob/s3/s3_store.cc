#include "blob/s3/s3_store.h"

#include <charconv>

#include "blob/put_rules.h"
#include "blob/s3/multipart.h"
#include "blob/s3/s3_answers.h"
#include "codec/instant.h"

namespace tidemark::blob {
namespace {

constexpr uint64_t kOneRequestBytesMax = 5ull << 30;
constexpr uint64_t kPartBytesMin = 5 << 20;
constexpr int kVersionsMax = 1000;

constexpr std::string_view kSha256Header = "x-amz-meta-tidemark-sha256";
constexpr std::string_view kWriterHeader = "x-amz-meta-tidemark-writer";
constexpr std::string_view kLockModeHeader = "x-amz-object-lock-mode";
constexpr std::string_view kLockUntilHeader = "x-amz-object-lock-retain-until-date";

std::string WholeSeconds(Timestamp time) {
  const std::string text =
      codec::FormatInstant(std::chrono::floor<std::chrono::seconds>(time));  // "...:06.000000Z"
  return text.substr(0, text.find('.')) + "Z";
}

HttpHeaders HeadersOf(const BlobInfo& info) {
  HttpHeaders headers{{std::string(kSha256Header), HexOf(info.sha256)},
                      {std::string(kWriterHeader), info.writer}};
  if (info.retention) {
    const bool compliance = info.retention->mode == Retention::Mode::kCompliance;
    headers.emplace_back(kLockModeHeader, compliance ? "COMPLIANCE" : "GOVERNANCE");
    headers.emplace_back(kLockUntilHeader, WholeSeconds(info.retention->until));
  }
  return headers;
}

// Of a GET or HEAD; `bytes` is the whole blob's size.
Result<BlobInfo> InfoOf(std::string_view name, const HttpAnswer& answer, uint64_t bytes) {
  const auto sha256 = DigestFromHex(answer.Header(kSha256Header));
  const std::string writer(answer.Header(kWriterHeader));
  if (!sha256 || !IsWriter(writer)) {
    return Fail(ErrorKind::kCorruption,
                "blob {} lacks its checksum: it was not put by this program", name);
  }
  return BlobInfo{
      .bytes = bytes,
      .sha256 = *sha256,
      .writer = writer,
      .retention = ParseRetention(answer.Header(kLockModeHeader), answer.Header(kLockUntilHeader))};
}

Result<uint64_t> ContentLength(std::string_view name, const HttpAnswer& answer) {
  const std::string_view text = answer.Header("content-length");
  uint64_t bytes = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), bytes);
  if (failed == std::errc() && !text.empty() && end == text.data() + text.size()) return bytes;
  return Fail(ErrorKind::kSerialization, "blob {}: the store does not say how large it is", name);
}

HttpHeaders RangeHeaders(ByteRange range) {
  if (range.offset == 0 && range.bytes == kToTheEnd) return {};
  std::string value = fmt::format("bytes={}-", range.offset);
  const uint64_t last = range.offset + range.bytes - 1;
  if (range.bytes <= UINT64_MAX - range.offset) value += std::to_string(last);
  return {{"Range", value}};
}

}  // namespace

Result<std::unique_ptr<S3Store>> S3Store::Open(S3Config config,
                                               std::unique_ptr<HttpTransport> transport,
                                               const Clock& clock, Random& random, Pause& pause) {
  if (config.endpoint.empty() || config.bucket.empty() || config.credentials.access_key.empty()) {
    return Fail(ErrorKind::kValidation, "an S3 store needs an endpoint, a bucket and credentials");
  }
  if (config.part_bytes < kPartBytesMin || config.multipart_above > kOneRequestBytesMax) {
    return Fail(ErrorKind::kValidation, "S3 takes parts of {} bytes and more, and {} in a request",
                kPartBytesMin, kOneRequestBytesMax);
  }
  if (config.prefix.size() > kNameBytesMax / 2) {
    return Fail(ErrorKind::kValidation, "the prefix of keys has more than {} bytes",
                kNameBytesMax / 2);
  }
  return std::unique_ptr<S3Store>(
      new S3Store(std::move(config), std::move(transport), clock, random, pause));
}

Capabilities S3Store::capabilities() const {
  return {.retention = client_.config().object_lock, .conditional_bytes_max = kOneRequestBytesMax};
}

Result<S3Answer> S3Store::PutWhole(std::string_view name, const BlobSource& source,
                                   bool only_if_absent, const HttpHeaders& headers,
                                   const crypto::Digest256& sha256) {
  S3Request request{.method = "PUT",
                    .key = std::string(name),
                    .headers = headers,
                    .body = &source,
                    .body_sha256 = sha256};
  request.headers.emplace_back("x-amz-checksum-sha256", Base64Of(sha256));
  if (only_if_absent) request.headers.emplace_back("If-None-Match", "*");
  return client_.Send(request);
}

Result<BlobInfo> S3Store::Put(std::string_view name, const BlobSource& source,
                              const PutOptions& options) {
  TM_TRYV(CheckPut(name, source, options, capabilities(), NameBytesMax()));
  BlobInfo info{.bytes = source.size(),
                .writer = options.writer.empty() ? NewWriter() : options.writer,
                .retention = options.retention};
  // Where it is said, the store, or the upload in parts, compares it with what is sent.
  if (options.sha256) {
    info.sha256 = *options.sha256;
  } else {
    TM_TRY(info.sha256, HashOf(source));
  }
  const HttpHeaders headers = HeadersOf(info);
  const bool whole = options.only_if_absent || info.bytes <= client_.config().multipart_above;
  TM_TRY(const S3Answer answer,
         whole ? PutWhole(name, source, options.only_if_absent, headers, info.sha256)
               : PutInParts(
                     client_,
                     {.name = name, .source = source, .headers = headers, .sha256 = info.sha256}));
  if (answer.http.status == 200) return info;
  // An earlier attempt whose answer was lost may have done it.
  if (answer.repeated) {
    const auto there = Head(name);
    if (there && there->writer == info.writer) return info;
  }
  if (answer.http.status == 412) return AlreadyThere(name);
  return UnexpectedAnswer("putting", name, answer.http);
}

Result<BlobPart> S3Store::Get(std::string_view name, ByteRange range) {
  TM_TRYV(CheckName(name, NameBytesMax()));
  if (range.bytes == 0) {
    TM_TRY(BlobInfo info, Head(name));
    return BlobPart{.info = std::move(info), .bytes = {}};
  }
  S3Request request{.method = "GET", .key = std::string(name), .headers = RangeHeaders(range)};
  // An error, too, must have room.
  request.answer_bytes_max =
      range.bytes > kToTheEnd - kXmlBytesMax ? kToTheEnd : range.bytes + kXmlBytesMax;
  TM_TRY(S3Answer answer, client_.Send(request));
  HttpAnswer& http = answer.http;
  if (http.status == 404) return NotThere(name);
  if (http.status == 416) {  // all of the range lies behind the end
    TM_TRY(BlobInfo info, Head(name));
    return BlobPart{.info = std::move(info), .bytes = {}};
  }
  if (http.status != 200 && http.status != 206) return UnexpectedAnswer("getting", name, http);
  const uint64_t total =
      http.status == 200 ? http.body.size() : ParseTotal(http.Header("content-range")).value_or(0);
  BlobPart part;
  TM_TRY(part.info, InfoOf(name, http, total));
  part.info.retention.reset();
  const ByteRange there = Within(range, total);
  // A store may answer with the whole where a part was asked for.
  part.bytes =
      http.status == 200 ? http.body.substr(there.offset, there.bytes) : std::move(http.body);
  if (part.bytes.size() != there.bytes) {
    return Fail(ErrorKind::kUnavailable, "blob {}: {} bytes came of {}", name, part.bytes.size(),
                there.bytes);
  }
  TM_TRYV(CheckWhole(name, part));
  return part;
}

Result<BlobInfo> S3Store::Head(std::string_view name) {
  TM_TRYV(CheckName(name, NameBytesMax()));
  TM_TRY(const S3Answer answer, client_.Send({.method = "HEAD", .key = std::string(name)}));
  if (answer.http.status == 404) return NotThere(name);
  if (answer.http.status != 200) return UnexpectedAnswer("looking at", name, answer.http);
  TM_TRY(const uint64_t bytes, ContentLength(name, answer.http));
  return InfoOf(name, answer.http, bytes);
}

Result<ListPage> S3Store::List(const ListQuery& query) {
  TM_TRYV(CheckQuery(query));
  const std::string& prefix = client_.config().prefix;
  std::string parameters = "encoding-type=url&list-type=2";
  parameters += fmt::format("&max-keys={}", query.limit);
  parameters += "&prefix=" + EncodeQueryValue(prefix + query.prefix);
  if (!query.after.empty()) {
    parameters += "&start-after=" + EncodeQueryValue(prefix + query.after);
  }
  TM_TRY(const S3Answer answer,
         client_.Send({.method = "GET", .of_bucket = true, .query = parameters}));
  if (answer.http.status != 200) return UnexpectedAnswer("listing", query.prefix, answer.http);
  return ParseListing(answer.http.body, prefix);
}

Result<void> S3Store::DeleteOnce(std::string_view name, std::string_view version) {
  S3Request request{.method = "DELETE", .key = std::string(name)};
  if (!version.empty()) request.query = "versionId=" + EncodeQueryValue(version);
  TM_TRY(const S3Answer answer, client_.Send(request));
  const int status = answer.http.status;
  if (status == 204 || status == 200 || status == 404) return {};
  return UnexpectedAnswer("deleting", name, answer.http);
}

// WHY by version: a DELETE without one only hides the newest, and what was below would appear again
// once the marker goes.
Result<void> S3Store::DeleteVersions(std::string_view name) {
  for (int i = 0; i < kVersionsMax; ++i) {
    TM_TRY(const S3Answer answer, client_.Send({.method = "HEAD", .key = std::string(name)}));
    if (answer.http.status == 404) return {};
    if (answer.http.status != 200) return UnexpectedAnswer("looking at", name, answer.http);
    TM_TRYV(DeleteOnce(name, answer.http.Header("x-amz-version-id")));
  }
  return Fail(ErrorKind::kUnavailable, "blob {} has more than {} versions", name, kVersionsMax);
}

Result<void> S3Store::Delete(std::string_view name) {
  TM_TRYV(CheckName(name, NameBytesMax()));
  return client_.config().object_lock ? DeleteVersions(name) : DeleteOnce(name, "");
}

Result<size_t> S3Store::Sweep(Timestamp before) { return AbortUploadsBefore(client_, before); }

}  // namespace tidemark::blob
