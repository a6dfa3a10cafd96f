#include "archive/run_reader.h"

#include <algorithm>

#include "archive/file_io.h"
#include "archive/key_filter.h"

namespace tidemark::archive {
namespace {

Result<BytesView> AccessKeyOf(const Version& version, const SectionMeta& meta) {
  if (version.access_key < meta.access_keys.size()) return meta.access_keys[version.access_key];
  return Fail(ErrorKind::kCorruption, "a row version names access key {} of {}", version.access_key,
              meta.access_keys.size());
}

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
      TM_TRY(const BytesView access_key, AccessKeyOf(*version, section_->meta()));
      out_ = {version->key, version->time, version->value, access_key, version->request_id};
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

// Keys descending: blocks from the last to the first, each decoded whole.
class ReverseSectionStream : public VersionStream {
 public:
  ReverseSectionStream(std::shared_ptr<const Section> section, Bytes begin, Bytes end)
      : section_(std::move(section)), begin_(std::move(begin)), end_(std::move(end)) {
    const auto& blocks = section_->meta().data;
    const auto at = end_.empty() ? blocks.end()
                                 : std::lower_bound(blocks.begin(), blocks.end(), end_,
                                                    [](const BlockEntry& block, const Bytes& key) {
                                                      return block.first_key < key;
                                                    });
    blocks_left_ = static_cast<size_t>(at - blocks.begin());
  }

  Result<const RowVersion*> Next() override {
    if (given_ == row_.size()) {
      TM_TRY(const bool more, GatherRow());
      if (!more) return nullptr;
    }
    out_ = row_[given_++].View();
    return &out_;
  }

 private:
  // All versions of the last row that is left, newest first; it may begin in an earlier block.
  Result<bool> GatherRow() {
    row_.clear();
    given_ = 0;
    while (true) {
      if (versions_.empty()) {
        const auto& blocks = section_->meta().data;
        const bool is_whole =
            !row_.empty() && blocks_left_ > 0 && blocks[blocks_left_].first_key < row_.back().key;
        if (blocks_left_ == 0 || is_whole) break;
        TM_TRYV(ReadBlock());
        continue;
      }
      if (!row_.empty() && versions_.back().key != row_.back().key) break;
      row_.push_back(std::move(versions_.back()));
      versions_.pop_back();
    }
    std::reverse(row_.begin(), row_.end());
    return !row_.empty();
  }

  // Decodes the block before, and leaves out what is not in the range.
  Result<void> ReadBlock() {
    const SectionMeta& meta = section_->meta();
    TM_TRY(const Bytes block, section_->ReadData(--blocks_left_));
    DataBlockReader reader(block, meta.base);
    bool before_range = false;
    while (true) {
      TM_TRY(const Version* version, reader.Next());
      if (!version || (!end_.empty() && version->key >= end_)) break;
      if (version->key < begin_) {
        before_range = true;
        continue;
      }
      TM_TRY(const BytesView access_key, AccessKeyOf(*version, meta));
      versions_.emplace_back(
          RowVersion{version->key, version->time, version->value, access_key, version->request_id});
    }
    if (before_range) blocks_left_ = 0;
    return {};
  }

  const std::shared_ptr<const Section> section_;
  const Bytes begin_, end_;
  size_t blocks_left_ = 0;
  std::vector<KeptVersion> versions_;  // of the block, those not given yet
  std::vector<KeptVersion> row_;
  size_t given_ = 0;
  RowVersion out_;
};

}  // namespace

Result<std::shared_ptr<const Run>> Run::Open(const std::string& path, const RunInfo& expected,
                                             crypto::DataKeyProvider& keys) {
  TM_TRY(auto file, ReadableFile::Open(path));
  const uint64_t size = file.size();
  std::shared_ptr<Run> run(new Run(path));
  const auto read = [&]() -> Result<void> {
    if (size < kHeadBytes + kFooterBytes) {
      return Fail(ErrorKind::kCorruption, "it has {} bytes, less than any run", size);
    }
    Bytes head_block, footer_bytes, sealed;
    TM_TRYV(file.Read(0, kHeadBytes, &head_block));
    TM_TRY(run->head_, ParseHead(head_block));
    TM_TRY(const auto key, keys.Unwrap(run->head_.wrapped_key, kRunKeyContext));
    const crypto::Aead aead(key);
    const BytesView block = head_block;
    const size_t plain = kHeadBytes - crypto::kTagBytes;
    if (!aead.Open({static_cast<uint32_t>(Piece::kHead), 0}, block.substr(0, plain),
                   block.substr(plain), nullptr)) {
      return Fail(ErrorKind::kCorruption, "its head fails its seal");
    }
    TM_TRYV(file.Read(size - kFooterBytes, kFooterBytes, &footer_bytes));
    TM_TRY(const auto footer, ParseFooter(footer_bytes, size));
    TM_TRYV(file.Read(footer.directory_offset, footer.directory_bytes, &sealed));
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

std::shared_ptr<const Run> Run::WithoutDirectory() const {
  return std::shared_ptr<const Run>(new Run(path_));
}

Result<Bytes> Run::Read(const crypto::Aead& aead, Piece piece, uint64_t number, uint64_t offset,
                        uint64_t bytes) const {
  TM_TRY(const auto file, ReadableFile::Open(path_));
  Bytes sealed;
  TM_TRYV(file.Read(offset, bytes, &sealed));
  auto plain = OpenPiece(aead, piece, number, {}, sealed);
  if (!plain) return Fail(WithContext(plain.error(), "run {}, offset {}", path(), offset));
  return plain;
}

Result<std::shared_ptr<const Section>> Section::Open(std::shared_ptr<const Run> run, TableId table,
                                                     const crypto::Key256& history_key, For use) {
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
  if (use == For::kRows) {
    // Its own file is known without the other tables' parts.
    section->run_ = run->WithoutDirectory();
    section->meta_.totals = {};
    section->totals_offsets_ = {};
    section->meta_.seconds = {};
    section->meta_.bursts = {};
    section->meta_.controls = {};
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

size_t Section::memory_bytes() const {
  size_t bytes = sizeof(Section) + meta_.filter.size() + 256;
  for (const BlockEntry& block : meta_.data)
    bytes += sizeof block + sizeof(uint64_t) + block.first_key.size();
  return bytes;
}

bool Section::MayHold(BytesView begin, BytesView end) const {
  const auto& blocks = meta_.data;
  if (blocks.empty() || (!end.empty() && blocks.front().first_key >= end)) return false;
  return MayHoldRange(meta_.filter, begin, end);
}

std::unique_ptr<VersionStream> Section::ScanRow(BytesView key) const {
  if (meta_.data.empty() || !MayHoldKey(meta_.filter, key)) return nullptr;
  return Scan(Bytes(key), Bytes(key) + '\0');
}

std::unique_ptr<VersionStream> Section::Scan(Bytes begin, Bytes end, bool reverse) const {
  if (reverse) {
    return std::make_unique<ReverseSectionStream>(shared_from_this(), std::move(begin),
                                                  std::move(end));
  }
  return std::make_unique<SectionStream>(shared_from_this(), std::move(begin), std::move(end));
}

}  // namespace tidemark::archive
