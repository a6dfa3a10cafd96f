#include "codec/varint.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

namespace tidemark::codec {
namespace {

Bytes Varint(uint64_t value) {
  Bytes out;
  AppendVarint(value, &out);
  return out;
}

TEST(Varint, HasTheKnownLayout) {
  EXPECT_EQ(Varint(0), Bytes("\x00", 1));
  EXPECT_EQ(Varint(127), "\x7f");
  EXPECT_EQ(Varint(128), Bytes("\x80\x01", 2));
  EXPECT_EQ(Varint(624485), "\xe5\x8e\x26");
  EXPECT_EQ(Varint(std::numeric_limits<uint64_t>::max()), Bytes(9, '\xff') + "\x01");
}

TEST(Varint, ReadsBackAndKnowsItsSize) {
  constexpr uint64_t kSeed = 11;
  std::mt19937_64 random(kSeed);
  for (int round = 0; round < 10000; ++round) {
    uint64_t value = random() >> (random() % 64);
    Bytes bytes = Varint(value) + "rest";
    ASSERT_EQ(VarintSize(value), bytes.size() - 4);
    BytesView in = bytes;
    uint64_t read = 0;
    ASSERT_TRUE(ReadVarint(&in, &read)) << "seed " << kSeed << " value " << value;
    ASSERT_EQ(read, value);
    ASSERT_EQ(in, "rest");
  }
}

TEST(Varint, RefusesCutLongAndOverflowingForms) {
  for (BytesView bytes :
       {BytesView(""), BytesView("\x80"), BytesView("\x80\x00", 2), BytesView("\xff\x80\x00", 3),
        BytesView("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"),
        BytesView("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")}) {
    BytesView in = bytes;
    uint64_t value = 42;
    EXPECT_FALSE(ReadVarint(&in, &value));
    EXPECT_EQ(in.size(), bytes.size());
    EXPECT_EQ(value, 42u);
  }
}

TEST(Varint, Of32BitsRefusesMore) {
  Bytes bytes = Varint(0x100000000);
  BytesView in = bytes;
  uint32_t value;
  EXPECT_FALSE(ReadVarint32(&in, &value));
  EXPECT_EQ(in.size(), bytes.size());
  bytes = Varint(0xffffffff);
  in = bytes;
  ASSERT_TRUE(ReadVarint32(&in, &value));
  EXPECT_EQ(value, 0xffffffffu);
}

TEST(FixedWidth, OrdersBytes) {
  Bytes out;
  AppendLittle16(0x0102, &out);
  AppendBig16(0x0102, &out);
  AppendLittle32(0x01020304, &out);
  AppendBig32(0x01020304, &out);
  EXPECT_EQ(out, "\x02\x01\x01\x02\x04\x03\x02\x01\x01\x02\x03\x04");
  out.clear();
  AppendLittle64(0x0102030405060708, &out);
  AppendBig64(0x0102030405060708, &out);
  EXPECT_EQ(out, "\x08\x07\x06\x05\x04\x03\x02\x01\x01\x02\x03\x04\x05\x06\x07\x08");
  BytesView in = out;
  uint64_t a, b, c = 9;
  ASSERT_TRUE(ReadLittle64(&in, &a));
  ASSERT_TRUE(ReadBig64(&in, &b));
  EXPECT_EQ(a, 0x0102030405060708u);
  EXPECT_EQ(a, b);
  EXPECT_FALSE(ReadBig64(&in, &c));
  EXPECT_EQ(c, 9u);
  EXPECT_EQ(LoadBig32(out.data() + 8), 0x01020304u);
  StoreLittle16(0xbeef, out.data());
  EXPECT_EQ(LoadLittle16(out.data()), 0xbeef);
}

TEST(Sized, ReadsBackAndRefusesCutBytes) {
  Bytes out;
  AppendSized("hello", &out);
  AppendSized("", &out);
  BytesView in = out, bytes;
  ASSERT_TRUE(ReadSized(&in, &bytes));
  EXPECT_EQ(bytes, "hello");
  ASSERT_TRUE(ReadSized(&in, &bytes));
  EXPECT_EQ(bytes, "");
  EXPECT_TRUE(in.empty());
  in = BytesView(out).substr(0, 5);
  EXPECT_FALSE(ReadSized(&in, &bytes));
  EXPECT_EQ(in.size(), 5u);
  EXPECT_FALSE(ReadBytes(&in, 6, &bytes));
  EXPECT_TRUE(ReadBytes(&in, 5, &bytes));
}

}  // namespace
}  // namespace tidemark::codec
