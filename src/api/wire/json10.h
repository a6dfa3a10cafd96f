// The frame of AWS JSON 1.0 answers: headers around a body.
#pragma once
#include <string>
#include <string_view>

#include "http/response.h"

namespace tidemark::api::wire {

// 52 upper-case letters and digits, as DynamoDB's are; unique, not secret.
std::string NewRequestId();

// With Content-Type, x-amzn-RequestId and x-amz-crc32.
http::Response Json10Response(int status, std::string body, std::string_view request_id);

}  // namespace tidemark::api::wire
