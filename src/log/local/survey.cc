#include "log/local/survey.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/files.h"
#include "base/log.h"
#include "log/local/begin_segment.h"
#include "log/local/damage.h"
#include "log/local/frame_format.h"
#include "log/local/newest_mark.h"
#include "log/local/start_file.h"

namespace tidemark::log {
namespace {

namespace fs = std::filesystem;

using SegmentFiles = std::map<uint32_t, fs::path>;

constexpr uint32_t kSegmentsMax = 1 << 22;  // a foreign name must not cost all memory

Result<SegmentFiles> ListFiles(const fs::path& directory, Survey* survey) {
  TM_TRY(std::vector<std::string> names, ListDirectory(directory.string()));
  SegmentFiles segments;
  for (const std::string& name : names) {
    fs::path path = directory / name;
    if (path.extension() == ".tmp" || path.extension() == ".new") {
      survey->leftovers.push_back(path);
    }
    if (uint32_t number = SegmentNumber(path); number != 0) segments[number] = path;
    survey->mark = std::max(survey->mark, NewestMark(path));
  }
  return segments;
}

// Which log the segments themselves say this is: what most of them say. 0: none can be read.
uint64_t LogIdOfSegments(const Disk& disk, const SegmentFiles& files) {
  std::map<uint64_t, int> votes;
  for (const auto& [number, path] : files) {
    auto header = ReadSegmentHeader(disk, path);
    if (header) ++votes[header->log_id];
  }
  uint64_t best = 0;
  for (const auto& [id, count] : votes) {
    if (best == 0 || count > votes[best]) best = id;
  }
  return best;
}

bool AnyBelongsTo(const Disk& disk, const SegmentFiles& files, uint64_t log_id) {
  return std::ranges::any_of(files, [&](const auto& file) {
    auto header = ReadSegmentHeader(disk, file.second);
    return header && header->log_id == log_id;
  });
}

// Finds the log's id and first segment, from START or else from the segments.
Result<void> FindStart(const Disk& disk, const fs::path& directory, const SegmentFiles& files,
                       Survey* survey) {
  auto start = ReadStart(directory);
  if (start && *start) {
    survey->log_id = (*start)->log_id;
    survey->first = std::max<uint32_t>((*start)->first_segment, 1);
    if (files.empty() || AnyBelongsTo(disk, files, survey->log_id)) return {};
  }
  uint64_t log_id = LogIdOfSegments(disk, files);
  if (start && *start && log_id == 0) return {};  // nothing contradicts it
  survey->start_is_bad = true;
  if (start && !*start && files.empty() && survey->mark == 0) {
    survey->is_empty = true;
    return {};
  }
  std::string why = !start   ? start.error().message
                    : *start ? "START belongs to another log than the segments"
                             : "START is missing";
  if (log_id == 0) {
    return Fail(ErrorKind::kCorruption,
                "{}: {}, and no segment can be read that says which log this is. Next step: put "
                "back an undamaged copy of START",
                directory.string(), why);
  }
  // Which segments were truncated is not known any more, so what stood before the oldest counts as
  // lost. Of a creation cut short there is segment 1, and nothing is missing.
  if (!files.contains(1) || !start || *start) {
    LogWarn("{}: {}; it is rebuilt from the segments", directory.string(), why);
  }
  survey->log_id = log_id;
  survey->first = std::max<uint32_t>(files.begin()->first, 2) - 1;
  return {};
}

// What the header of the next usable segment says of segment `number`, if it names that one.
std::optional<SegmentHeader::Before> ClaimOn(uint32_t number, const ScannedSegment* after) {
  if (after == nullptr || after->header.before.segment != number) return std::nullopt;
  return after->header.before;
}

// From the newest to the oldest, so that each is judged by the header of the one written after it.
Result<void> ScanAll(const Disk& disk, crypto::DataKeyProvider& keys, const fs::path& directory,
                     const SegmentFiles& files, Survey* survey) {
  survey->segments.resize(survey->newest - survey->first + 1);
  const ScannedSegment* after = nullptr;
  bool any_key = false;
  std::optional<Error> first_key_error;
  for (uint32_t number = survey->newest; number >= survey->first; --number) {
    SurveyedSegment& segment = survey->segments[number - survey->first];
    segment.number = number;
    segment.path = SegmentPath(directory, number);
    segment.exists = files.contains(number);
    if (!segment.exists) {
      segment.problem = "the segment is missing";
      continue;
    }
    segment.file_bytes = FileSize(segment.path.string()).value_or(0);
    std::optional<Error> key_error;
    auto use = OpenSegmentUse(disk, keys, survey->log_id, number, segment.path, &key_error);
    if (key_error && !first_key_error) first_key_error = key_error;
    if (use) any_key = true;
    Result<ScannedSegment> scanned;
    if (use) scanned = ScanSegment(disk, std::move(*use), ClaimOn(number, after));
    if (!use || !scanned) {
      segment.problem = use ? scanned.error().message : use.error().message;
    } else if (!scanned->foreign.empty()) {
      segment.problem = scanned->foreign;
    } else {
      segment.scanned = std::move(*scanned);
      after = &*segment.scanned;
    }
  }
  if (!any_key && first_key_error) return Fail(std::move(*first_key_error));
  return {};
}

}  // namespace

const SurveyedSegment* Survey::LastUsable() const {
  for (auto it = segments.rbegin(); it != segments.rend(); ++it) {
    if (it->scanned) return &*it;
  }
  return nullptr;
}

std::vector<SegmentState> Survey::States() const {
  std::vector<SegmentState> states;
  for (const SurveyedSegment& segment : segments) {
    if (segment.scanned) {
      states.push_back(segment.scanned->state);
      continue;
    }
    SegmentState& state = states.emplace_back();
    state.file = std::make_shared<const SegmentFile>(
        SegmentFile{.number = segment.number, .path = segment.path, .aead = nullptr});
    state.end = kBlockBytes;
    state.file_bytes = segment.file_bytes;
    state.closed = true;
  }
  return states;
}

uint32_t Survey::next() const {
  const SurveyedSegment& last = segments.back();
  return last.scanned && last.scanned->untouched ? newest : newest + 1;
}

Result<Survey> SurveyLog(const Disk& disk, crypto::DataKeyProvider& keys,
                         const fs::path& directory) {
  Survey survey;
  TM_TRY(SegmentFiles files, ListFiles(directory, &survey));
  TM_TRYV(FindStart(disk, directory, files, &survey));
  if (survey.is_empty) return survey;
  while (!files.empty() && files.begin()->first < survey.first) {
    survey.leftovers.push_back(files.begin()->second);
    files.erase(files.begin());
  }
  // START is written once its first segment was begun.
  survey.newest = std::max(survey.first, survey.mark);
  if (!files.empty()) survey.newest = std::max(survey.newest, files.rbegin()->first);
  if (survey.newest - survey.first >= kSegmentsMax) {
    return Fail(ErrorKind::kCorruption,
                "{}: START and the names of segments speak of segments {} to {}, which cannot be. "
                "Next step: remove the file whose number is wrong",
                directory.string(), survey.first, survey.newest);
  }
  TM_TRYV(ScanAll(disk, keys, directory, files, &survey));
  survey.damage = FindDamage(survey);
  survey.accepted = ReadAccepted(directory, survey.log_id);
  for (DamagedRange& range : survey.damage) {
    range.accepted = std::ranges::any_of(
        survey.accepted, [&](const AcceptedRange& accepted) { return accepted.Covers(range); });
  }
  return survey;
}

}  // namespace tidemark::log
