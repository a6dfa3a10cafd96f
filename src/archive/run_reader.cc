#include "archive/run_reader.h"

#include <algorithm>

namespace tidemark::archive {
namespace {

class SectionStream : public VersionStream {
 public:
  SectionStream(std::shared_ptr<const Section> section, Bytes begin, Bytes end)
      : section_(std::move(section)), begin_(std::move(begin)), end_(std::move(end)) {
    // Versions of `begin_` may start in the block before the first one that begins at or behind it.
    const auto& blocks = section_->meta().data;
    const auto at = std::lower_bound(
        blocks.begin(), blocks.end(), begin_,
        [](const BlockEntry& block, const Bytes& key) { return block.first_key < key; });
    next_block_ = static_cast<size_t>(at - blocks.begin());
    if (next_block_ > 0) --next_block_;
  }

  Result<const RowVersion*> Next() override {
    while (true) {
      TM_TRY(const Version* version, reader_.Next());
      if (!version) {
        const auto& blocks = section_->meta().data;
        if (next_block_ == blocks.size()) return nullptr;
        if (!end_.empty() && blocks[next_block_].first_key >= end_) return nullptr;
        TM_TRY(block_, section_->ReadData(next_block_++));
        reader_ = DataBlockReader(block_, section_->meta().base);
        continue;
      }
      if (version->key < begin_) continue;
      if (!end_.empty() && version->key >= end_) return nullptr;
      if (version->access_key >= section_->meta().access_keys.size()) {
        return Fail(ErrorKind::kCorruption, "a row version names access key {} of {}",
                    version->access_key, section_->meta().access_keys.size());
      }
      out_ = {version->key, version->time, version->value,
              section_->meta().access_keys[version->access_key], version->request_id};
      return &out_;
    }
  }

 private:
  const std::shared_ptr<const Section> section_;
  const Bytes begin_, end_;
  size_t next_block_ = 0;
  Bytes block_;
  DataBlockReader reader_;
  RowVersion out_;
};

}  // namespace

Result<std::shared_ptr<const Run>> Run::Open(const std::string& path, const RunInfo& expected,
                                             crypto::DataKeyProvider& keys) {
  TM_TRY(auto file, ReadableFile::Open(path));
  const uint64_t size = file.size();
  std::shared_ptr<Run> run(new Run(std::move(file)));
  const auto read = [&]() -> Result<void> {
    if (size < kHeadBytes + kFooterBytes) {
      return Fail(ErrorKind::kCorruption, "it has {} bytes, less than any run", size);
    }
    Bytes head_block, footer_bytes, sealed;
    TM_TRYV(run->file_.Read(0, kHeadBytes, &head_block));
    TM_TRY(run->head_, ParseHead(head_block));
    TM_TRY(const auto key, keys.Unwrap(run->head_.wrapped_key, kRunKeyContext));
    const crypto::Aead aead(key);
    const BytesView block = head_block;
    const size_t plain = kHeadBytes - crypto::kTagBytes;
    if (!aead.Open({static_cast<uint32_t>(Piece::kHead), 0}, block.substr(0, plain),
                   block.substr(plain), nullptr)) {
      return Fail(ErrorKind::kCorruption, "its head fails its seal");
    }
    TM_TRYV(run->file_.Read(size - kFooterBytes, kFooterBytes, &footer_bytes));
    TM_TRY(const auto footer, ParseFooter(footer_bytes, size));
    TM_TRYV(run->file_.Read(footer.directory_offset, footer.directory_bytes, &sealed));
    auto directory = OpenPiece(aead, Piece::kDirectory, 0, head_block + footer_bytes, sealed);
    if (!directory) return Fail(WithContext(directory.error(), "its directory"));
    TM_TRY(run->directory_, ParseDirectory(*directory, footer.directory_offset));
    const RunHead& head = run->head_;
    if (head.id != expected.id || head.from != expected.from || head.to != expected.to ||
        head.first_commit != expected.first_commit || head.last_commit != expected.last_commit ||
        size != expected.bytes) {
      return Fail(ErrorKind::kCorruption, "it is another run than the archive's list says");
    }
    return {};
  }();
  if (!read) return Fail(WithContext(read.error(), "run {}", path));
  return run;
}

const SectionEntry* Run::Find(TableId table) const {
  const auto at =
      std::lower_bound(directory_.begin(), directory_.end(), table,
                       [](const SectionEntry& section, TableId id) { return section.table < id; });
  return at != directory_.end() && at->table == table ? &*at : nullptr;
}

Result<Bytes> Run::Read(const crypto::Aead& aead, Piece piece, uint64_t number, uint64_t offset,
                        uint64_t bytes) const {
  Bytes sealed;
  TM_TRYV(file_.Read(offset, bytes, &sealed));
  auto plain = OpenPiece(aead, piece, number, {}, sealed);
  if (!plain) return Fail(WithContext(plain.error(), "run {}, offset {}", path(), offset));
  return plain;
}

Result<std::shared_ptr<const Section>> Section::Open(std::shared_ptr<const Run> run, TableId table,
                                                     const crypto::Key256& history_key) {
  const SectionEntry* entry = run->Find(table);
  if (!entry) return nullptr;
  const crypto::Key256 key = SectionKey(history_key, run->head().id, table);
  std::shared_ptr<Section> section(new Section(run, *entry, key));
  const uint64_t block_bytes = entry->bytes - entry->meta_bytes;
  TM_TRY(const Bytes meta, run->Read(section->aead_, Piece::kMeta, 0, entry->offset + block_bytes,
                                     entry->meta_bytes));
  auto parsed = ParseMeta(meta, block_bytes);
  if (!parsed) return Fail(WithContext(parsed.error(), "run {}", run->path()));
  section->meta_ = std::move(*parsed);
  uint64_t offset = entry->offset;
  for (const BlockEntry& block : section->meta_.data) {
    section->data_offsets_.push_back(offset);
    offset += block.bytes;
  }
  for (const BlockEntry& block : section->meta_.totals) {
    section->totals_offsets_.push_back(offset);
    offset += block.bytes;
  }
  return section;
}

Result<Bytes> Section::ReadData(size_t block) const {
  return run_->Read(aead_, Piece::kData, block, data_offsets_[block], meta_.data[block].bytes);
}

Result<std::optional<shard::Totals>> Section::TotalsAt(Timestamp time) const {
  if (time >= entry_.last_commit) return meta_.last_totals;
  const auto behind = std::upper_bound(
      meta_.totals.begin(), meta_.totals.end(), time,
      [](Timestamp wanted, const BlockEntry& block) { return wanted < block.first_commit; });
  if (behind == meta_.totals.begin()) return std::nullopt;
  const size_t number = static_cast<size_t>(behind - meta_.totals.begin()) - 1;
  TM_TRY(const Bytes block, run_->Read(aead_, Piece::kTotals, number, totals_offsets_[number],
                                       meta_.totals[number].bytes));
  std::optional<shard::Totals> found;
  BytesView rest = block;
  while (true) {
    auto entry = ReadTotalsEntry(&rest, meta_.base);
    if (!entry) return Fail(WithContext(entry.error(), "run {}", run_->path()));
    if (!*entry || (*entry)->time > time) return found;
    found = (*entry)->totals;
  }
}

std::unique_ptr<VersionStream> Section::Scan(Bytes begin, Bytes end) const {
  return std::make_unique<SectionStream>(shared_from_this(), std::move(begin), std::move(end));
}

}  // namespace tidemark::archive
