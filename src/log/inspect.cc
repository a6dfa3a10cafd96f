#include "log/inspect.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "log/local/local_reader.h"
#include "log/local/survey.h"

namespace tidemark::log {
namespace {

SegmentReport Report(const SurveyedSegment& segment) {
  SegmentReport report{.number = segment.number,
                       .file = segment.path.string(),
                       .detail = segment.problem,
                       .file_bytes = segment.file_bytes};
  if (!segment.scanned) {
    report.condition = segment.exists ? SegmentCondition::kUnusable : SegmentCondition::kMissing;
    return report;
  }
  const ScannedSegment& scanned = *segment.scanned;
  report.end = scanned.state.end;
  report.frames = scanned.frames;
  report.first_commit = scanned.state.first_commit;
  report.last_commit = scanned.state.last_commit;
  if (scanned.torn_bytes > 0) {
    report.condition = SegmentCondition::kTornTail;
    report.detail = fmt::format("{} bytes at offset {}", scanned.torn_bytes, report.end);
  }
  for (const ScannedSegment::Gap& gap : scanned.gaps) {
    report.condition = SegmentCondition::kDamaged;
    report.detail += fmt::format("{}offset {} to {}: {}", report.detail.empty() ? "" : "; ",
                                 gap.from, gap.to, gap.cause);
  }
  if (!scanned.tail_damage.empty()) {
    report.condition = SegmentCondition::kDamaged;
    report.detail += fmt::format("{}from offset {}: {}", report.detail.empty() ? "" : "; ",
                                 report.end, scanned.tail_damage);
  }
  return report;
}

// Frame after frame, going on behind each damaged range.
Result<void> ReadFrames(std::shared_ptr<const Disk> disk, const Survey& survey,
                        const std::function<void(const FrameReport&)>& on_frame) {
  auto segments = std::make_shared<SegmentList>(survey.log_id, survey.damage);
  for (SegmentState& state : survey.States()) segments->Add(std::move(state));
  Position from = segments->begin();
  while (true) {
    LocalReader reader(disk, segments, from);
    auto frame = reader.Next();
    for (; frame && *frame; frame = reader.Next()) {
      const FrameHeader& header = (*frame)->header;
      on_frame({.position = header.position,
                .first_commit = header.first_commit,
                .last_commit = header.last_commit,
                .wall = header.wall,
                .payload_bytes = (*frame)->payload.size()});
      from = header.position;
    }
    if (frame) return {};
    auto range = std::ranges::find_if(survey.damage,
                                      [&](const DamagedRange& range) { return range.to > from; });
    bool known = range != survey.damage.end() && range->what == frame.error().message;
    if (!known) return Fail(std::move(frame).error());
    from = range->to;
  }
}

}  // namespace

std::string_view ToString(SegmentCondition condition) {
  switch (condition) {
    case SegmentCondition::kOk:
      return "ok";
    case SegmentCondition::kTornTail:
      return "torn tail";
    case SegmentCondition::kDamaged:
      return "damaged";
    case SegmentCondition::kUnusable:
      return "unusable";
    case SegmentCondition::kMissing:
      return "missing";
  }
  return "unknown";
}

Result<LogReport> InspectLog(const std::filesystem::path& directory, crypto::DataKeyProvider& keys,
                             const std::function<void(const FrameReport&)>& on_frame) {
  auto disk = std::make_shared<const Disk>(/*direct_io=*/true);
  TM_TRY(Survey survey, SurveyLog(*disk, keys, directory));
  if (survey.is_empty) {
    return Fail(ErrorKind::kNotFound, "there is no commit log in {}", directory.string());
  }
  LogReport report{.log_id = survey.log_id, .segments = {}, .damage = survey.damage};
  for (const SurveyedSegment& segment : survey.segments) {
    report.segments.push_back(Report(segment));
  }
  if (on_frame) TM_TRYV(ReadFrames(disk, survey, on_frame));
  return report;
}

}  // namespace tidemark::log
