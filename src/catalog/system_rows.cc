#include "catalog/system_rows.h"

#include <algorithm>

#include "base/log.h"
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

std::vector<shard::WriteRequest> SystemRows::Requests(std::vector<RowEdit> edits,
                                                      const std::shared_ptr<Values>& before) const {
  std::vector<shard::WriteRequest> requests;
  for (RowEdit& edit : edits) {
    Bytes key = KeyOf(edit.path);
    requests.push_back(
        {table_, std::move(key), [edit = std::move(edit), before](const std::optional<Bytes>& old) {
           before->emplace(edit.path, old);
           shard::Mutation mutation;
           mutation.kind =
               edit.value ? shard::Mutation::Kind::kPut : shard::Mutation::Kind::kDelete;
           mutation.old_size = old ? old->size() : 0;
           if (edit.value) {
             mutation.value = *edit.value;
             mutation.new_size = edit.value->size();
           }
           return Result<shard::Mutation>(std::move(mutation));
         }});
  }
  return requests;
}

Result<void> SystemRows::Settle() const { return doubt_->any ? Store({}) : Result<void>(); }

Result<void> SystemRows::Store(std::vector<RowEdit> edits) const {
  std::lock_guard storing(doubt_->storing);
  // Setting back may be no change to what is applied, and to what a failed log holds it is one.
  if (doubt_->any) TM_TRYV(Writable());
  for (const auto& [path, value] : doubt_->before) {
    if (std::ranges::find(edits, path, &RowEdit::path) == edits.end())
      edits.push_back({path, value});
  }
  if (edits.empty()) return {};
  const auto before = std::make_shared<Values>();
  const auto stored = runtime::RunBlocking(
      *context_, system_->WriteTogether(Requests(std::move(edits), before), {}));
  if (stored) {
    if (!doubt_->before.empty())
      LogInfo("records_settled: {} rows are as they were before changes that failed",
              doubt_->before.size());
    doubt_->before.clear();
    doubt_->any = false;
    return {};
  }
  // Of two that failed, what was before the first.
  if (MayBeStored(stored.error())) doubt_->before.merge(*before);
  doubt_->any = !doubt_->before.empty();
  return Fail(WithContext(stored.error(), "writing the catalog"));
}

}  // namespace tidemark::catalog
