// HKDF-SHA256 (RFC 5869): one key from another, told apart by salt and info.
#pragma once
#include "crypto/secret.h"

namespace tidemark::crypto {

Key256 Hkdf(const Key256& key, BytesView salt, BytesView info);

}  // namespace tidemark::crypto
