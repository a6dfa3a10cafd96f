// Rows of one table of the shard `_system`: what catalogs of any kind keep their records in.
#pragma once
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shard/shard.h"

namespace tidemark::catalog {

// Whether a change that was answered with `error` may be there after the next start nevertheless:
// it had reached its log, or nobody can say. What such a change would name or give up has to stay
// as it is until then.
inline bool MayBeStored(const Error& error) {
  return error.kind == ErrorKind::kIo || error.kind == ErrorKind::kUnavailable ||
         error.kind == ErrorKind::kCancelled || error.kind == ErrorKind::kInternal;
}

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
  // Durable on return, and all of them or none. No path twice. One at a time.
  //
  // After an error that MayBeStored the next Store puts the rows back as they were, in one step
  // with its own: whoever got the error keeps in memory what was before, and builds on that. A
  // start in between may find them changed.
  Result<void> Store(std::vector<RowEdit> edits) const;
  // A Store of nothing: asked by upkeep, and before a request is answered that it changes nothing.
  Result<void> Settle() const;
  // Whether rows are taken at all: as shard::Shard::Writable.
  Result<void> Writable() const { return system_->Writable(); }

 private:
  SystemRows(shard::Shard& system, shard::TableHandle table, asio::io_context& context)
      : system_(&system), table_(std::move(table)), context_(&context) {}

  using Values = std::map<std::string, std::optional<Bytes>, std::less<>>;  // nullopt: no such row
  struct Doubt {
    std::mutex storing;
    Values before;  // of rows that failed Stores may have changed
    std::atomic<bool> any{false};
  };
  Result<void> Visit(
      const engine::ScanOptions& range,
      const std::function<Result<void>(std::string_view path, BytesView value)>& visit) const;
  // `before` gets what each row is when its edit is evaluated.
  std::vector<shard::WriteRequest> Requests(std::vector<RowEdit> edits,
                                            const std::shared_ptr<Values>& before) const;

  shard::Shard* system_;
  shard::TableHandle table_;
  asio::io_context* context_;
  std::shared_ptr<Doubt> doubt_ = std::make_shared<Doubt>();
};

}  // namespace tidemark::catalog
