#include "shard/space.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace tidemark::shard {
namespace {

constexpr uint64_t kMegabyte = 1'000'000;

// A file system that says what the test wants.
struct FakeDisk {
  Space space{.free_bytes = 500 * kMegabyte, .total_bytes = 1000 * kMegabyte};
  bool broken = false;

  AskSpace Ask() {
    return [this](const std::string&) -> Result<Space> {
      if (broken) return Fail(ErrorKind::kIo, "statvfs failed");
      return space;
    };
  }
};

TEST(DiskReserve, RefusesBelowTheReserveAndTakesWritesAgainATenthAbove) {
  FakeDisk disk;
  DiskReserve reserve({.directory = "d", .reserve_bytes = 40 * kMegabyte, .ask = disk.Ask()});
  reserve.Look();
  EXPECT_TRUE(reserve.Check().has_value());
  disk.space.free_bytes = 40 * kMegabyte;
  reserve.Look();
  EXPECT_TRUE(reserve.Check().has_value()) << "the reserve itself is free";
  disk.space.free_bytes -= 1;
  reserve.Look();
  ASSERT_FALSE(reserve.Check().has_value());
  EXPECT_EQ(reserve.Check().error().kind, ErrorKind::kNoSpace);
  EXPECT_NE(reserve.Check().error().message.find("40.0 MB free"), std::string::npos);
  EXPECT_NE(reserve.Check().error().message.find("Delete tables or backups"), std::string::npos);
  disk.space.free_bytes = 44 * kMegabyte - 1;
  reserve.Look();
  EXPECT_FALSE(reserve.Check().has_value()) << "would flap at the edge";
  disk.space.free_bytes = 44 * kMegabyte;
  reserve.Look();
  EXPECT_TRUE(reserve.Check().has_value());
  EXPECT_EQ(reserve.stats().times_low, 1u);
}

TEST(DiskReserve, IsATwentiethOfTheFileSystemAtMostAndATenthOfItForTheSystem) {
  FakeDisk disk;
  disk.space = {.free_bytes = 6 * kMegabyte, .total_bytes = 100 * kMegabyte};
  DiskReserve ordinary({.directory = "d", .reserve_bytes = 1 << 30, .ask = disk.Ask()});
  DiskReserve system(
      {.directory = "d", .reserve_bytes = 1 << 30, .divisor = 10, .ask = disk.Ask()});
  ordinary.Look();
  EXPECT_EQ(ordinary.stats().reserve_bytes, 5 * kMegabyte);
  EXPECT_FALSE(ordinary.low());
  disk.space.free_bytes = kMegabyte;
  ordinary.Look();
  system.Look();
  EXPECT_TRUE(ordinary.low());
  EXPECT_FALSE(system.low());
  disk.space.free_bytes = kMegabyte / 2 - 1;
  system.Look();
  EXPECT_TRUE(system.low());
}

TEST(DiskReserve, StaysAsItWasWhileNobodyKnows) {
  FakeDisk disk;
  DiskReserve reserve({.directory = "d", .reserve_bytes = 40 * kMegabyte, .ask = disk.Ask()});
  disk.space.free_bytes = 0;
  reserve.Look();
  disk.broken = true;
  reserve.Look();
  EXPECT_TRUE(reserve.low());
}

TEST(DiskReserve, AsksTheRealFileSystem) {
  const auto space = SpaceOf(std::filesystem::temp_directory_path().string());
  ASSERT_TRUE(space.has_value()) << space.error().message;
  EXPECT_GT(space->total_bytes, 0u);
  EXPECT_LE(space->free_bytes, space->total_bytes);
  EXPECT_FALSE(SpaceOf("/no/such/place").has_value());
}

}  // namespace
}  // namespace tidemark::shard
