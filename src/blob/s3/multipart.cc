#include "blob/s3/multipart.h"

#include <algorithm>

#include "base/log.h"
#include "blob/s3/s3_answers.h"
#include "codec/base64.h"
#include "codec/xml_writer.h"
#include "crypto/hasher.h"

namespace tidemark::blob {
namespace {

constexpr uint64_t kPartsMax = 10'000;

struct Part {
  std::string etag;
  crypto::Digest256 sha256;
};

Result<std::string> Begin(S3Client& client, const MultipartPut& put) {
  S3Request request{
      .method = "POST", .key = std::string(put.name), .query = "uploads=", .headers = put.headers};
  request.headers.emplace_back("x-amz-checksum-algorithm", "SHA256");
  TM_TRY(const S3Answer answer, client.Send(request));
  if (answer.http.status != 200) {
    return UnexpectedAnswer("beginning to put", put.name, answer.http);
  }
  return ParseUploadId(answer.http.body);
}

std::string UploadQuery(std::string_view id) { return "uploadId=" + EncodeQueryValue(id); }

Result<Part> PutPart(S3Client& client, std::string_view name, std::string_view id, size_t number,
                     BytesView bytes) {
  Part part{.sha256 = crypto::Sha256(bytes)};
  const MemorySource body(bytes);
  TM_TRY(const S3Answer answer,
         client.Send({.method = "PUT",
                      .key = std::string(name),
                      .query = fmt::format("partNumber={}&{}", number, UploadQuery(id)),
                      .headers = {{"x-amz-checksum-sha256", Base64Of(part.sha256)}},
                      .body = &body,
                      .body_sha256 = part.sha256}));
  part.etag = answer.http.Header("etag");
  if (answer.http.status != 200 || part.etag.empty()) {
    return UnexpectedAnswer("putting a part of", name, answer.http);
  }
  return part;
}

Result<std::vector<Part>> PutAllParts(S3Client& client, const MultipartPut& put,
                                      std::string_view id) {
  const uint64_t size = put.source.size();
  const uint64_t part_bytes =
      std::max(client.config().part_bytes, (size + kPartsMax - 1) / kPartsMax);
  std::vector<Part> parts;
  crypto::Sha256Hasher hasher;
  Bytes bytes;
  for (uint64_t offset = 0; offset < size; offset += bytes.size()) {
    bytes.resize(std::min(part_bytes, size - offset));
    TM_TRYV(put.source.Read(offset, bytes.size(), bytes.data()));
    hasher.Add(bytes);
    TM_TRY(Part part, PutPart(client, put.name, id, parts.size() + 1, bytes));
    parts.push_back(std::move(part));
  }
  if (hasher.Finish() != put.sha256) {
    return Fail(ErrorKind::kCorruption, "blob {} is not put: its source has changed", put.name);
  }
  return parts;
}

std::string CompletionBody(const std::vector<Part>& parts) {
  std::string body;
  codec::XmlWriter xml(&body);
  xml.Open("CompleteMultipartUpload");
  for (size_t i = 0; i < parts.size(); ++i) {
    xml.Open("Part").Int("PartNumber", static_cast<int64_t>(i + 1)).Text("ETag", parts[i].etag);
    xml.Text("ChecksumSHA256", Base64Of(parts[i].sha256)).Close("Part");
  }
  xml.Close("CompleteMultipartUpload");
  return body;
}

Result<S3Answer> PutAndComplete(S3Client& client, const MultipartPut& put, std::string_view id) {
  TM_TRY(const std::vector<Part> parts, PutAllParts(client, put, id));
  const std::string body = CompletionBody(parts);
  const MemorySource source(body);
  return client.Send({.method = "POST",
                      .key = std::string(put.name),
                      .query = UploadQuery(id),
                      .body = &source,
                      .body_sha256 = crypto::Sha256(body)});
}

Result<void> Abort(S3Client& client, const std::string& name, std::string_view id) {
  TM_TRY(const S3Answer answer,
         client.Send({.method = "DELETE", .key = name, .query = UploadQuery(id)}));
  const int status = answer.http.status;
  if (status == 204 || status == 200 || status == 404) return {};
  return UnexpectedAnswer("ending the upload of", name, answer.http);
}

}  // namespace

std::string Base64Of(const crypto::Digest256& digest) {
  return codec::EncodeBase64({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

Unexpected UnexpectedAnswer(std::string_view what, std::string_view name,
                            const HttpAnswer& answer) {
  const S3Error error = ParseError(answer.body);
  ErrorKind kind = ErrorKind::kIo;
  if (answer.status == 401 || answer.status == 403) kind = ErrorKind::kAccessDenied;
  if (answer.status == 404) kind = ErrorKind::kNotFound;
  if (error.code == "XAmzContentSHA256Mismatch" || error.code == "BadDigest") {
    kind = ErrorKind::kCorruption;
  }
  return Fail(kind, "{} blob {}: the store answers {} {} {}", what, name, answer.status, error.code,
              error.message);
}

Result<S3Answer> PutInParts(S3Client& client, const MultipartPut& put) {
  TM_TRY(const std::string id, Begin(client, put));
  auto answer = PutAndComplete(client, put, id);
  if (answer && answer->http.status == 200) return answer;
  const auto aborted = Abort(client, std::string(put.name), id);
  if (!aborted) LogWarn("parts of blob {} stay for a while: {}", put.name, aborted.error().message);
  return answer;
}

Result<size_t> AbortUploadsBefore(S3Client& client, Timestamp before) {
  const std::string& prefix = client.config().prefix;
  const std::string all = "encoding-type=url&prefix=" + EncodeQueryValue(prefix) + "&uploads=";
  size_t aborted = 0;
  std::string query = all;
  while (true) {
    TM_TRY(const S3Answer answer,
           client.Send({.method = "GET", .of_bucket = true, .query = query}));
    if (answer.http.status != 200) return UnexpectedAnswer("listing uploads of", "*", answer.http);
    TM_TRY(const UploadPage page, ParseUploads(answer.http.body));
    for (const Upload& upload : page.uploads) {
      if (upload.begun >= before || !upload.key.starts_with(prefix)) continue;
      TM_TRYV(Abort(client, upload.key.substr(prefix.size()), upload.id));
      ++aborted;
    }
    if (!page.more) return aborted;
    query = all + "&key-marker=" + EncodeQueryValue(page.uploads.back().key) +
            "&upload-id-marker=" + EncodeQueryValue(page.uploads.back().id);
  }
}

}  // namespace tidemark::blob
