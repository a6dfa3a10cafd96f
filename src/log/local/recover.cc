#include "log/local/recover.h"

#include <algorithm>
#include <utility>

#include "base/files.h"
#include "base/log.h"
#include "log/local/begin_segment.h"
#include "log/local/survey.h"

namespace tidemark::log {
namespace {

namespace fs = std::filesystem;

void RemoveLeftovers(const Survey& survey) {
  for (const fs::path& path : survey.leftovers) {
    if (uint32_t number = SegmentNumber(path); number != 0) {
      LogInfo("{}: removing segment {}, which an interrupted truncation left",
              path.parent_path().string(), number);
    }
    if (auto removed = RemoveFile(path.string()); !removed) {
      LogWarn("cannot remove what an interrupted step left: {}", removed.error().message);
    }
  }
}

void ReportDamage(const std::vector<DamagedRange>& damage) {
  for (const DamagedRange& range : damage) {
    if (range.accepted) {
      LogInfo("damage that was accepted: {}", range.what);
    } else {
      LogError("damage, up to segment {}, offset {}: {}", range.to.segment, range.to.offset,
               range.what);
    }
  }
}

void ReportTornTail(const ScannedSegment& last) {
  if (last.torn_bytes == 0) return;
  LogWarn("{}: cut an unfinished frame at offset {} ({} bytes), as a crash leaves it",
          last.state.file->path.string(), last.state.end, last.torn_bytes);
}

// What the next segment's header says of the last one there is.
Result<void> FollowOn(const Disk& disk, const Survey& survey, RecoveredLog* log) {
  const SurveyedSegment* usable = survey.LastUsable();
  if (usable == nullptr) return {};
  const ScannedSegment* last = &*usable->scanned;
  ReportTornTail(*last);
  if (last->state.file->number == log->next_segment) {
    // Nothing was ever written under its key: the new use takes its number, so that a server that
    // keeps restarting does not fill the disk with empty segments.
    log->before = last->header.before;
    log->segments.pop_back();
    const SurveyedSegment* found = nullptr;
    for (const SurveyedSegment& segment : survey.segments) {
      if (segment.scanned && segment.number < log->next_segment) found = &segment;
    }
    // Segments that were missing when it began are back.
    if (found == nullptr || found->number <= log->before.segment) return {};
    last = &*found->scanned;
  }
  TM_TRY(File file, disk.Open(last->state.file->path, Disk::Mode::kWrite));
  TM_TRYV(file.SyncData());
  log->before = {.segment = last->state.file->number,
                 .end = last->state.end,
                 .tag = last->tail_damage.empty() ? last->tag : ChainTag{},
                 .use = last->use};
  return {};
}

}  // namespace

Result<RecoveredLog> RecoverLog(const Disk& disk, crypto::DataKeyProvider& keys,
                                const fs::path& directory) {
  TM_TRY(Survey survey, SurveyLog(disk, keys, directory));
  RemoveLeftovers(survey);
  RecoveredLog log;
  log.is_new = survey.is_empty;
  log.start_is_bad = survey.start_is_bad;
  if (log.is_new) return log;
  ReportDamage(survey.damage);
  log.log_id = survey.log_id;
  log.first_segment = survey.first;
  log.next_segment = survey.next();
  log.newest_mark = survey.mark;
  log.segments = survey.States();
  for (const SurveyedSegment& segment : survey.segments) {
    if (!segment.scanned) continue;
    const ScannedSegment& scanned = *segment.scanned;
    log.last_commit =
        std::max({log.last_commit, scanned.header.last_commit, scanned.state.last_commit});
    if (scanned.cuttable && scanned.tail_damage.empty() && segment.number != log.next_segment &&
        scanned.state.file_bytes > scanned.state.end) {
      log.cuttable.push_back(scanned.state.file);
    }
  }
  TM_TRYV(FollowOn(disk, survey, &log));
  log.damage = std::move(survey.damage);
  log.accepted = std::move(survey.accepted);
  return log;
}

}  // namespace tidemark::log
