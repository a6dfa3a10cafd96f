#include "metering/entry.h"

#include "catalog/json_fields.h"

namespace tidemark::metering {
namespace {

constexpr int64_t kEntryVersion = 1;

Entry ReadEntry(catalog::Fields fields) {
  const auto kind = KindNamed(fields.Text("kind"));
  if (!kind) throw std::invalid_argument(kind.error().message);
  return {.account = AccountId(fields.Text("account")),
          .region = Region(fields.Text("region")),
          .kind = *kind,
          .id = fields.Text("id"),
          .resource = fields.Text("resource"),
          .table = fields.Text("table"),
          .bytes = fields.Unsigned("bytes"),
          .from = fields.Time("from"),
          .until = fields.Time("until")};
}

}  // namespace

std::optional<Entry> EarlyDeletionOf(const Entry& cold) {
  const Timestamp paid = cold.from + kColdDaysPaid;
  if (cold.kind != Kind::kCold || cold.IsOpen() || paid - cold.until < std::chrono::days(1))
    return std::nullopt;
  Entry early = cold;
  early.kind = Kind::kEarlyColdDeletion;
  early.from = cold.until;
  early.until = paid;
  return early;
}

int DaysInCold(const Entry& early_deletion) {
  const auto left =
      std::chrono::floor<std::chrono::days>(early_deletion.until - early_deletion.from);
  return static_cast<int>((kColdDaysPaid - left).count());
}

std::string EncodeEntry(const Entry& entry) {
  namespace json = catalog::json;
  return json::serialize(json::object{{"version", kEntryVersion},
                                      {"account", entry.account.value},
                                      {"region", entry.region.value},
                                      {"kind", ToString(entry.kind)},
                                      {"id", entry.id},
                                      {"resource", entry.resource},
                                      {"table", entry.table},
                                      {"bytes", std::to_string(entry.bytes)},
                                      {"from", ToMicros(entry.from)},
                                      {"until", ToMicros(entry.until)}});
}

Result<Entry> DecodeEntry(std::string_view json) {
  return catalog::DecodeRecord<Entry>(json, kEntryVersion, "ledger", ReadEntry);
}

}  // namespace tidemark::metering
