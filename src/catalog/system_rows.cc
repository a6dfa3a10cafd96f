#include "catalog/system_rows.h"

#include "runtime/io_threads.h"

namespace tidemark::catalog {
namespace {

constexpr size_t kIndexBytes = 2;

Bytes KeyOf(std::string_view path) {
  Bytes key{'\0', '\1'};
  key += path;
  return key;
}

}  // namespace

Result<SystemRows> SystemRows::Open(shard::Shard& system, TableId table, const std::string& control,
                                    asio::io_context& context) {
  TM_TRY(auto handle, system.CreateTable(table, control));
  return SystemRows(system, std::move(handle), context);
}

Result<void> SystemRows::ForEach(
    const std::function<Result<void>(std::string_view path, BytesView value)>& visit) const {
  return Visit({.begin = KeyOf(""), .end = Bytes{'\0', '\2'}}, visit);
}

Result<void> SystemRows::ForEach(
    std::string_view begin, std::string_view end,
    const std::function<Result<void>(std::string_view path, BytesView value)>& visit) const {
  return Visit({.begin = KeyOf(begin), .end = KeyOf(end)}, visit);
}

Result<void> SystemRows::Visit(
    const engine::ScanOptions& range,
    const std::function<Result<void>(std::string_view path, BytesView value)>& visit) const {
  TM_TRY(const auto store, table_->OpenStore());
  TM_TRY(auto rows, store->Scan(range));
  for (; rows->Valid(); rows->Next())
    TM_TRYV(visit(rows->key().substr(kIndexBytes), rows->value()));
  return rows->status();
}

Result<std::optional<Bytes>> SystemRows::Get(std::string_view path) const {
  TM_TRY(const auto store, table_->OpenStore());
  return store->Get(KeyOf(path));
}

std::vector<shard::WriteRequest> SystemRows::Requests(std::vector<RowEdit> edits) const {
  std::vector<shard::WriteRequest> requests;
  for (RowEdit& edit : edits) {
    requests.push_back({table_, KeyOf(edit.path),
                        [value = std::move(edit.value)](const std::optional<Bytes>& old) {
                          shard::Mutation mutation;
                          mutation.kind =
                              value ? shard::Mutation::Kind::kPut : shard::Mutation::Kind::kDelete;
                          mutation.old_size = old ? old->size() : 0;
                          if (value) {
                            mutation.value = *value;
                            mutation.new_size = value->size();
                          }
                          return Result<shard::Mutation>(std::move(mutation));
                        }});
  }
  return requests;
}

Result<void> SystemRows::Known() const {
  if (!system_->HasUnknown()) return {};
  return Fail(ErrorKind::kUnavailable,
              "the server's records take no changes: one failed that is in the commit log. Repair "
              "what the line table_fenced in the server's log names, then restart the server");
}

Result<void> SystemRows::Writable() const {
  TM_TRYV(Known());
  return system_->Writable();
}

Result<void> SystemRows::Store(std::vector<RowEdit> edits) const {
  if (edits.empty()) return {};
  TM_TRYV(Known());
  TM_TRY(auto results,
         runtime::RunBlocking(*context_, system_->WriteAll(Requests(std::move(edits)), {})));
  for (auto& result : results) {
    if (!result) return Fail(WithContext(result.error(), "writing the catalog"));
  }
  return {};
}

Result<void> SystemRows::StoreTogether(std::vector<RowEdit> edits) const {
  if (edits.empty()) return {};
  TM_TRYV(Known());
  const auto stored =
      runtime::RunBlocking(*context_, system_->WriteTogether(Requests(std::move(edits)), {}));
  if (!stored) return Fail(WithContext(stored.error(), "writing the catalog"));
  return {};
}

}  // namespace tidemark::catalog
