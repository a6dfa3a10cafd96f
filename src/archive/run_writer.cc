#include "archive/run_writer.h"

#include "archive/block_packer.h"
#include "archive/file_io.h"
#include "archive/key_filter.h"
#include "base/files.h"

namespace tidemark::archive {
namespace {

class SectionWriter {
 public:
  SectionWriter(NewFile& file, const SectionBuilder& section, const crypto::Key256& key)
      : file_(file), section_(section), aead_(key), meta_(section.Meta()) {}

  Result<SectionEntry> Write(TableId table, const std::function<bool()>& cancelled) {
    SectionEntry entry;
    entry.table = table;
    entry.offset = file_.size();
    TM_TRYV(WriteVersions(cancelled));
    TM_TRYV(WriteTotals());
    const uint64_t meta_begin = file_.size();
    TM_TRYV(file_.Append(SealPiece(aead_, Piece::kMeta, 0, {}, EncodeMeta(meta_))));
    entry.meta_bytes = file_.size() - meta_begin;
    entry.bytes = file_.size() - entry.offset;
    entry.raw_bytes = section_.raw_bytes();
    entry.versions = section_.versions();
    entry.first_commit = section_.first_commit();
    entry.last_commit = section_.last_commit();
    return entry;
  }

 private:
  Result<void> WriteVersions(const std::function<bool()>& cancelled) {
    SortedVersions versions(section_);
    DataBlockBuilder block(meta_.base);
    Bytes first_key;
    KeyFilterBuilder filter;
    size_t left = section_.versions();
    while (const Version* version = versions.Next()) {
      if (block.size() == 0) first_key = version->key;
      block.Add(*version);
      filter.Add(version->key);
      if (--left > 0 && block.size() < kBlockBytes) continue;
      if (cancelled()) return Fail(ErrorKind::kCancelled, "the sorting of history was stopped");
      TM_TRY(const size_t bytes, WriteBlock(Piece::kData, meta_.data.size(), block.bytes()));
      meta_.data.push_back({.first_key = first_key, .bytes = bytes});
      block.Clear();
    }
    meta_.filter = filter.Finish();
    return {};
  }

  Result<void> WriteTotals() {
    Bytes block;
    Timestamp first{};
    const std::vector<TotalsEntry>& totals = section_.totals();
    for (size_t i = 0; i < totals.size(); ++i) {
      if (block.empty()) first = totals[i].time;
      AppendTotalsEntry(totals[i], meta_.base, &block);
      if (block.size() < kBlockBytes && i + 1 < totals.size()) continue;
      TM_TRY(const size_t bytes, WriteBlock(Piece::kTotals, meta_.totals.size(), block));
      meta_.totals.push_back({.first_commit = first, .bytes = bytes});
      block.clear();
    }
    return {};
  }

  // Tells the block's size in the file.
  Result<size_t> WriteBlock(Piece piece, uint64_t number, BytesView raw) {
    BlockPacker& packer = piece == Piece::kData ? data_packer_ : totals_packer_;
    char* const to = file_.Room(PackedBytesMax(raw.size()) + crypto::kTagBytes);
    const size_t bytes = SealPacked(aead_, piece, number, {}, to, packer.Pack(raw, to));
    TM_TRYV(file_.Take(bytes));
    return bytes;
  }

  NewFile& file_;
  const SectionBuilder& section_;
  const crypto::Aead aead_;
  BlockPacker data_packer_, totals_packer_;
  SectionMeta meta_;
};

Result<WrittenRun> WriteFile(const std::string& path, const RunContent& content,
                             const std::map<TableId, crypto::Key256>& history_keys,
                             crypto::DataKeyProvider& keys,
                             const std::function<bool()>& cancelled) {
  TM_TRY(const auto run_key, keys.Generate(kRunKeyContext));
  const crypto::Aead aead(run_key.key);
  RunHead head{.id = content.id, .from = content.from, .to = content.to};
  head.wrapped_key = run_key.wrapped;
  bool first = true;
  for (const auto& [table, section] : content.sections) {
    if (first || section.first_commit() < head.first_commit)
      head.first_commit = section.first_commit();
    if (first || section.last_commit() > head.last_commit) head.last_commit = section.last_commit();
    first = false;
  }
  TM_TRY(auto file, NewFile::Create(path));
  Bytes head_block = EncodeHead(head);
  char tag[crypto::kTagBytes];
  aead.Seal({static_cast<uint32_t>(Piece::kHead), 0}, head_block, {}, tag);
  head_block.append(tag, sizeof tag);
  TM_TRYV(file.Append(head_block));

  WrittenRun written;
  for (const auto& [table, section] : content.sections) {
    SectionWriter writer(file, section, SectionKey(history_keys.at(table), content.id, table));
    TM_TRY(auto entry, writer.Write(table, cancelled));
    written.directory.push_back(entry);
  }
  const uint64_t directory_offset = file.size();
  const Bytes plain = EncodeDirectory(written.directory);
  // The footer is sealed together with the directory, which it names, so its size must be known
  // before: packing is done once more by SealPiece.
  const Bytes footer = EncodeFooter({directory_offset, Pack(plain).size() + crypto::kTagBytes});
  TM_TRYV(file.Append(SealPiece(aead, Piece::kDirectory, 0, head_block + footer, plain)));
  TM_TRYV(file.Append(footer));
  TM_TRYV(file.Sync());
  written.info = {.id = content.id,
                  .from = content.from,
                  .to = content.to,
                  .first_commit = head.first_commit,
                  .last_commit = head.last_commit,
                  .bytes = file.size()};
  return written;
}

}  // namespace

std::string RunPath(const std::string& directory, RunId id) {
  return directory + "/" + id.ToString() + std::string(kRunSuffix);
}

Result<WrittenRun> WriteRun(const std::string& directory, const RunContent& content,
                            const std::map<TableId, crypto::Key256>& history_keys,
                            crypto::DataKeyProvider& keys, const std::function<bool()>& cancelled) {
  const std::string path = RunPath(directory, content.id);
  const std::string aside = path + ".new";
  auto written = WriteFile(aside, content, history_keys, keys, cancelled);
  if (written) {
    if (auto renamed = RenameDurably(aside, path); !renamed) written = Fail(renamed.error());
  }
  if (!written) {
    (void)RemoveFile(aside);
    return Fail(WithContext(written.error(), "writing run {}", path));
  }
  return written;
}

}  // namespace tidemark::archive
