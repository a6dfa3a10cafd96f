// Which row keys, and which partitions, a section may hold: a Bloom filter of ten bits each, one in
// a hundred wrong answers. So that reading one item's past asks few of many runs.
//
//   filter := bits; 7 probes by two halves of XXH3-64 of the element; none at all: may hold
//   anything
//
// Elements are row keys, and the parts of them that may be their partition: a row key does not say
// of which type its attributes are (docs/formats/row_key.md), so where it reads both as a string
// and as a number, both are elements. Pure; a filter's bytes are foreign.
#pragma once
#include <cstdint>
#include <vector>

#include "base/bytes.h"

namespace tidemark::archive {

class KeyFilterBuilder {
 public:
  // Keys in order; a key may come again.
  void Add(BytesView row_key);
  Bytes Finish() const;

 private:
  void AddElement(BytesView element);

  std::vector<uint64_t> hashes_;
  Bytes last_key_;
};

// False: the section has no version of this row.
bool MayHoldKey(BytesView filter, BytesView row_key);
// False: it has none of any row in [begin, end); end empty: to the end.
bool MayHoldRange(BytesView filter, BytesView begin, BytesView end);

}  // namespace tidemark::archive
