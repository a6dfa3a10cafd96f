#include "vault/time_zone.h"

#include <algorithm>
#include <iterator>

#include "base/files.h"
#include "vault/fault.h"
#include "vault/time_rule.h"

namespace tidemark::vault {

namespace {

using std::chrono::seconds;

constexpr std::string_view kZoneDirectory = "/usr/share/zoneinfo/";
constexpr size_t kHeaderBytes = 44;
constexpr size_t kNameMax = 64;
constexpr int kRulesUntil = 2200;  // year

// Names of files, and nothing that leads out of their directory.
bool IsZoneName(std::string_view name) {
  const auto legal = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
           c == '_' || c == '-' || c == '+';
  };
  return !name.empty() && name.size() <= kNameMax && name.front() != '/' && name.back() != '/' &&
         std::ranges::all_of(name, legal);
}

// Numbers of a file, which are big-endian. Reading past the end gives zeros, and shows at the end.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}
  bool failed() const { return failed_; }

  std::string_view Take(size_t count) {
    if (count > bytes_.size()) {
      failed_ = true;
      return {};
    }
    const std::string_view taken = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return taken;
  }
  int64_t Number(size_t width) {
    uint64_t number = 0;
    const std::string_view taken = Take(width);
    for (const char c : taken) number = number << 8 | static_cast<unsigned char>(c);
    if (width == 4) return static_cast<int32_t>(static_cast<uint32_t>(number));
    return static_cast<int64_t>(number);
  }
  std::string_view rest() const { return bytes_; }

 private:
  std::string_view bytes_;
  bool failed_ = false;
};

struct Counts {
  size_t ut, standard, leap, times, types, characters;

  size_t BytesBehind(size_t time_width) const {
    return times * (time_width + 1) + types * 6 + characters + leap * (time_width + 4) + standard +
           ut;
  }
};

// The header of a block; false: it is none.
bool ReadHeader(Reader* reader, Counts* counts) {
  const std::string_view head = reader->Take(20);
  if (reader->failed() || !head.starts_with("TZif") || head[4] < '2') return false;
  const auto count = [&] { return static_cast<size_t>(reader->Number(4)); };
  counts->ut = count();
  counts->standard = count();
  counts->leap = count();
  counts->times = count();
  counts->types = count();
  counts->characters = count();
  return !reader->failed() && counts->types > 0 && counts->times < (1 << 16) &&
         counts->types <= 256;
}

Unexpected Damaged() { return Fail(ErrorKind::kCorruption, "a time zone file does not decode"); }

}  // namespace

Result<TimeZone> TimeZone::Load(std::string_view name) {
  const auto unknown = [&] {
    return FailWith(Fault::kInvalidParameter, "Invalid time zone: {}", name);
  };
  if (!IsZoneName(name)) return unknown();
  const auto bytes = ReadFile(std::string(kZoneDirectory).append(name));
  if (!bytes) return unknown();
  auto zone = Parse(*bytes);
  if (!zone) return unknown();  // a directory, or another kind of file
  return zone;
}

Result<TimeZone> TimeZone::Parse(std::string_view file) {
  Reader reader(file);
  Counts counts{};
  // The first block is for readers of 32-bit times.
  if (!ReadHeader(&reader, &counts)) return Damaged();
  reader.Take(counts.BytesBehind(4));
  if (!ReadHeader(&reader, &counts)) return Damaged();
  TimeZone zone;
  for (size_t i = 0; i < counts.times; ++i) zone.transitions_.push_back({reader.Number(8), 0});
  const std::string_view types = reader.Take(counts.times);
  std::vector<int32_t> offsets;
  for (size_t i = 0; i < counts.types; ++i) {
    offsets.push_back(static_cast<int32_t>(reader.Number(4)));
    reader.Take(2);
  }
  reader.Take(counts.characters + counts.leap * 12 + counts.standard + counts.ut);
  if (reader.failed()) return Damaged();
  zone.first_offset_ = offsets[0];
  for (size_t i = 0; i < counts.times; ++i) {
    const auto type = static_cast<unsigned char>(types[i]);
    if (type >= offsets.size()) return Damaged();
    zone.transitions_[i].offset = offsets[type];
  }
  // What holds behind them: a rule between two line ends.
  const std::string_view rest = reader.rest();
  if (rest.size() < 2 || rest.front() != '\n') return Damaged();
  const auto rule = TimeRule::Parse(rest.substr(1, rest.find('\n', 1) - 1));
  if (!rule) return Damaged();
  const int64_t last = zone.transitions_.empty() ? INT64_MIN : zone.transitions_.back().at;
  for (const auto& [at, offset] : rule->Until(kRulesUntil)) {
    if (at > last) zone.transitions_.push_back({at, offset});
  }
  return zone;
}

seconds TimeZone::OffsetAt(Timestamp time) const {
  const int64_t at = std::chrono::floor<seconds>(time).time_since_epoch().count();
  const auto after = std::ranges::upper_bound(transitions_, at, {}, &Transition::at);
  return seconds(after == transitions_.begin() ? first_offset_ : std::prev(after)->offset);
}

std::optional<Timestamp> TimeZone::FirstInstantOf(LocalMinute local) const {
  const Timestamp as_if_utc(local.time_since_epoch());
  // Offsets are less than a day and a bit: of those in force about then the one that gives the
  // earliest instant.
  constexpr std::chrono::hours kAround{27};
  std::optional<Timestamp> first;
  const auto consider = [&](int64_t offset) {
    const Timestamp instant = as_if_utc - seconds(offset);
    if (OffsetAt(instant) == seconds(offset) && (!first || instant < *first)) first = instant;
  };
  const int64_t from = std::chrono::floor<seconds>(as_if_utc - kAround).time_since_epoch().count();
  const int64_t until = std::chrono::floor<seconds>(as_if_utc + kAround).time_since_epoch().count();
  consider(OffsetAt(as_if_utc - kAround).count());
  for (auto at = std::ranges::lower_bound(transitions_, from, {}, &Transition::at);
       at != transitions_.end() && at->at <= until; ++at)
    consider(at->offset);
  return first;
}

std::optional<Timestamp> NextRun(const Cron& cron, const TimeZone& zone, Timestamp time) {
  // Far enough back that what clocks show a second time after `time` is met.
  constexpr std::chrono::hours kBack{25};
  LocalMinute local(std::chrono::floor<std::chrono::minutes>(
      (time - kBack + zone.OffsetAt(time)).time_since_epoch()));
  for (;;) {
    const auto next = cron.NextAfter(local);
    if (!next) return std::nullopt;
    const auto instant = zone.FirstInstantOf(*next);
    if (instant && *instant > time) return instant;
    local = *next;
  }
}

}  // namespace tidemark::vault
