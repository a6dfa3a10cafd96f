#include "log/local/local_log.h"

#include <system_error>
#include <utility>
#include <vector>

#include "base/log.h"
#include "log/local/begin_segment.h"
#include "log/local/frame_format.h"
#include "log/local/local_writer.h"
#include "log/local/open_with_faults.h"
#include "log/local/recover.h"
#include "log/local/start_file.h"

namespace tidemark::log {
namespace {

namespace fs = std::filesystem;

// Makes the directory and what is missing above it, each durable in its parent.
Result<void> MakeDirectory(const Disk& disk, const fs::path& directory) {
  std::vector<fs::path> missing;
  std::error_code error;
  for (fs::path path = directory; !path.empty() && !fs::exists(path, error);
       path = path.parent_path()) {
    missing.push_back(path);
  }
  for (auto it = missing.rbegin(); it != missing.rend(); ++it) {
    fs::create_directory(*it, error);
    if (error) return Fail(FromErrno(error.value(), "mkdir " + it->string()));
    TM_TRYV(disk.SyncDirectory(it->has_parent_path() ? it->parent_path() : fs::path(".")));
  }
  return {};
}

uint64_t MakeLogId(Random& random) {
  uint64_t id = 0;
  while (id == 0) id = random.Next();
  return id;
}

// The prewritten rest of closed segments is room for others. Failing to free it harms nothing.
void CutRests(const Disk& disk, const RecoveredLog& recovered, SegmentList* segments) {
  for (const SegmentState& segment : recovered.segments) {
    for (const auto& file : recovered.cuttable) {
      if (file != segment.file) continue;
      auto opened = disk.Open(file->path, Disk::Mode::kWrite);
      if (opened && opened->Cut(segment.end)) segments->SetFileBytes(file->number, segment.end);
    }
  }
}

}  // namespace

Result<std::unique_ptr<CommitLog>> OpenLocalLogWithFaults(const LocalLogOptions& options,
                                                          crypto::DataKeyProvider& keys,
                                                          Random& random, DiskFaults faults) {
  if (options.segment_bytes % kBlockBytes != 0 || options.segment_bytes < 2 * kBlockBytes) {
    return Fail(ErrorKind::kValidation,
                "a segment of {} bytes: it must be a multiple of {}, and at least twice that",
                options.segment_bytes, kBlockBytes);
  }
  auto disk = std::make_shared<const Disk>(options.direct_io, std::move(faults));
  fs::path directory = fs::absolute(options.directory);
  TM_TRYV(MakeDirectory(*disk, directory));
  TM_TRY(RecoveredLog recovered, RecoverLog(*disk, keys, directory));
  if (recovered.is_new) recovered.log_id = MakeLogId(random);

  LocalLog::Parts parts;
  parts.directory = directory;
  parts.segment_bytes = options.segment_bytes;
  parts.log_id = recovered.log_id;
  parts.disk = disk;
  parts.segments = std::make_shared<SegmentList>(recovered.log_id);
  parts.preparer = std::make_unique<SegmentPreparer>(*disk, directory, options.segment_bytes);
  parts.last_commit = recovered.last_commit;
  for (const SegmentState& segment : recovered.segments) parts.segments->Add(segment);

  SegmentHeader header{.log_id = recovered.log_id,
                       .segment = recovered.next_segment,
                       .segment_bytes = options.segment_bytes,
                       .before = recovered.before,
                       .last_commit = recovered.last_commit};
  TM_TRY(parts.active, BeginSegment(*disk, *parts.preparer, keys, directory, std::move(header)));
  parts.segments->Add(parts.active.state);
  if (recovered.start_is_missing) {
    TM_TRYV(WriteStart(*disk, directory, {.log_id = recovered.log_id, .first_segment = 1}));
  }
  CutRests(*disk, recovered, parts.segments.get());
  return std::make_unique<LocalLog>(std::move(parts), keys);
}

Result<std::unique_ptr<CommitLog>> OpenLocalLog(const LocalLogOptions& options,
                                                crypto::DataKeyProvider& keys, Random& random) {
  return OpenLocalLogWithFaults(options, keys, random, nullptr);
}

}  // namespace tidemark::log
