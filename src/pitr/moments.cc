#include "pitr/moments.h"

#include <algorithm>
#include <map>
#include <utility>

namespace tidemark::pitr {
namespace {

using archive::Burst;
using Minutes = std::map<int64_t, Burst>;

constexpr uint64_t kShoulder = 4;  // minutes around a peak have one in so many of its count
constexpr auto kLoad = std::chrono::hours(1);
constexpr Micros kGap = std::chrono::seconds(1);  // a burst that goes on has no longer pauses
constexpr Micros kInstant = std::chrono::milliseconds(10);  // no burst counts as shorter

// Changes per microsecond of a minute's burst.
double Rate(const Burst& burst) {
  return static_cast<double>(burst.count) /
         static_cast<double>(std::max(burst.last - burst.first, kInstant).count());
}

// Whether the minute belongs to the peak's moment, between which and it nothing is but `gap`: it
// has a good part of the peak's count, or it is the piece of the same burst that the turn of the
// minute cut off.
bool Belongs(const Burst& minute, const Burst& peak, Micros gap) {
  if (minute.count * kShoulder >= peak.count) return true;
  return gap <= kGap && Rate(minute) * kShoulder >= Rate(peak);
}

// Takes the largest peak with its shoulders out.
Moment TakePeak(Minutes* minutes) {
  const auto peak = std::max_element(
      minutes->begin(), minutes->end(),
      [](const auto& a, const auto& b) { return a.second.count < b.second.count; });
  auto first = peak;
  while (first != minutes->begin()) {
    const auto& [minute, burst] = *std::prev(first);
    const Micros gap = first->second.first - burst.last;
    if (minute != first->first - 1 || !Belongs(burst, peak->second, gap)) break;
    --first;
  }
  auto last = peak;
  while (std::next(last) != minutes->end()) {
    const auto& [minute, burst] = *std::next(last);
    const Micros gap = burst.first - last->second.last;
    if (minute != last->first + 1 || !Belongs(burst, peak->second, gap)) break;
    ++last;
  }
  Moment moment{.kind = peak->second.kind,
                .access_key = {},
                .first = first->second.first,
                .last = last->second.last};
  for (auto minute = first; minute != std::next(last); ++minute)
    moment.count += minute->second.count;
  minutes->erase(first, std::next(last));
  return moment;
}

}  // namespace

std::vector<Moment> FindMoments(const std::vector<archive::TableHistory::BurstBy>& bursts,
                                Timestamp from, Timestamp until, size_t limit) {
  std::map<std::pair<Bytes, Burst::Kind>, Minutes> by_whom;
  for (const auto& [access_key, burst] : bursts) {
    const auto [at, is_new] = by_whom[{access_key, burst.kind}].try_emplace(burst.minute, burst);
    if (is_new) continue;  // else a minute that two runs share
    at->second.count += burst.count;
    at->second.first = std::min(at->second.first, burst.first);
    at->second.last = std::max(at->second.last, burst.last);
  }
  std::vector<Moment> moments;
  for (auto& [whom, minutes] : by_whom) {
    for (size_t taken = 0; !minutes.empty() && taken < limit;) {
      Moment moment = TakePeak(&minutes);
      moment.access_key = whom.first;
      const Micros length = moment.last - moment.first;
      if (length > kLoad && length * 2 > until - from) continue;
      moments.push_back(std::move(moment));
      ++taken;
    }
  }
  std::sort(moments.begin(), moments.end(), [](const Moment& a, const Moment& b) {
    return a.count != b.count ? a.count > b.count : a.first < b.first;
  });
  if (moments.size() > limit) moments.resize(limit);
  return moments;
}

}  // namespace tidemark::pitr
