#include "log/local/recover.h"

#include <algorithm>
#include <map>
#include <system_error>
#include <utility>

#include "base/log.h"
#include "log/local/begin_segment.h"
#include "log/local/segment_scan.h"
#include "log/local/start_file.h"

namespace tidemark::log {
namespace {

namespace fs = std::filesystem;

// Segment files by number. Temporary files are what an interrupted step left: they are removed.
Result<std::map<uint32_t, fs::path>> ListSegments(const fs::path& directory) {
  std::map<uint32_t, fs::path> segments;
  std::error_code error;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    const fs::path& path = it->path();
    std::error_code ignored;
    if (path.extension() == ".tmp") fs::remove(path, ignored);
    if (uint32_t number = SegmentNumber(path); number != 0) segments[number] = path;
  }
  if (error) return Fail(FromErrno(error.value(), "listing " + directory.string()));
  return segments;
}

Error Missing(const fs::path& directory, uint32_t number, std::string_view why) {
  return Damage(SegmentPath(directory, number), number, 0,
                fmt::format("the segment is missing: {}", why));
}

Result<void> CheckNothingStray(const ScannedSegment& scanned) {
  if (!scanned.stray_frame) return {};
  const SegmentFile& file = *scanned.state.file;
  return Fail(Damage(file.path, file.number, scanned.state.end,
                     fmt::format("a frame is damaged, for a valid one follows at offset {}",
                                 *scanned.stray_frame)));
}

// Compares how a segment was found with what its successor's header says it was.
Result<void> CheckChain(const ScannedSegment& before, const SegmentHeader& after) {
  const SegmentFile& file = *before.state.file;
  auto fail = [&](uint32_t offset, std::string what) {
    return Fail(Damage(file.path, file.number, offset, what));
  };
  if (after.before.segment != file.number) {
    return fail(0, fmt::format("segment {} says it follows on segment {}, not on this one",
                               after.segment, after.before.segment));
  }
  if (before.state.end < after.before.end) {
    return fail(before.state.end,
                fmt::format("a frame is damaged or missing, or the file is an old copy: segment {} "
                            "records frames up to offset {}",
                            after.segment, after.before.end));
  }
  if (before.state.end > after.before.end) {
    return fail(after.before.end,
                fmt::format("segment {} records that this segment ends here, yet frames follow up "
                            "to offset {}",
                            after.segment, before.state.end));
  }
  if (before.tag != after.before.tag) {
    return fail(before.state.end,
                fmt::format("this is not the segment that segment {} was written after; one of the "
                            "two is an old copy",
                            after.segment));
  }
  return {};
}

void ReportTornTail(const ScannedSegment& last) {
  if (last.torn_bytes == 0) return;
  LogWarn("{}: cut an unfinished frame at offset {} ({} bytes), as a crash leaves it",
          last.state.file->path.string(), last.state.end, last.torn_bytes);
}

}  // namespace

Result<RecoveredLog> RecoverLog(const Disk& disk, crypto::DataKeyProvider& keys,
                                const fs::path& directory) {
  RecoveredLog log;
  TM_TRY(auto files, ListSegments(directory));
  TM_TRY(std::optional<LogStart> start, ReadStart(disk, directory));
  log.start_is_missing = !start.has_value();
  if (!start && files.empty()) {
    log.is_new = true;
    return log;
  }
  // A log without START was never truncated: it is written right after the first segment.
  uint32_t first = start ? start->first_segment : 1;
  while (!files.empty() && files.begin()->first < first) {
    LogInfo("{}: removing segment {}, which an interrupted truncation left", directory.string(),
            files.begin()->first);
    std::error_code ignored;
    fs::remove(files.begin()->second, ignored);
    files.erase(files.begin());
  }
  if (!files.contains(first)) {
    return Fail(Missing(directory, first, "the log begins with it"));
  }
  if (start) {
    log.log_id = start->log_id;
  } else {
    auto header = ReadSegmentHeader(disk, files[first]);
    if (!header) return Fail(Damage(files[first], first, 0, header.error().message));
    log.log_id = header->log_id;
  }

  std::optional<ScannedSegment> last;
  uint32_t expected = first;
  for (const auto& [number, path] : files) {
    if (number != expected) {
      return Fail(Missing(directory, expected, fmt::format("segment {} exists", number)));
    }
    ++expected;
    TM_TRY(ScannedSegment scanned, ScanSegment(disk, keys, log.log_id, number, path));
    TM_TRYV(CheckNothingStray(scanned));
    if (last) TM_TRYV(CheckChain(*last, scanned.header));
    log.last_commit =
        std::max({log.last_commit, scanned.header.last_commit, scanned.state.last_commit});
    if (scanned.torn_bytes == 0 && scanned.state.file_bytes > scanned.state.end) {
      log.cuttable.push_back(scanned.state.file);
    }
    log.segments.push_back(scanned.state);
    last = std::move(scanned);
  }
  ReportTornTail(*last);

  bool untouched = last->state.end == kBlockBytes && last->torn_bytes == 0;
  if (untouched) {
    // Nothing was ever written under its key: the new use takes its number, so that a server that
    // keeps restarting does not fill the disk with empty segments.
    log.before = last->header.before;
    log.next_segment = last->state.file->number;
    log.segments.pop_back();
    std::erase(log.cuttable, last->state.file);
  } else {
    TM_TRY(File file, disk.Open(last->state.file->path, Disk::Mode::kWrite));
    TM_TRYV(file.SyncData());
    log.before = {.segment = last->state.file->number, .end = last->state.end, .tag = last->tag};
    log.next_segment = last->state.file->number + 1;
  }
  return log;
}

}  // namespace tidemark::log
