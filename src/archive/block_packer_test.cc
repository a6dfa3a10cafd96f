#include "archive/block_packer.h"

#include <gtest/gtest.h>

#include <random>

namespace tidemark::archive {
namespace {

constexpr size_t kBlock = 64 << 10;

Bytes Letters(std::mt19937_64& random, BytesView letters) {
  Bytes block(kBlock, '\0');
  for (char& letter : block) letter = letters[random() % letters.size()];
  return block;
}
Bytes Noise(std::mt19937_64& random) {
  Bytes block(kBlock, '\0');
  for (char& byte : block) byte = static_cast<char>(random());
  return block;
}
// Repeats itself in long stretches, which only the thorough way finds all of.
Bytes Records(std::mt19937_64& random) {
  Bytes block;
  while (block.size() < kBlock) {
    block += R"({"order":")" + std::to_string(random() % 100'000) +
             R"(","state":"shipped","at":"20)" + std::to_string(random() % 100) +
             R"(-12-01","note":"leave it at the door"})";
  }
  return block;
}

Bytes PackedBy(BlockPacker& packer, BytesView raw) {
  Bytes packed(PackedBytesMax(raw.size()), '\0');
  packed.resize(packer.Pack(raw, packed.data()));
  EXPECT_EQ(*Unpack(packed), raw);
  return packed;
}
bool IsCompressed(const Bytes& packed) { return packed[0] != '\0'; }

TEST(BlockPacker, LeavesAsItIsWhatGainsNothing) {
  std::mt19937_64 random(1);
  BlockPacker packer;
  for (int i = 0; i < 130; ++i) EXPECT_FALSE(IsCompressed(PackedBy(packer, Noise(random)))) << i;
  // Not even what would: the next trial finds it out, not later.
  int until_found = 0;
  while (!IsCompressed(PackedBy(packer, Records(random)))) ++until_found;
  EXPECT_EQ(until_found, 192 - 130);
  int until_lost = 0;
  while (IsCompressed(PackedBy(packer, Records(random)))) {
    if (++until_lost == 200) break;
  }
  EXPECT_EQ(until_lost, 200) << "what gains is compressed on and on";
}

TEST(BlockPacker, LosesLittleAgainstTheThoroughWay) {
  std::mt19937_64 random(2);
  const auto few = [](std::mt19937_64& letters) { return Letters(letters, "abcdefghijklmnop"); };
  for (Bytes (*make)(std::mt19937_64&) : {+few, Records}) {
    BlockPacker packer;
    size_t thorough = 0, packed = 0;
    for (int i = 0; i < 200; ++i) {
      const Bytes block = make(random);
      packed += PackedBy(packer, block).size();
      thorough += Pack(block).size();
    }
    EXPECT_LE(static_cast<double>(packed), 1.13 * static_cast<double>(thorough));
    EXPECT_NE(packed, thorough) << "some were compressed the quick way";
  }
}

}  // namespace
}  // namespace tidemark::archive
