#include "metering/price_edits.h"

#include <map>
#include <set>

#include "base/region_name.h"
#include "catalog/json_fields.h"

namespace tidemark::metering {
namespace {

// An id that no random table gets.
TableId PricesTableId() { return *TableId::Parse("00000000-0000-4000-8000-00000000000a"); }

constexpr int64_t kPriceVersion = 1;
constexpr size_t kEditsMax = 10'000;

std::string PriceRow(const PriceEdit& edit) {
  return fmt::format("{}/{}/{}", edit.day, ToString(edit.kind), edit.region.value);
}

std::string EncodePrice(const PriceEdit& edit) {
  namespace json = catalog::json;
  return json::serialize(json::object{{"version", kPriceVersion},
                                      {"day", edit.day},
                                      {"kind", ToString(edit.kind)},
                                      {"region", edit.region.value},
                                      {"usd", edit.rate ? ToText(*edit.rate) : ""}});
}

PriceEdit ReadPrice(catalog::Fields fields) {
  PriceEdit edit{
      .day = fields.Text("day"), .kind = {}, .region = Region(fields.Text("region")), .rate = {}};
  const auto kind = KindNamed(fields.Text("kind"));
  if (!kind) throw std::invalid_argument(kind.error().message);
  edit.kind = *kind;
  if (const auto day = BeginOfDay(edit.day); !day) throw std::invalid_argument(day.error().message);
  const std::string usd = fields.Text("usd");
  if (usd.empty()) return edit;
  const auto rate = ParseDollars(usd);
  if (!rate) throw std::invalid_argument(rate.error().message);
  edit.rate = *rate;
  return edit;
}

Result<void> CheckDay(const std::string& day, Timestamp now) {
  TM_TRY(const Timestamp begin, BeginOfDay(day));
  if (begin >= std::chrono::floor<std::chrono::days>(now)) return {};
  return Fail(ErrorKind::kValidation,
              "{} is over, and keeps its prices: write {} (today, UTC) or a later day", day,
              DayOf(now));
}

}  // namespace

Result<std::unique_ptr<PriceEdits>> PriceEdits::Open(shard::Shard& system,
                                                     asio::io_context& context, PriceBook book,
                                                     bool is_fixed) {
  TM_TRY(auto rows,
         catalog::SystemRows::Open(system, PricesTableId(), R"({"act":"create prices"})", context));
  std::unique_ptr<PriceEdits> edits(new PriceEdits(std::move(rows), std::move(book), is_fixed));
  TM_TRYV(edits->Load());
  return edits;
}

Result<void> PriceEdits::Load() {
  std::vector<PriceEdit> edits;
  const auto read = [&](std::string_view, BytesView value) -> Result<void> {
    TM_TRY(auto edit, catalog::DecodeRecord<PriceEdit>(value, kPriceVersion, "price", ReadPrice));
    edits.push_back(std::move(edit));
    return {};
  };
  TM_TRYV(rows_.ForEach(read));
  Hold(std::move(edits));
  return {};
}

void PriceEdits::Hold(std::vector<PriceEdit> edits) {
  auto book = std::make_shared<const PriceBook>(is_fixed_ ? base_ : base_.With(edits));
  const std::lock_guard lock(mutex_);
  edits_ = std::move(edits);
  book_ = std::move(book);
}

PriceBookPtr PriceEdits::book() const {
  const std::lock_guard lock(mutex_);
  return book_;
}

std::vector<PriceEdit> PriceEdits::edits() const {
  const std::lock_guard lock(mutex_);
  return edits_;
}

Result<void> PriceEdits::Set(std::vector<PriceEdit> edits, Timestamp now) {
  if (is_fixed_) {
    return Fail(ErrorKind::kValidation,
                "The server was started with a price book of its own: edit that file and start it "
                "again, or start it without --price-book");
  }
  for (const PriceEdit& edit : edits) {
    TM_TRYV(CheckDay(edit.day, now));
    if (!edit.region.value.empty()) TM_TRYV(CheckRegionName("Region", edit.region.value));
  }
  const std::lock_guard writing(writing_);
  std::map<std::string, PriceEdit> all;  // in order of days
  for (PriceEdit& edit : this->edits()) {
    std::string row = PriceRow(edit);
    all.insert_or_assign(std::move(row), std::move(edit));
  }
  std::vector<catalog::RowEdit> rows;
  for (PriceEdit& edit : edits) {
    std::string row = PriceRow(edit);
    rows.push_back({row, EncodePrice(edit)});
    all.insert_or_assign(std::move(row), std::move(edit));
  }
  if (all.size() > kEditsMax) {
    return Fail(ErrorKind::kValidation,
                "{} prices have been set, which is the most there can be: put them into a book of "
                "your own (tidemark serve --price-book)",
                kEditsMax);
  }
  TM_TRYV(rows_.Store(std::move(rows)));
  std::vector<PriceEdit> held;
  for (auto& [row, edit] : all) held.push_back(std::move(edit));
  Hold(std::move(held));
  return {};
}

Result<void> PriceEdits::Reset(const std::string& day, std::optional<Kind> kind,
                               const std::optional<Region>& region, Timestamp now) {
  std::set<std::pair<Kind, Region>> known;
  for (const PriceEdit& edit : edits()) {
    if (kind.value_or(edit.kind) == edit.kind && region.value_or(edit.region) == edit.region)
      known.emplace(edit.kind, edit.region);
  }
  std::vector<PriceEdit> resets;
  for (const auto& [of, where] : known)
    resets.push_back({.day = day, .kind = of, .region = where, .rate = std::nullopt});
  if (resets.empty() && !is_fixed_) {
    return Fail(ErrorKind::kValidation,
                "No such price has been set: `tidemark prices show` prints those that have");
  }
  return Set(std::move(resets), now);
}

}  // namespace tidemark::metering
