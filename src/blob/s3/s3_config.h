// Where an S3-compatible store is, and how it is spoken to.
#pragma once
#include <cstdint>
#include <string>

#include "blob/backoff.h"
#include "sigv4/signer.h"

namespace tidemark::blob {

struct S3Config {
  std::string endpoint;  // "https://s3.eu-central-1.amazonaws.com", "http://127.0.0.1:7480"
  std::string region = "us-east-1";
  std::string bucket;  // exists
  std::string prefix;  // of all keys; "backups/"
  // The bucket stands in the path (http://host/bucket/key) rather than before the host.
  bool path_style = true;
  sigv4::SigningCredentials credentials;
  bool object_lock = false;             // the bucket has object lock (and so versions)
  uint64_t part_bytes = 8 << 20;        // of multipart uploads; S3 wants 5 MiB at least
  uint64_t multipart_above = 16 << 20;  // bytes of a blob; smaller ones go in one request
  RetryPolicy retry;
};

}  // namespace tidemark::blob
