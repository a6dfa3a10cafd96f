// String to sign, signing key and signature of Signature Version 4. Pure.
#pragma once
#include <string>
#include <string_view>

#include "crypto/hash.h"

namespace tidemark::sigv4 {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view kTerminator = "aws4_request";

// What a signing key is good for.
struct Scope {
  std::string_view date;     // "20130609"
  std::string_view region;   // "us-east-1"
  std::string_view service;  // "dynamodb"
};

// `amz_date` as FormatAmzDate gives it.
void AppendStringToSign(std::string_view amz_date, const Scope& scope,
                        std::string_view canonical_request, std::string* out);

// Four HMACs, about 2 us: keep the key, it is the same for a day.
crypto::HmacKey DeriveSigningKey(std::string_view secret, const Scope& scope);

std::string Signature(const crypto::HmacKey& key, std::string_view string_to_sign);  // 64 digits

}  // namespace tidemark::sigv4
