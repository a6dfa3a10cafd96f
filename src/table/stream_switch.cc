#include "table/stream_switch.h"

#include <fmt/chrono.h>

#include <string>
#include <utility>

#include "table/invalid.h"

namespace tidemark::table {
namespace {

using catalog::StreamSettings;
using catalog::StreamView;
using catalog::TableRecord;

std::string LabelOf(Timestamp time) {
  const auto millis = std::chrono::floor<std::chrono::milliseconds>(time);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(millis);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)),
                     (millis - seconds).count());
}

shard::StreamCapture CaptureOf(const StreamSettings& stream) {
  if (!stream.enabled) return shard::StreamCapture::kOff;
  const bool old =
      stream.view == StreamView::kOldImage || stream.view == StreamView::kNewAndOldImages;
  return old ? shard::StreamCapture::kWithOldImages : shard::StreamCapture::kOn;
}

Error AlreadyEnabled(const TableRecord& table) {
  return MakeError(ErrorKind::kValidation, "Table already has an enabled stream: TableName: {}",
                   table.name);
}

Error NothingToDisable(const TableRecord& table) {
  return MakeError(ErrorKind::kValidation, "Table has no stream to disable: TableName: {}",
                   table.name);
}

bool IsEnabled(const TableRecord& table) { return table.stream && table.stream->enabled; }

}  // namespace

Result<std::optional<StreamSettings>> MakeStream(const std::optional<StreamRequest>& request) {
  if (!request) return std::nullopt;
  if (request->enabled && !request->view) {
    return Invalid("Table is being created with a stream enabled, UpdateViewType is required");
  }
  if (!request->enabled && request->view) {
    return Invalid(
        "Table is being created with a stream disabled, UpdateViewType should not be specified");
  }
  if (!request->enabled) return std::nullopt;
  return StreamSettings{.enabled = true, .view = *request->view, .label = {}};
}

void StreamSwitch::Resume() {
  for (const auto& table : catalog_.AllTables()) {
    if (IsEnabled(*table) && !table->stream->label.empty()) Note(*table);
  }
}

Result<shard::Shard*> StreamSwitch::ShardOf(const TableRecord& table) const {
  if (auto* shard = shards_.Find(table.region)) return shard;
  return Fail(ErrorKind::kInternal, "Region {} has no shard", table.region.value);
}

void StreamSwitch::Note(const TableRecord& table) const {
  auto* shard = shards_.Find(table.region);
  const auto handle = shard ? shard->Find(table.id) : nullptr;
  if (handle) handle->SetCapture(CaptureOf(*table.stream));
}

Result<StreamSettings> StreamSwitch::Start(const TableRecord& table, StreamView view) {
  TM_TRY(auto* shard, ShardOf(table));
  StreamSettings stream{.enabled = true, .view = view, .label = {}};
  TM_TRY(stream.enabled_at,
         shard->LogControl(table.id, fmt::format(R"({{"act":"stream on","view":"{}"}})",
                                                 catalog::ToString(view))));
  // Two streams of one name never share a label.
  TableRecord with = table;
  with.stream = stream;
  Timestamp labelled = stream.enabled_at;
  do {
    with.stream->label = LabelOf(labelled);
    labelled += std::chrono::milliseconds(1);
  } while ((table.stream && table.stream->label == with.stream->label) ||
           catalog_.FindFormerStream(with.StreamArn()));
  return *with.stream;
}

Result<StreamSettings> StreamSwitch::Begin(const TableRecord& table) {
  std::lock_guard lock(mutex_);
  TableRecord with = table;
  TM_TRY(with.stream, Start(table, table.stream->view));
  Note(with);
  return *with.stream;
}

Result<catalog::TablePtr> StreamSwitch::Update(TableId id, const StreamRequest& request,
                                               const Edit& edit, const shard::Origin& origin) {
  std::lock_guard lock(mutex_);
  const auto table = catalog_.FindTable(id);
  if (!table) return Fail(ErrorKind::kResourceNotFound, "Requested resource not found");
  TableRecord tried = *table;
  TM_TRYV(edit(tried));  // before anything is logged
  if (request.enabled) {
    if (!request.view) return Invalid("If stream is being enabled then UpdateViewType is required");
    if (IsEnabled(*table)) return Fail(AlreadyEnabled(*table));
    return Enable(*table, *request.view, edit, origin);
  }
  if (request.view)
    return Invalid("If stream is being disabled, then UpdateViewType must not be specified");
  if (!IsEnabled(*table)) return Fail(NothingToDisable(*table));
  return Disable(*table, edit, origin);
}

Result<catalog::TablePtr> StreamSwitch::Enable(const TableRecord& table, StreamView view,
                                               const Edit& edit, const shard::Origin& origin) {
  TM_TRY(auto stream, Start(table, view));
  if (table.stream) TM_TRYV(catalog_.KeepFormerStream(table));
  const auto enable = [&](TableRecord& edited) -> Result<void> {
    TM_TRYV(edit(edited));
    edited.stream = stream;
    return {};
  };
  auto stored = catalog_.EditTable(table.id, enable, origin);
  if (stored) {
    Note(**stored);
  } else if (catalog::MayBeStored(stored.error())) {
    // After the next start the stream may be on, from now on.
    TableRecord with = table;
    with.stream = stream;
    Note(with);
  }
  return stored;
}

Result<catalog::TablePtr> StreamSwitch::Disable(const TableRecord& table, const Edit& edit,
                                                const shard::Origin& origin) {
  TM_TRY(auto* shard, ShardOf(table));
  TM_TRY(const Timestamp at, shard->LogControl(table.id, R"({"act":"stream off"})"));
  const auto disable = [&](TableRecord& edited) -> Result<void> {
    TM_TRYV(edit(edited));
    edited.stream->enabled = false;
    edited.stream->disabled_at = at;
    return {};
  };
  TM_TRY(auto stored, catalog_.EditTable(table.id, disable, origin));
  Note(*stored);
  return stored;
}

Result<void> StreamSwitch::Keep(TableRecord table) {
  if (!table.stream || table.stream->label.empty()) return {};
  if (table.stream->enabled) {
    TM_TRY(const auto* shard, ShardOf(table));
    table.stream->enabled = false;
    table.stream->disabled_at = shard->Now();
  }
  return catalog_.KeepFormerStream(std::move(table));
}

}  // namespace tidemark::table
