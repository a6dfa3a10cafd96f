#include "shard/image_run.h"

#include "engine/run_names.h"

namespace tidemark::shard {

Result<void> CheckRun(const engine::StoredRows& rows, const std::string& image,
                      const Totals& totals) {
  if (rows.HasRun()) return {};
  TM_TRY(const Totals files, DecodeTotals(rows.Note()));
  if (files.items == totals.items && files.hash == totals.hash) return {};
  return Fail(ErrorKind::kCorruption,
              "{}/{} is missing: the other files hold an older state, {} items instead of {}",
              image, engine::RunName(0), files.items, totals.items);
}

}  // namespace tidemark::shard
