#include "log/local/damage.h"

#include <fmt/core.h>

#include <algorithm>

#include "log/local/frame_format.h"
#include "log/local/survey.h"

namespace tidemark::log {
namespace {

constexpr size_t kPlacesNamedMax = 4;
constexpr std::string_view kNextStep =
    ". Next step: put back an undamaged copy of what is named here and restart the server, or "
    "accept the loss with 'tidemark repair'";

std::string Place(const std::filesystem::path& path, uint32_t segment, uint64_t offset,
                  std::string_view cause) {
  return fmt::format("segment {}, offset {}: {} ({})", segment, offset, cause, path.string());
}

// Collects damage in order and joins what touches.
class Ranges {
 public:
  explicit Ranges(uint64_t log_id) : log_id_(log_id) {}

  // From there to `to`; `place` is what is wrong.
  void Add(Position from, Position to, std::string place) {
    if (ranges_.empty() || ranges_.back().to < from) {
      Finish();
      ranges_.push_back({.from = from, .to = to, .what = "commit log " + place});
      places_ = 1;
      return;
    }
    DamagedRange& last = ranges_.back();
    last.to = std::max(last.to, to);
    if (++places_ <= kPlacesNamedMax) last.what += "; " + place;
  }
  std::vector<DamagedRange> Take() {
    Finish();
    return std::move(ranges_);
  }
  Position At(uint32_t segment, uint32_t offset) const { return {log_id_, segment, offset}; }
  Position Front(uint32_t segment) const { return At(segment, kBlockBytes); }

 private:
  void Finish() {
    if (ranges_.empty()) return;
    if (places_ > kPlacesNamedMax) {
      ranges_.back().what += fmt::format("; and {} more places", places_ - kPlacesNamedMax);
    }
    ranges_.back().what += kNextStep;
  }

  const uint64_t log_id_;
  std::vector<DamagedRange> ranges_;
  size_t places_ = 0;  // of the last range
};

}  // namespace

std::vector<DamagedRange> FindDamage(const Survey& survey) {
  Ranges ranges(survey.log_id);
  const SurveyedSegment* before = nullptr;
  for (const SurveyedSegment& segment : survey.segments) {
    uint32_t number = segment.number;
    if (!segment.scanned) {
      // The segment before may have lost frames at its end, too: its successor would know.
      Position from = before != nullptr && before->scanned
                          ? ranges.At(before->number, before->scanned->state.end)
                          : ranges.Front(number);
      ranges.Add(from, ranges.Front(number + 1), Place(segment.path, number, 0, segment.problem));
      before = &segment;
      continue;
    }
    const ScannedSegment& scanned = *segment.scanned;
    for (const ScannedSegment::Gap& gap : scanned.gaps) {
      ranges.Add(ranges.At(number, gap.from), ranges.At(number, gap.to),
                 Place(segment.path, number, gap.from,
                       fmt::format("a frame is damaged ({}), for a valid one follows at offset {}",
                                   gap.cause, gap.to)));
    }
    if (!scanned.tail_damage.empty()) {
      ranges.Add(ranges.At(number, scanned.state.end), ranges.Front(number + 1),
                 Place(segment.path, number, scanned.state.end, scanned.tail_damage));
    }
    before = &segment;
  }
  return ranges.Take();
}

std::string DamageText(const std::filesystem::path& path, uint32_t segment, uint64_t offset,
                       std::string_view cause) {
  return fmt::format("commit log {}{}", Place(path, segment, offset, cause), kNextStep);
}

}  // namespace tidemark::log
