// Writes one run: built aside, synced, renamed, so that under its name it is always whole.
#pragma once
#include <functional>
#include <map>
#include <string>

#include "archive/run_format.h"
#include "archive/run_list.h"
#include "archive/section_builder.h"
#include "crypto/data_key.h"

namespace tidemark::archive {

struct RunContent {
  RunId id;
  log::Position from, to;
  std::map<TableId, SectionBuilder> sections;  // none empty
};

struct WrittenRun {
  RunInfo info;
  Directory directory;
};

std::string RunPath(const std::string& directory, RunId id);
inline constexpr std::string_view kRunSuffix = ".run";

// `history_keys` has one for each section. Durable on return, under its name. `cancelled` is asked
// now and then. Errors: kCancelled, kNoSpace, kIo; what was begun is removed.
Result<WrittenRun> WriteRun(const std::string& directory, const RunContent& content,
                            const std::map<TableId, crypto::Key256>& history_keys,
                            crypto::DataKeyProvider& keys, const std::function<bool()>& cancelled);

}  // namespace tidemark::archive
