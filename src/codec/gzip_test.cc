#include "codec/gzip.h"

#include <gtest/gtest.h>
#include <zlib.h>

namespace tidemark::codec {
namespace {

Bytes Compressed(BytesView plain, int window = 15 + 16) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY);
  Bytes out(deflateBound(&stream, plain.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  stream.avail_in = plain.size();
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = out.size();
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

TEST(Gunzip, ReadsOneMemberAndSeveral) {
  Bytes text(100'000, 'a');
  EXPECT_EQ(Gunzip(Compressed(text), 1 << 20).value(), text);
  EXPECT_EQ(Gunzip(Compressed("one") + Compressed("two"), 6).value(), "onetwo");
  EXPECT_EQ(Gunzip(Compressed(""), 0).value(), "");
}

TEST(Gunzip, StopsAtItsLimit) {
  Bytes bomb = Compressed(Bytes(10 << 20, '\0'));
  ASSERT_LT(bomb.size(), 20'000u);
  auto result = Gunzip(bomb, 1 << 20);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::kRequestTooLarge);
  EXPECT_TRUE(Gunzip(bomb, 10 << 20));
  EXPECT_FALSE(Gunzip(bomb, (10 << 20) - 1));
}

TEST(Gunzip, RefusesDamage) {
  Bytes good = Compressed("some text that is worth compressing, some text");
  Bytes flipped = good;
  flipped[flipped.size() - 6] ^= 1;  // in the CRC
  for (BytesView bad : {BytesView(""), BytesView("plain text"), BytesView(good).substr(0, 20),
                        BytesView(good).substr(0, good.size() - 1), BytesView(flipped)}) {
    auto result = Gunzip(bad, 1000);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::kSerialization);
  }
  EXPECT_FALSE(Gunzip(good + "trailing", 1000));
  EXPECT_FALSE(Gunzip(Compressed("zlib framing", 15), 1000));
}

}  // namespace
}  // namespace tidemark::codec
