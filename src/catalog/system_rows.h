// Rows of one table of the shard `_system`: what catalogs of any kind keep their records in.
#pragma once
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "shard/shard.h"

namespace tidemark::catalog {

// A row's key is a readable path behind the number of the primary index.
struct RowEdit {
  std::string path;
  std::optional<Bytes> value;  // nullopt: erase
};

// Thread-safe; blocking (it waits for the system shard).
class SystemRows {
 public:
  // Makes the table at the first start. `context` is an I/O thread that runs the writes.
  static Result<SystemRows> Open(shard::Shard& system, TableId table, const std::string& control,
                                 asio::io_context& context);

  // In order of path; stops at the first error.
  Result<void> ForEach(
      const std::function<Result<void>(std::string_view path, BytesView value)>& visit) const;
  // The same from `begin` on, up to but without `end`.
  Result<void> ForEach(
      std::string_view begin, std::string_view end,
      const std::function<Result<void>(std::string_view path, BytesView value)>& visit) const;
  // nullopt: there is no such row.
  Result<std::optional<Bytes>> Get(std::string_view path) const;
  // Durable on return. Rows are queued together, so they share one sync; each is atomic alone.
  Result<void> Store(std::vector<RowEdit> edits) const;
  // Durable on return, and all of them or none. No path twice.
  Result<void> StoreTogether(std::vector<RowEdit> edits) const;
  // Whether rows are taken at all. kUnavailable: not before a restart, because the log failed or a
  // change of records did that is in it nevertheless, and that what is in memory lacks; or the log
  // has no room.
  // kNoSpace: below the disk reserve.
  Result<void> Writable() const;

 private:
  SystemRows(shard::Shard& system, shard::TableHandle table, asio::io_context& context)
      : system_(&system), table_(std::move(table)), context_(&context) {}
  Result<void> Visit(
      const engine::ScanOptions& range,
      const std::function<Result<void>(std::string_view path, BytesView value)>& visit) const;
  Result<void> Known() const;  // no change of any records is unknown: kUnavailable
  std::vector<shard::WriteRequest> Requests(std::vector<RowEdit> edits) const;

  shard::Shard* system_;
  shard::TableHandle table_;
  asio::io_context* context_;
};

}  // namespace tidemark::catalog
