#include "shard/image_run.h"

#include "engine/run_names.h"

namespace tidemark::shard {

Result<void> CheckRun(engine::Engine& engine, const std::string& image,
                      const engine::RowReader& rows, BytesView note, const Totals& totals) {
  if (engine.HasRun(image)) return {};
  TM_TRY(const Totals files, DecodeTotals(note));
  if (files.items == totals.items && files.hash == totals.hash) return {};
  if (note.empty()) {  // of a table never flushed; or of files that rows alone were written into
    TM_TRY(const auto any, rows.Scan({}));
    if (any->Valid()) return {};
    TM_TRYV(any->status());
  }
  return Fail(ErrorKind::kCorruption,
              "{}/{} is missing: the other files hold an older state, {} items instead of {}",
              image, engine::RunName(0), files.items, totals.items);
}

}  // namespace tidemark::shard
