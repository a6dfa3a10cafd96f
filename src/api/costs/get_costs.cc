// GetCosts, of one account, and GetServerCosts, of all: what was kept and restored, in groups, and
// what the month comes to.
#include <algorithm>

#include "api/costs/handlers.h"
#include "api/dynamodb/shapes_gen.h"
#include "codec/instant.h"
#include "codec/json_writer.h"
#include "metering/stored_files.h"
#include "metering/summary.h"
#include "pitr/images.h"

namespace tidemark::api::costs {
namespace {

using metering::Cost;
using metering::Dimension;
using metering::Entry;
using metering::Summary;

constexpr size_t kGroupsMax = 10'000;

struct Request {
  std::optional<AccountId> account;  // nothing: all
  metering::CostQuery query;

  // Bytes of a moment make no sense in groups of time.
  bool tells_bytes() const { return std::ranges::none_of(query.by, metering::IsTime); }
};

// The tag that the table has now; of one that is gone, that it had at the time of the backup.
std::string TagOf(const CostServices& services, const std::string& key, const Entry& entry) {
  const auto valued = [&](const std::vector<catalog::Tag>& tags) -> std::string {
    const auto at = std::ranges::find(tags, key, &catalog::Tag::key);
    return at == tags.end() ? "" : at->value;
  };
  if (const auto table = services.catalog.FindTable(entry.account, entry.region, entry.table))
    return valued(table->tags);
  const auto backup = services.catalog.FindBackup(entry.resource);
  return backup ? valued(backup->source.tags) : "";
}

template <class Input>
Result<Request> ReadRequest(const CostServices& services, const Input& input) {
  const Timestamp now = services.now();
  Request request{.account = {}, .query = {metering::MonthOf(now).begin, now, {}}};
  if (input.until) {
    TM_TRY(const Timestamp until, codec::ParseInstant(*input.until));
    request.query.until = std::min(until, now);  // what is to come costs nothing yet
    request.query.from = metering::MonthOf(request.query.until - Micros(1)).begin;
  }
  if (input.from) {
    TM_TRY(request.query.from, codec::ParseInstant(*input.from));
  }
  const auto& [from, until, by, tag_of] = request.query;
  if (from > until) {
    return Fail(ErrorKind::kValidation, "From must not be later than Until, nor than now: {}, {}",
                codec::FormatInstant(from), codec::FormatInstant(until));
  }
  static_assert(static_cast<int>(Dimension::kTag) ==
                static_cast<int>(dynamodb::CostDimension::kTag));
  for (const auto dimension : input.group_by.value_or(std::vector<dynamodb::CostDimension>()))
    request.query.by.push_back(static_cast<Dimension>(dimension));
  for (const Dimension dimension : by) {
    if (std::ranges::count(by, dimension) > 1) {
      return Fail(ErrorKind::kValidation, "GroupBy names {} more than once",
                  metering::ToString(dimension));
    }
  }
  const bool by_tag = std::ranges::count(by, Dimension::kTag) > 0;
  if (by_tag != input.tag_key.has_value())
    return Fail(ErrorKind::kValidation,
                "GroupBy TAG and TagKey need each other: give both or none");
  if (by_tag) {
    request.query.tag_of = [&services, key = *input.tag_key](const Entry& entry) {
      return TagOf(services, key, entry);
    };
  }
  return request;
}

// The files of what is kept, by group.
class Files {
 public:
  explicit Files(const CostServices& services) : services_(services) {}

  void Add(const Summary::Key& key, const Entry& entry) {
    metering::StoredFiles& files = files_[key];
    if (entry.kind != metering::Kind::kPitr) {
      const auto backup = services_.catalog.FindBackup(entry.resource);
      if (backup) AddImage(backup->image, &files);
      return;
    }
    const auto table = services_.catalog.FindTable(entry.account, entry.region, entry.table);
    if (!table) return;
    for (const auto& image : services_.catalog.Images(table->id)) AddImage(*image, &files);
  }
  uint64_t BytesOf(const Summary::Key& key) const {
    const auto at = files_.find(key);
    return at == files_.end() ? 0 : at->second.bytes();
  }

 private:
  void AddImage(const catalog::ImageRecord& image, metering::StoredFiles* files) const {
    const shard::Shard* shard = services_.shards.Find(image.region);
    if (shard) files->Add(pitr::ImagePath(*shard, image));
  }

