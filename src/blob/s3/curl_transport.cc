#include <curl/curl.h>

#include <algorithm>
#include <mutex>

#include "base/assert.h"
#include "blob/s3/http_transport.h"

namespace tidemark::blob {
namespace {

constexpr long kStallBytesPerSecond = 1024;
constexpr uint64_t kReservedMost = 16 << 20;  // for an answer that has not come yet
constexpr long kBufferBytes = 256 << 10;      // what a call takes from the socket at most

struct CurlCleanup {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
using CurlHandle = std::unique_ptr<CURL, CurlCleanup>;

struct ListCleanup {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using CurlList = std::unique_ptr<curl_slist, ListCleanup>;

// One request under way: what curl calls back.
struct Exchange {
  const HttpRequest& request;
  HttpAnswer answer;
  uint64_t sent = 0;
  Result<void> body_read;
  bool too_long = false;
  CURL* handle = nullptr;

  // What is announced, so that it is not moved as it grows.
  void Reserve() {
    curl_off_t announced = 0;
    curl_easy_getinfo(handle, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced);
    if (announced > 0) answer.body.reserve(std::min<uint64_t>(announced, kReservedMost));
  }
};

size_t OnSend(char* out, size_t size, size_t count, void* context) {
  auto& exchange = *static_cast<Exchange*>(context);
  const BlobSource& body = *exchange.request.body;
  const auto bytes = std::min<uint64_t>(size * count, body.size() - exchange.sent);
  exchange.body_read = body.Read(exchange.sent, bytes, out);
  if (!exchange.body_read) return CURL_READFUNC_ABORT;
  exchange.sent += bytes;
  return bytes;
}

// A kept connection turned out to be closed: curl sends the body again.
int OnSeek(void* context, curl_off_t offset, int origin) {
  auto& exchange = *static_cast<Exchange*>(context);
  if (origin != SEEK_SET || offset < 0) return CURL_SEEKFUNC_CANTSEEK;
  exchange.sent = static_cast<uint64_t>(offset);
  return CURL_SEEKFUNC_OK;
}

size_t OnBody(char* data, size_t size, size_t count, void* context) {
  auto& exchange = *static_cast<Exchange*>(context);
  const size_t bytes = size * count;
  if (exchange.answer.body.empty()) exchange.Reserve();
  if (bytes > exchange.request.answer_bytes_max - exchange.answer.body.size()) {
    exchange.too_long = true;
    return 0;
  }
  exchange.answer.body.append(data, bytes);
  return bytes;
}

size_t OnHeader(char* data, size_t size, size_t count, void* context) {
  auto& exchange = *static_cast<Exchange*>(context);
  const std::string_view line(data, size * count);
  if (line.starts_with("HTTP/")) exchange.answer.headers.clear();  // behind a "100 Continue"
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return line.size();
  std::string name(line.substr(0, colon));
  std::ranges::transform(name, name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  std::string_view value = line.substr(colon + 1);
  const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!value.empty() && is_space(value.front())) value.remove_prefix(1);
  while (!value.empty() && is_space(value.back())) value.remove_suffix(1);
  exchange.answer.headers.emplace_back(std::move(name), value);
  return line.size();
}

// Asked about once a second, also while nothing comes.
int OnProgress(void* context, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return *static_cast<const std::atomic<bool>*>(context) ? 1 : 0;
}

ErrorKind KindOf(CURLcode code) {
  switch (code) {
    case CURLE_ABORTED_BY_CALLBACK:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
      return ErrorKind::kUnavailable;
    default:
      return ErrorKind::kIo;
  }
}

template <class Value>
void Set(const CurlHandle& handle, CURLoption option, Value value) {
  TM_ASSERT(curl_easy_setopt(handle.get(), option, value) == CURLE_OK);
}

long Millis(Micros time) {
  return static_cast<long>(std::chrono::duration_cast<std::chrono::milliseconds>(time).count());
}

class CurlTransport final : public HttpTransport {
 public:
  explicit CurlTransport(CurlOptions options) : options_(std::move(options)) {
    static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
    TM_ASSERT(started == CURLE_OK);
  }

