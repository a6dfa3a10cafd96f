// A blob put in parts: each is signed, checked and tried again by itself; it is seen when the last
// request says so.
#pragma once
#include <string>

#include "blob/s3/s3_client.h"

namespace tidemark::blob {

struct MultipartPut {
  std::string_view name;
  const BlobSource& source;
  const HttpHeaders& headers;       // of the object
  const crypto::Digest256& sha256;  // of the source; kCorruption if the parts add up to another
};

// What S3 answered to the last request. After an error the upload is aborted, as far as that works.
Result<S3Answer> PutInParts(S3Client& client, const MultipartPut& put);

// Aborts uploads beneath the client's prefix that began before `before`: what crashes left. Gives
// how many.
Result<size_t> AbortUploadsBefore(S3Client& client, Timestamp before);

std::string Base64Of(const crypto::Digest256& digest);
// An answer that is none of those expected. kAccessDenied, kNotFound, kCorruption (the body was
// not what was signed), kIo.
Unexpected UnexpectedAnswer(std::string_view what, std::string_view name, const HttpAnswer& answer);

}  // namespace tidemark::blob
