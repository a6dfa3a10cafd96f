#include "shard/space.h"

#include <sys/statvfs.h>

#include <algorithm>

#include "base/log.h"

namespace tidemark::shard {
namespace {

std::string Megabytes(uint64_t bytes) {
  return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
}

}  // namespace

Result<Space> SpaceOf(const std::string& directory) {
  struct statvfs info;
  if (::statvfs(directory.c_str(), &info) != 0)
    return Fail(FromErrno(errno, "asking for free space of " + directory));
  return Space{.free_bytes = uint64_t{info.f_bavail} * info.f_frsize,
               .total_bytes = uint64_t{info.f_blocks} * info.f_frsize};
}

void DiskReserve::Look() {
  std::lock_guard lock(looking_);
  const auto space = options_.ask(options_.directory);
  if (!space) {
    LogWarn("{}", space.error().message);
    return;  // as before: nobody knows
  }
  const uint64_t reserve =
      std::min(options_.reserve_bytes, space->total_bytes / kPartMax) / options_.divisor;
  free_ = space->free_bytes;
  reserve_ = reserve;
  const bool was_low = low_;
  const bool now_low = space->free_bytes < (was_low ? reserve + reserve / 10 : reserve);
  if (now_low == was_low) return;
  low_ = now_low;
  if (now_low) {
    ++times_low_;
    LogError(
        "disk_low: {} are free beside {}, less than the reserve of {}: no write is taken until "
        "tables, backups or other files are deleted or space is added; reads go on",
        Megabytes(space->free_bytes), options_.directory, Megabytes(reserve));
  } else {
    LogInfo("disk_enough: {} are free beside {}: writes are taken again",
            Megabytes(space->free_bytes), options_.directory);
  }
}

Result<void> DiskReserve::Check() const {
  if (!low()) return {};
  return Fail(ErrorKind::kNoSpace,
              "Nothing was written: the server's disk has {} free, less than the {} it keeps in "
              "reserve. Delete tables or backups that are not needed, or add space; writes work "
              "again by themselves. Reads go on.",
              Megabytes(free_), Megabytes(reserve_));
}

DiskReserve::Stats DiskReserve::stats() const {
  return {.free_bytes = free_, .reserve_bytes = reserve_, .low = low_, .times_low = times_low_};
}

}  // namespace tidemark::shard
