// Foreign bytes into every parser of the archive's files. What parses must be what its writer
// writes.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "archive/run_format.h"
#include "archive/run_list.h"
#include "archive/section_format.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tidemark;
  using namespace tidemark::archive;
  const BytesView bytes(reinterpret_cast<const char*>(data), size);
  if (auto head = ParseHead(bytes.substr(0, kHeadBytes))) {
    auto again = ParseHead(EncodeHead(*head) + Bytes(crypto::kTagBytes, '\0'));
    if (!again || *again != *head) std::abort();
  }
  if (size >= kFooterBytes) (void)ParseFooter(bytes.substr(size - kFooterBytes), size);
  if (auto directory = ParseDirectory(bytes, kHeadBytes + size)) {
    if (EncodeDirectory(*directory) != bytes) std::abort();
  }
  for (const uint64_t block_bytes : {uint64_t{0}, uint64_t{size}}) {
    auto meta = ParseMeta(bytes, block_bytes);
    if (!meta) continue;
    auto again = ParseMeta(EncodeMeta(*meta), block_bytes);
    if (!again || *again != *meta) std::abort();
  }
  if (auto list = ParseRunList(bytes)) {
    auto again = ParseRunList(EncodeRunList(*list));
    if (!again || *again != *list) std::abort();
  }
  DataBlockReader versions(bytes, Timestamp{});
  DataBlockBuilder block((Timestamp()));
  while (true) {
    auto version = versions.Next();
    if (!version || !*version) break;
    block.Add(**version);
  }
  BytesView rest = bytes;
  while (true) {
    auto entry = ReadTotalsEntry(&rest, Timestamp{});
    if (!entry || !*entry) break;
  }
  (void)Unpack(bytes);
  auto unpacked = Unpack(Pack(bytes));
  if (!unpacked || *unpacked != bytes) std::abort();
  return 0;
}
