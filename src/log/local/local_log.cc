#include "log/local/local_log.h"

#include <utility>

#include "base/files.h"
#include "base/log.h"
#include "log/local/begin_segment.h"
#include "log/local/frame_format.h"
#include "log/local/local_writer.h"
#include "log/local/recover.h"
#include "log/local/start_file.h"

namespace tidemark::log {
namespace {

namespace fs = std::filesystem;

uint64_t MakeLogId(Random& random) {
  uint64_t id = 0;
  while (id == 0) id = random.Next();
  return id;
}

// The unused rest of closed segments is room for others. Failing to free it harms nothing.
void CutRests(const Disk& disk, const RecoveredLog& recovered, SegmentList* segments) {
  for (const SegmentState& segment : recovered.segments) {
    for (const auto& file : recovered.cuttable) {
      if (file != segment.file) continue;
      auto opened = disk.Open(file->path, Disk::Mode::kWrite);
      if (!opened || opened->Links().value_or(0) != 1)
        continue;  // a link keeps what it was made of
      if (opened->Cut(segment.end)) segments->SetFileBytes(file->number, segment.end);
    }
  }
}

// A disk that is full must not keep anyone from reading: the first append tries again.
Result<void> BeginFirst(const SegmentSource& source, const RecoveredLog& recovered,
                        LocalLog::Parts* parts) {
  SegmentHeader header{.log_id = parts->log_id,
                       .segment = recovered.next_segment,
                       .segment_bytes = parts->segment_bytes,
                       .before = recovered.before,
                       .last_commit = recovered.last_commit,
                       .wrapped_key = {}};
  auto begun = BeginSegment(source, std::move(header), &parts->newest_mark);
  if (begun) {
    parts->segments->Add(begun->state);
    parts->active = std::move(*begun);
    return {};
  }
  if (begun.error().kind != ErrorKind::kNoSpace || recovered.is_new) {
    return Fail(std::move(begun).error());
  }
  LogError("the commit log in {} opens for reading alone until there is room for a segment: {}",
           parts->directory.string(), begun.error().message);
  SegmentState later;
  later.file = std::make_shared<const SegmentFile>(
      SegmentFile{.number = recovered.next_segment,
                  .path = SegmentPath(parts->directory, recovered.next_segment),
                  .aead = nullptr});
  later.end = kBlockBytes;
  parts->segments->Add(std::move(later));
  return {};
}

}  // namespace

Result<std::unique_ptr<CommitLog>> OpenLocalLog(const LocalLogOptions& options,
                                                crypto::DataKeyProvider& keys, Random& random) {
  if (options.segment_bytes % kBlockBytes != 0 || options.segment_bytes < 2 * kBlockBytes) {
    return Fail(ErrorKind::kValidation,
                "a segment of {} bytes: it must be a multiple of {}, and at least twice that",
                options.segment_bytes, kBlockBytes);
  }
  auto disk = std::make_shared<const Disk>(options.direct_io);
  fs::path directory = fs::absolute(options.directory);
  TM_TRYV(MakeDirectories(directory.string()));
  TM_TRY(RecoveredLog recovered, RecoverLog(*disk, keys, directory));
  if (recovered.is_new) recovered.log_id = MakeLogId(random);

  LocalLog::Parts parts;
  parts.directory = directory;
  parts.segment_bytes = options.segment_bytes;
  parts.log_id = recovered.log_id;
  parts.disk = disk;
  parts.segments = std::make_shared<SegmentList>(recovered.log_id, recovered.damage);
  parts.preparer = std::make_unique<SegmentPreparer>(*disk, directory, options.segment_bytes);
  parts.last_commit = recovered.last_commit;
  parts.newest_mark = recovered.newest_mark;
  parts.accepted = recovered.accepted;
  parts.next_segment = recovered.next_segment;
  parts.before = recovered.before;
  for (const SegmentState& segment : recovered.segments) parts.segments->Add(segment);

  TM_TRYV(BeginFirst({*disk, *parts.preparer, keys, directory}, recovered, &parts));
  if (recovered.start_is_bad) {
    auto written = WriteStart(
        directory, {.log_id = recovered.log_id, .first_segment = recovered.first_segment});
    // Without it the next opening finds what this one has found.
    if (!written && (recovered.is_new || written.error().kind != ErrorKind::kNoSpace)) {
      return Fail(std::move(written).error());
    }
  }
  if (parts.active) CutRests(*disk, recovered, parts.segments.get());
  return std::make_unique<LocalLog>(std::move(parts), keys);
}

}  // namespace tidemark::log
