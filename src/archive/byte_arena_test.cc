#include "archive/byte_arena.h"

#include <gtest/gtest.h>

#include <random>

namespace tidemark::archive {
namespace {

TEST(ByteArena, KeepsBytesWhereTheyAre) {
  std::mt19937_64 random(1);
  ByteArena arena;
  std::vector<std::pair<Bytes, BytesView>> kept;
  size_t bytes = 0;
  for (int i = 0; i < 20'000; ++i) {
    const size_t size = random() % 100 == 0 ? random() % 500'000 : random() % 300;
    const Bytes one(size, static_cast<char>(random()));
    kept.emplace_back(one, arena.Keep(one));
    bytes += size;
  }
  const ByteArena moved = std::move(arena);
  for (const auto& [expected, view] : kept) ASSERT_EQ(view, expected);
  EXPECT_GE(moved.memory_bytes(), bytes);
  EXPECT_LE(moved.memory_bytes(), bytes + bytes / 4);
}

TEST(ByteArena, IsSmallWithLittleInIt) {
  ByteArena arena;
  EXPECT_EQ(arena.memory_bytes(), 0u);
  arena.Keep(Bytes(100, 'a'));
  EXPECT_LE(arena.memory_bytes(), 1024u);
}

}  // namespace
}  // namespace tidemark::archive