  const CostServices& services_;
  std::map<Summary::Key, metering::StoredFiles> files_;
};

void WriteCost(const Cost& cost, codec::JsonWriter* w) {
  w->Field("Cost", metering::ToText(cost.cost));
  w->Field("GigabyteMonths", metering::ToText(cost.gigabyte_months));
  w->Field("OnceBytes", static_cast<int64_t>(cost.once_bytes));
}

// What a GB costs, or a GB-month of what is kept.
void WritePrices(const metering::PriceBook& book, const Region& region, Timestamp time,
                 codec::JsonWriter* w) {
  w->Key("Prices").BeginObject();
  for (size_t i = 0; i < metering::kKinds; ++i) {
    const auto kind = static_cast<metering::Kind>(i);
    w->Field(metering::ToString(kind), metering::ToText(book.Of(kind, region, time).rate));
  }
  w->EndObject();
}

Result<std::string> Answer(const CostServices& services, const Region& region,
                           const Request& request) {
  TM_TRYV(services.meter.Tick());
  const auto book = services.prices.book();
  Summary summary(*book, request.query);
  // Of the month that Until lies in: what is there then stays, and nothing is added.
  const auto month = metering::MonthOf(request.query.until - Micros(1));
  Summary forecast(*book, {month.begin, month.end, {}});
  Files files(services);
  const auto visit = [&](const Entry& entry) {
    summary.Add(entry);
    forecast.Add(entry);
    const bool lasts = metering::IsKept(entry.kind) && entry.IsOpen();
    if (lasts && request.tells_bytes() && entry.from < request.query.until)
      files.Add(summary.KeyOf(entry), entry);
  };
  const Timestamp since = std::min(request.query.from, month.begin);
  TM_TRYV(services.ledger.ForEach(request.account, since, visit));
  if (summary.groups().size() > kGroupsMax) {
    return Fail(ErrorKind::kValidation,
                "The answer would have {} groups, which is more than {}: ask for a shorter time, "
                "or for fewer dimensions",
                summary.groups().size(), kGroupsMax);
  }
  std::string answer;
  codec::JsonWriter w(&answer);
  w.BeginObject().Field("From", codec::FormatInstant(request.query.from));
  w.Field("Until", codec::FormatInstant(request.query.until)).Field("Currency", "USD");
  w.Field("PriceListDate", book->ListAt(request.query.until));
  WritePrices(*book, region, request.query.until, &w);
  w.Field("Forecast", metering::ToText(forecast.Total().cost));
  const Cost total = summary.Total();
  w.Key("Total").BeginObject();
  WriteCost(total, &w);
  w.Field("LogicalBytes", static_cast<int64_t>(total.kept_bytes)).EndObject();
  w.Key("Groups").BeginArray();
  for (const auto& [key, cost] : summary.groups()) {
    w.BeginObject();
    for (size_t i = 0; i < key.size(); ++i)
      w.Field(metering::ToString(request.query.by[i]), key[i]);
    WriteCost(cost, &w);
    if (request.tells_bytes()) {
      w.Field("LogicalBytes", static_cast<int64_t>(cost.kept_bytes));
      w.Field("PhysicalBytes", static_cast<int64_t>(files.BytesOf(key)));
    }
    w.EndObject();
  }
  w.EndArray().EndObject();
  return answer;
}

}  // namespace

Task<std::string> GetCosts(const CostServices& services, Caller caller, JsonValue body) {
  TM_CO_TRY(auto input, dynamodb::ParseGetCosts(body));
  TM_CO_TRY(auto request, ReadRequest(services, input));
  request.account = caller.account;
  auto answer = [&services, region = caller.region, request = std::move(request)] {
    return Answer(services, region, request);
  };
  co_return co_await runtime::Blocking(services.pool, std::move(answer));
}

Task<std::string> GetServerCosts(const CostServices& services, Caller caller, JsonValue body) {
  TM_CO_TRY(auto input, dynamodb::ParseGetServerCosts(body));
  if (caller.account != services.first)
    co_return Fail(ErrorKind::kAccessDenied, "The costs of all accounts are for the operator");
  TM_CO_TRY(auto request, ReadRequest(services, input));
  auto answer = [&services, region = caller.region, request = std::move(request)] {
    return Answer(services, region, request);
  };
  co_return co_await runtime::Blocking(services.pool, std::move(answer));
}

}  // namespace tidemark::api::costs
