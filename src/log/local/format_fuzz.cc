// Foreign bytes into every parser of the log's files. What parses must be what its writer writes.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "codec/varint.h"
#include "log/local/accepted_file.h"
#include "log/local/frame_format.h"
#include "log/local/segment_header.h"
#include "log/local/start_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tidemark;
  using namespace tidemark::log;
  BytesView bytes(reinterpret_cast<const char*>(data), size);
  if (auto frame = ParseFrameHeader(bytes)) {
    char again[kFrameHeaderBytes];
    EncodeFrameHeader(*frame, again);
    if (BytesView(again, sizeof(again)) != bytes.substr(0, kFrameHeaderBytes)) std::abort();
    Bytes payload;
    crypto::Aead aead{crypto::Key256()};
    (void)OpenFrame(aead, *frame, bytes, &payload);
  }
  if (auto header = ParseSegmentHeader(bytes)) {
    if (header->wrapped_key.size() > kWrappedKeyBytesMax) std::abort();
    crypto::Aead aead{crypto::Key256()};
    (void)CheckSegmentHeaderSeal(bytes.substr(0, kBlockBytes), aead);
  }
  if (auto start = ParseStart(bytes)) {
    if (EncodeStart(*start) != bytes) std::abort();
  }
  if (auto accepted = ParseAccepted(bytes)) {
    uint64_t log_id =
        accepted->empty() ? codec::LoadLittle64(bytes.data() + 16) : accepted->front().from.log_id;
    if (EncodeAccepted(log_id, *accepted) != bytes) std::abort();
  }
  // A whole list, cut and changed.
  std::vector<AcceptedRange> ranges;
  for (size_t i = 0; i + 4 <= size && ranges.size() < 8; i += 4) {
    ranges.push_back(
        {.from = {size, data[i], data[i + 1]}, .to = {size, data[i + 2], data[i + 3]}});
  }
  Bytes list = EncodeAccepted(size, ranges);
  if (auto same = ParseAccepted(list); !same || *same != ranges) std::abort();
  if (size > 0 && ParseAccepted(BytesView(list).substr(0, data[0] % list.size()))) std::abort();
  // Whole headers, so that the check inside is passed; then the same with one byte changed.
  crypto::Aead aead{crypto::Key256()};
  SegmentHeader written{.log_id = size, .segment = 1, .wrapped_key = Bytes(bytes.substr(0, 512))};
  char block[kBlockBytes];
  ChainTag tag;
  EncodeSegmentHeader(written, aead, block, &tag);
  auto read = ParseSegmentHeader({block, sizeof(block)});
  if (!read || read->wrapped_key != written.wrapped_key) std::abort();
  if (size < 3) return 0;
  size_t place = (data[0] | data[1] << 8) % kBlockBytes;
  block[place] = static_cast<char>(block[place] ^ (data[2] | 1));
  if (CheckSegmentHeaderSeal({block, sizeof(block)}, aead)) std::abort();
  return 0;
}
