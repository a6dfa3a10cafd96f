// The frame of AWS JSON answers: headers around a body.
#pragma once
#include <string>
#include <string_view>

#include "http/response.h"

namespace tidemark::api::wire {

// 52 upper-case letters and digits, as DynamoDB's are; unique, not secret.
std::string NewRequestId();

inline constexpr std::string_view kJson11 = "application/x-amz-json-1.1";

// With `type` as Content-Type, x-amzn-RequestId and x-amz-crc32.
http::Response JsonResponse(std::string_view type, int status, std::string body,
                            std::string_view request_id);
// JSON 1.0, with Content-Type, x-amzn-RequestId and x-amz-crc32.
http::Response Json10Response(int status, std::string body, std::string_view request_id);

}  // namespace tidemark::api::wire
