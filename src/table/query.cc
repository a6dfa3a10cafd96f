#include "table/query.h"

#include <string>
#include <utility>

#include "base/assert.h"
#include "codec/instant.h"
#include "table/envelope.h"
#include "table/open_table.h"
#include "table/page.h"
#include "table/parsed.h"
#include "table/read_range.h"

namespace tidemark::table {
namespace {

// Where rows are read, of when, and how much.
struct Reading {
  runtime::BlockingPool& pool;
  Throttle* throttle;
  const PastReads* past;
  std::optional<Timestamp> as_of;
};

// The table with the indexes it had then; what is found in it lives as long as it does.
Task<catalog::TablePtr> SchemaOf(Reading how, catalog::TablePtr table, bool reads_index) {
  if (!how.as_of || !reads_index) co_return table;
  TM_ASSERT(how.past != nullptr);
  co_return co_await how.past->Table(table, *how.as_of);
}

// An index that was added later has no rows of that time.
Result<void> CheckComplete(const RowSpace& space, std::optional<Timestamp> as_of) {
  if (!as_of || !space.index || space.index->ready_at <= *as_of) return {};
  return Fail(ErrorKind::kValidation,
              "The index {} is younger than the instant asked for: it is complete since {}. "
              "Read the table itself",
              space.index->name, codec::FormatInstant(space.index->ready_at));
}

// Reads the page on the pool; a range that holds nothing (a starting key at its end) needs no hop.
Task<Page> Read(Reading how, OpenTable table, std::string table_name, engine::ScanOptions range,
                PagePlan plan, bool fetches) {
  TM_CO_TRYV(CheckComplete(plan.space, how.as_of));
  const Throttle::Resource read_from(*table.record,
                                     plan.space.IsGlobal() ? plan.space.index : nullptr);
  TM_CO_TRYV(Admit(how.throttle, read_from, Throttle::Use::kRead));
  if (!range.end.empty() && range.begin >= range.end) {
    Page page;
    page.count_only = plan.count_only;
    page.capacity = CapacityOf(plan, 0);
    page.capacity.table = std::move(table_name);
    co_return page;
  }
  RowReaderPtr reader = table.backup_rows;
  if (!reader && how.as_of) {
    TM_ASSERT(how.past != nullptr);
    TM_CO_TRY(reader, co_await how.past->Open(table.record, *how.as_of));
  } else if (!reader) {
    TM_CO_TRY(reader, co_await table.shard->Store(table.handle));
  }
  if (fetches) plan.fetch_from = reader.get();
  plan.keys = &table.record->keys;
  auto read = [&]() -> Result<Page> {
    TM_TRY(const auto rows, reader->Scan(range));
    return ReadPage(*rows, plan);
  };
  TM_CO_TRY(auto page, co_await runtime::Blocking(how.pool, std::move(read)));
  page.capacity.table = std::move(table_name);
  Charge(how.throttle, read_from, Throttle::Use::kRead, page.capacity.total());
  co_return page;
}

// What Query and Scan ask for alike.
template <class Request>
Result<Selection> Begin(const Request& request, PagePlan* plan) {
  TM_TRY(const auto selection,
         CheckSelect(request.select, request.expressions, request.index.has_value()));
  plan->count_only = selection.count_only;
  plan->limit = request.limit;
  plan->consistent_read = request.consistent_read;
  return selection;
}

}  // namespace

Task<OpenTable> Queries::Find(const Caller& caller, std::string_view table) const {
  if (caller.from_backup.empty()) co_return FindActiveTable(catalog_, shards_, caller, table);
  TM_ASSERT(past_ != nullptr);
  co_return co_await past_->OpenBackup(caller, table);
}

Task<Page> Queries::Query(Caller caller, QueryRequest request) {
  PagePlan plan;
  TM_CO_TRY(const auto selection, InEnvelope(Begin(request, &plan)));
  TM_CO_TRY(auto parsed, ParseQuery(request.expressions));
  TM_CO_TRY(auto table, co_await Find(caller, request.table));
  const Reading how{pool_, table.backup_rows ? nullptr : throttle_, past_, caller.as_of};
  TM_CO_TRY(const auto schema, co_await SchemaOf(how, table.record, request.index.has_value()));
  TM_CO_TRY(plan.space, FindRowSpace(*schema, request.index));
  TM_CO_TRY(const auto key, MatchKeys(parsed, request.expressions, plan.space));
  plan.filter = std::move(parsed.filter);
  plan.projection = std::move(parsed.projection);
  TM_CO_TRY(const bool fetches, NeedsFetch(plan, selection));
  TM_CO_TRYV(CheckFilterProjected(plan));
  TM_CO_TRY(auto range, QueryRange(plan.space, key));
  if (request.exclusive_start_key) {
    TM_CO_TRY(range, ContinueQuery(plan.space, key, request.scan_index_forward,
                                   *request.exclusive_start_key, std::move(range)));
  }
  engine::ScanOptions scan{.begin = std::move(range.begin),
                           .end = std::move(range.end),
                           .reverse = !request.scan_index_forward};
  co_return co_await Read(how, std::move(table), std::move(request.table), std::move(scan),
                          std::move(plan), fetches);
}

Task<Page> Queries::Scan(Caller caller, ScanRequest request) {
  PagePlan plan;
  TM_CO_TRY(const auto selection, Begin(request, &plan));
  TM_CO_TRY(const auto segment, CheckSegment(request.segment, request.total_segments));
  TM_CO_TRY(auto parsed, ParseScan(request.expressions));
  TM_CO_TRY(auto table, co_await Find(caller, request.table));
  const Reading how{pool_, table.backup_rows ? nullptr : throttle_, past_, caller.as_of};
  TM_CO_TRY(const auto schema, co_await SchemaOf(how, table.record, request.index.has_value()));
  TM_CO_TRY(plan.space, FindRowSpace(*schema, request.index));
  plan.filter = std::move(parsed.filter);
  plan.projection = std::move(parsed.projection);
  TM_CO_TRY(const bool fetches, NeedsFetch(plan, selection));
  TM_CO_TRY(auto range, ScanRange(plan.space, segment, request.exclusive_start_key));
  // A scan reads a table once: its blocks must not push out those that point reads live from.
  engine::ScanOptions scan{
      .begin = std::move(range.begin), .end = std::move(range.end), .fill_cache = false};
  co_return co_await Read(how, std::move(table), std::move(request.table), std::move(scan),
                          std::move(plan), fetches);
}

}  // namespace tidemark::table
