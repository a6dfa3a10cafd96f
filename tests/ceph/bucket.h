// For tests: buckets of the gateway that with_radosgw.py runs, and a client beside the store.
#pragma once
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <atomic>
#include <string>

#include "blob/s3/s3_client.h"
#include "blob/s3/s3_store.h"

namespace tidemark::blob {

inline std::string FromEnvironment(const char* name) {
  const char* const value = ::getenv(name);
  return value ? value : "";
}

struct World {
  SystemClock clock;
  SystemPause pause;
};

inline World& TheWorld() {
  static World world;
  return world;
}

// Each of a prefix of its own.
inline S3Config ConfigOf(const std::string& bucket) {
  static std::atomic<int> next{0};
  return {.endpoint = FromEnvironment("TIDEMARK_S3_ENDPOINT"),
          .bucket = bucket,
          .prefix = fmt::format("test {}/", next++),
          .credentials = {.access_key = FromEnvironment("TIDEMARK_S3_ACCESS_KEY"),
                          .secret = FromEnvironment("TIDEMARK_S3_SECRET_KEY"),
                          .session_token = ""},
          .multipart_above = 8 << 20};
}

// For what the seam does not offer.
struct Client {
  explicit Client(const S3Config& config)
      : transport(NewCurlTransport({})),
        s3(config, *transport, TheWorld().clock, TheSystemRandom(), TheWorld().pause) {}
  std::unique_ptr<HttpTransport> transport;
  S3Client s3;

  // The request is answered with success.
  HttpAnswer Sent(const S3Request& request) {
    auto answer = s3.Send(request);
    EXPECT_TRUE(answer && answer->http.status / 100 == 2)
        << request.method << " " << request.key << ": "
        << (answer ? answer->http.body : answer.error().message);
    return answer ? std::move(answer->http) : HttpAnswer();
  }

  void Put(const std::string& key, const std::string& bytes, const HttpHeaders& headers) {
    const MemorySource body(bytes);
    Sent({.method = "PUT",
          .key = key,
          .headers = headers,
          .body = &body,
          .body_sha256 = crypto::Sha256(bytes)});
  }
};

// What a store keeps with a blob.
inline HttpHeaders MetadataOf(const HttpAnswer& answer) {
  HttpHeaders metadata;
  for (const auto& header : answer.headers) {
    if (header.first.starts_with("x-amz-meta-")) metadata.push_back(header);
  }
  return metadata;
}

inline void MakeBucket(const S3Config& config, const HttpHeaders& headers = {}) {
  Client(config).Sent({.method = "PUT", .of_bucket = true, .headers = headers});
}

inline std::unique_ptr<S3Store> OpenStore(const S3Config& config, CurlOptions options = {}) {
  auto store = S3Store::Open(config, NewCurlTransport(std::move(options)), TheWorld().clock,
                             TheSystemRandom(), TheWorld().pause);
  EXPECT_TRUE(store) << store.error().message;
  return store ? std::move(*store) : nullptr;
}

}  // namespace tidemark::blob
