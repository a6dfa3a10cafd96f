#include "blob/s3/s3_client.h"

#include "blob/s3/s3_answers.h"
#include "sigv4/uri.h"

namespace tidemark::blob {
namespace {

// Statuses of a server that is busy or in trouble; 409: another request for the key is under way.
bool MayPass(int status, std::string_view code) {
  switch (status) {
    case 429:
    case 500:
    case 502:
    case 503:
    case 504:
      return true;
    case 400:
      return code == "RequestTimeout";
    case 409:
      return code == "ConditionalRequestConflict" || code == "OperationAborted" ||
             code == "ConcurrentModification";
    case 200:  // the outcome of some long operations stands in the body
      return code == "InternalError" || code == "SlowDown";
    default:
      return false;
  }
}

void AppendEncodedKey(std::string_view key, std::string* out) {
  while (true) {
    const size_t slash = key.find('/');
    sigv4::AppendUriEncoded(key.substr(0, slash), out);
    if (slash == std::string_view::npos) return;
    out->push_back('/');
    key.remove_prefix(slash + 1);
  }
}

// Remembers that reading the body failed: that is no failure of the store.
class WatchedSource final : public BlobSource {
 public:
  explicit WatchedSource(const BlobSource& inner) : inner_(inner) {}
  uint64_t size() const override { return inner_.size(); }
  Result<void> Read(uint64_t offset, size_t bytes, char* out) const override {
    auto read = inner_.Read(offset, bytes, out);
    failed_ = failed_ || !read;
    return read;
  }
  bool failed() const { return failed_; }

 private:
  const BlobSource& inner_;
  mutable std::atomic<bool> failed_{false};
};

}  // namespace

std::string EncodeQueryValue(std::string_view text) {
  std::string encoded;
  sigv4::AppendUriEncoded(text, &encoded);
  return encoded;
}

S3Client::S3Client(S3Config config, HttpTransport& transport, const Clock& clock, Random& random,
                   Pause& pause)
    : config_(std::move(config)),
      transport_(transport),
      clock_(clock),
      random_(random),
      pause_(pause),
      signer_(config_.credentials, config_.region, "s3") {
  const size_t behind = config_.endpoint.find("://");
  const size_t host = behind == std::string::npos ? 0 : behind + 3;
  scheme_ = behind == std::string::npos ? "https://" : config_.endpoint.substr(0, host);
  host_ = config_.endpoint.substr(host, config_.endpoint.find('/', host) - host);
  if (!config_.path_style) host_ = config_.bucket + "." + host_;
}

std::string S3Client::Path(const S3Request& request) const {
  std::string path = "/";
  if (config_.path_style) {
    path += config_.bucket;
    if (!request.of_bucket) path.push_back('/');
  }
  if (!request.of_bucket) AppendEncodedKey(config_.prefix + request.key, &path);
  return path;
}

Result<HttpAnswer> S3Client::SendOnce(const S3Request& request, const BlobSource* body) {
  const std::string path = Path(request);
  HttpRequest http{.method = request.method,
                   .url = scheme_ + host_ + path,
                   .headers = request.headers,
                   .body = body,
                   .answer_bytes_max = request.answer_bytes_max};
  if (!request.query.empty()) http.url += "?" + request.query;
  http.headers.emplace_back("Host", host_);
  http.headers.emplace_back("x-amz-content-sha256", HexOf(request.body_sha256));
  std::vector<sigv4::HeaderField> fields;
  for (const auto& [name, value] : http.headers) fields.push_back({name, value});
  HttpHeaders added;
  {
    std::lock_guard lock(signer_mutex_);
    added = signer_.Sign({.method = request.method,
                          .path = path,
                          .query = request.query,
                          .headers = fields,
                          .body = {}},
                         clock_.Now());
  }
  for (auto& header : added) http.headers.push_back(std::move(header));
  return transport_.Send(http);
}

Result<S3Answer> S3Client::Send(const S3Request& request) {
  std::optional<WatchedSource> body;
  if (request.body) body.emplace(*request.body);
  for (int attempt = 1;; ++attempt) {
    auto answer = SendOnce(request, body ? &*body : nullptr);
    if (answer) {
      const bool is_xml = answer->status >= 300 || request.method == "POST";
      const S3Error error = is_xml ? ParseError(answer->body) : S3Error{};
      if (!MayPass(answer->status, error.code)) {
        return S3Answer{.http = std::move(*answer), .repeated = attempt > 1};
      }
      answer = Fail(ErrorKind::kUnavailable, "{} {}: status {} {} {}", request.method,
                    Path(request), answer->status, error.code, error.message);
    }
    if (answer.error().kind != ErrorKind::kUnavailable || (body && body->failed()) ||
        attempt >= config_.retry.attempts_max) {
      return Fail(std::move(answer).error());
    }
    TM_TRYV(pause_.For(DelayAfter(attempt, config_.retry, random_)));
  }
}

}  // namespace tidemark::blob
