#include "codec/hex.h"

#include <gtest/gtest.h>

namespace tidemark::codec {
namespace {

TEST(Hex, WritesLowerCaseAndReadsBoth) {
  EXPECT_EQ(EncodeHex(BytesView("\x00\x7f\xff\xa5", 4)), "007fffa5");
  EXPECT_EQ(DecodeHex("007fFFa5").value(), Bytes("\x00\x7f\xff\xa5", 4));
  EXPECT_EQ(DecodeHex("").value(), "");
}

TEST(Hex, RefusesOtherText) {
  for (std::string_view text : {"0", "0g", "g0", "0x", " 0", "00 "}) EXPECT_FALSE(DecodeHex(text));
}

}  // namespace
}  // namespace tidemark::codec
