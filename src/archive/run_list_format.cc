#include "archive/coding.h"
#include "archive/run_list.h"

namespace tidemark::archive {
namespace {

using codec::AppendVarint;
using codec::ReadVarint;

bool ReadId(BytesView* in, BytesView* id) { return codec::ReadBytes(in, 16, id); }

bool ReadList(BytesView in, RunList* list) {
  uint64_t count = 0;
  BytesView bytes;
  if (!ReadPosition(&in, &list->mark) || !ReadCount(&in, &count)) return false;
  for (; count; --count) {
    RunInfo& run = list->runs.emplace_back();
    if (!ReadId(&in, &bytes) || !ReadPosition(&in, &run.from) || !ReadPosition(&in, &run.to) ||
        !ReadTime(&in, &run.first_commit) || !ReadTime(&in, &run.last_commit) ||
        !ReadVarint(&in, &run.bytes)) {
      return false;
    }
    run.id = RunId::FromBytes(bytes);
  }
  if (!ReadCount(&in, &count)) return false;
  for (; count; --count) {
    Gap& gap = list->gaps.emplace_back();
    if (!ReadPosition(&in, &gap.from) || !ReadPosition(&in, &gap.to) ||
        !codec::ReadSized(&in, &bytes)) {
      return false;
    }
    gap.why = bytes;
  }
  if (!ReadCount(&in, &count)) return false;
  for (; count; --count) {
    TableSums sums;
    if (!ReadId(&in, &bytes) || !ReadVarint(&in, &sums.raw_bytes) ||
        !ReadVarint(&in, &sums.stored_bytes) || !ReadTime(&in, &sums.last_commit)) {
      return false;
    }
    if (!list->tables.emplace(TableId::FromBytes(bytes), sums).second) return false;
  }
  return in.empty();
}

}  // namespace

Bytes EncodeRunList(const RunList& list) {
  Bytes out;
  AppendPosition(list.mark, &out);
  AppendVarint(list.runs.size(), &out);
  for (const RunInfo& run : list.runs) {
    out += run.id.AsBytes();
    AppendPosition(run.from, &out);
    AppendPosition(run.to, &out);
    AppendTime(run.first_commit, &out);
    AppendTime(run.last_commit, &out);
    AppendVarint(run.bytes, &out);
  }
  AppendVarint(list.gaps.size(), &out);
  for (const Gap& gap : list.gaps) {
    AppendPosition(gap.from, &out);
    AppendPosition(gap.to, &out);
    codec::AppendSized(gap.why, &out);
  }
  AppendVarint(list.tables.size(), &out);
  for (const auto& [table, sums] : list.tables) {
    out += table.AsBytes();
    AppendVarint(sums.raw_bytes, &out);
    AppendVarint(sums.stored_bytes, &out);
    AppendTime(sums.last_commit, &out);
  }
  return out;
}

Result<RunList> ParseRunList(BytesView plain) {
  RunList list;
  if (!ReadList(plain, &list))
    return Fail(ErrorKind::kCorruption, "a list of runs does not decode");
  return list;
}

}  // namespace tidemark::archive