  Result<HttpAnswer> Send(const HttpRequest& request) override {
    CurlHandle handle = Take();
    Exchange exchange{.request = request, .answer = {}, .body_read = {}, .handle = handle.get()};
    char text[CURL_ERROR_SIZE] = "";
    const CurlList headers = Headers(request);
    Prepare(handle, exchange, headers.get(), text);
    const CURLcode code = curl_easy_perform(handle.get());
    long status = 0;
    curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
    curl_easy_reset(handle.get());  // connections stay
    Give(std::move(handle));
    TM_TRYV(std::move(exchange.body_read));
    if (exchange.too_long) {
      return Fail(ErrorKind::kIo, "{} {}: the answer is longer than {} bytes", request.method,
                  request.url, request.answer_bytes_max);
    }
    if (code != CURLE_OK) {
      return Fail(KindOf(code), "{} {}: {}", request.method, request.url,
                  text[0] != '\0' ? text : curl_easy_strerror(code));
    }
    exchange.answer.status = static_cast<int>(status);
    return std::move(exchange.answer);
  }

 private:
  static CurlList Headers(const HttpRequest& request) {
    curl_slist* list = nullptr;
    const auto add = [&](const std::string& line) {
      list = curl_slist_append(list, line.c_str());
      TM_ASSERT(list != nullptr);
    };
    for (const auto& [name, value] : request.headers) {
      add(value.empty() ? name + ";" : name + ": " + value);
    }
    if (!request.body && (request.method == "POST" || request.method == "PUT")) {
      add("Content-Length: 0");
    }
    // Those that curl would add by itself and nobody has signed.
    for (const char* unwanted : {"Expect:", "Accept:", "Content-Type:"}) add(unwanted);
    return CurlList(list);
  }

  void Prepare(const CurlHandle& handle, Exchange& exchange, curl_slist* headers, char* text) {
    const HttpRequest& request = exchange.request;
    Set(handle, CURLOPT_URL, request.url.c_str());
    Set(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    Set(handle, CURLOPT_PATH_AS_IS, 1L);
    Set(handle, CURLOPT_PROXY, "");
    Set(handle, CURLOPT_NOSIGNAL, 1L);
    Set(handle, CURLOPT_HTTPHEADER, headers);
    Set(handle, CURLOPT_ERRORBUFFER, text);
    Set(handle, CURLOPT_CONNECTTIMEOUT_MS, Millis(options_.connect_timeout));
    Set(handle, CURLOPT_LOW_SPEED_LIMIT, kStallBytesPerSecond);
    Set(handle, CURLOPT_LOW_SPEED_TIME, std::max(1L, Millis(options_.stall_timeout) / 1000));
    if (!options_.ca_file.empty()) Set(handle, CURLOPT_CAINFO, options_.ca_file.c_str());
    Set(handle, CURLOPT_BUFFERSIZE, kBufferBytes);
    Set(handle, CURLOPT_WRITEFUNCTION, OnBody);
    Set(handle, CURLOPT_WRITEDATA, &exchange);
    Set(handle, CURLOPT_HEADERFUNCTION, OnHeader);
    Set(handle, CURLOPT_HEADERDATA, &exchange);
    if (options_.stopping) {
      Set(handle, CURLOPT_NOPROGRESS, 0L);
      Set(handle, CURLOPT_XFERINFOFUNCTION, OnProgress);
      Set(handle, CURLOPT_XFERINFODATA, options_.stopping);
    }
    if (request.body) {
      Set(handle, CURLOPT_UPLOAD, 1L);
      Set(handle, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(request.body->size()));
      Set(handle, CURLOPT_READFUNCTION, OnSend);
      Set(handle, CURLOPT_READDATA, &exchange);
      Set(handle, CURLOPT_SEEKFUNCTION, OnSeek);
      Set(handle, CURLOPT_SEEKDATA, &exchange);
    }
    if (request.method == "HEAD") {
      Set(handle, CURLOPT_NOBODY, 1L);
    } else {
      Set(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    }
  }

  CurlHandle Take() {
    std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      CurlHandle handle = std::move(idle_.back());
      idle_.pop_back();
      return handle;
    }
    CurlHandle handle(curl_easy_init());
    TM_ASSERT(handle != nullptr);
    return handle;
  }
  void Give(CurlHandle handle) {
    std::lock_guard lock(mutex_);
    idle_.push_back(std::move(handle));
  }

  const CurlOptions options_;
  std::mutex mutex_;
  std::vector<CurlHandle> idle_;  // as many as requests were ever under way at once
};

}  // namespace

std::string_view HttpAnswer::Header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

std::unique_ptr<HttpTransport> NewCurlTransport(CurlOptions options) {
  return std::make_unique<CurlTransport>(std::move(options));
}

}  // namespace tidemark::blob
