#include "streams/stream_shards.h"

#include <fmt/format.h>

#include <algorithm>

#include "codec/crc32.h"

namespace tidemark::streams {
namespace {

std::string IdOf(const catalog::TableRecord& table, Timestamp begin) {
  const int64_t millis = ToMicros(begin) / 1000;
  const std::string seed = fmt::format("{}/{}", table.StreamArn(), ToMicros(begin));
  return fmt::format("shardId-{:020}-{:08x}", millis, codec::Crc32(seed));
}

}  // namespace

bool IsReadable(const catalog::StreamSettings& stream, Timestamp now) {
  if (stream.label.empty()) return false;
  return stream.enabled || stream.disabled_at + kRetention > now;
}

std::vector<StreamShard> ShardsOf(const catalog::TableRecord& table, Timestamp now) {
  std::vector<StreamShard> shards;
  const auto& stream = *table.stream;
  if (!IsReadable(stream, now)) return shards;
  // The change at enabled_at is the switching on, the one at disabled_at the switching off.
  const Timestamp begin = stream.enabled_at + Micros(1);
  const Timestamp end = stream.enabled ? Timestamp::max() : stream.disabled_at;
  const Micros past = std::max(Micros(0), now - kRetention - begin);
  uint32_t number = static_cast<uint32_t>(past / kShardSpan);
  for (Timestamp from = begin + number * kShardSpan; from < end; from += kShardSpan, ++number) {
    if (from > now && !shards.empty()) break;  // there always is one, whatever the clocks say
    StreamShard& shard = shards.emplace_back();
    shard.number = number;
    shard.id = IdOf(table, from);
    if (number > 0) shard.parent = IdOf(table, from - kShardSpan);
    shard.begin = from;
    shard.end = std::min(end, from + kShardSpan);
    shard.closed = shard.end <= now;
  }
  return shards;
}

Result<StreamName> ParseStreamArn(std::string_view arn) {
  constexpr std::string_view kPrefix = "arn:aws:dynamodb:";
  constexpr std::string_view kTable = ":table/";
  constexpr std::string_view kStream = "/stream/";
  StreamName name;
  std::string_view rest = arn;
  const auto cut = [&rest](std::string_view mark, std::string_view* part) {
    const size_t at = rest.find(mark);
    if (at == std::string_view::npos || at == 0) return false;
    *part = rest.substr(0, at);
    rest.remove_prefix(at + mark.size());
    return true;
  };
  const bool ours = rest.starts_with(kPrefix);
  if (ours) rest.remove_prefix(kPrefix.size());
  if (!ours || !cut(":", &name.region) || !cut(kTable, &name.account) ||
      !cut(kStream, &name.table) || rest.empty())
    return Fail(ErrorKind::kValidation, "Invalid StreamArn");
  name.label = rest;
  return name;
}

}  // namespace tidemark::streams
