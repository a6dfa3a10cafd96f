// Byte strings. Keys, values and frames are raw bytes held in std::string: RocksDB, OpenSSL and the
// socket layer all take (pointer, size), and short keys stay off the heap.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tidemark {

using Bytes = std::string;
using BytesView = std::string_view;  // lives only for the call

}  // namespace tidemark
