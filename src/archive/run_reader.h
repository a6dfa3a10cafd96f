// Reads runs. Everything is authenticated before it is believed; damage is reported with the file's
// name and the place in it.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "archive/run_format.h"
#include "archive/run_list.h"
#include "archive/section_format.h"
#include "archive/versions.h"
#include "crypto/data_key.h"

namespace tidemark::archive {

// A run; thread-safe. Its file is opened for each piece that is read, so that any number may be
// kept; a view keeps it in place.
class Run {
 public:
  // Reads head and directory. kCorruption also when it is not the run that `expected` describes.
  static Result<std::shared_ptr<const Run>> Open(const std::string& path, const RunInfo& expected,
                                                 crypto::DataKeyProvider& keys);

  const RunHead& head() const { return head_; }
  const Directory& directory() const { return directory_; }
  const SectionEntry* Find(TableId table) const;        // null: nothing of it in here
  std::shared_ptr<const Run> WithoutDirectory() const;  // for Read alone; takes little memory

  // Reads and opens one piece at an absolute offset.
  Result<Bytes> Read(const crypto::Aead& aead, Piece piece, uint64_t number, uint64_t offset,
                     uint64_t bytes) const;
  const std::string& path() const { return path_; }

 private:
  explicit Run(std::string path) : path_(std::move(path)) {}

  const std::string path_;
  RunHead head_;
  Directory directory_;
};

// One table's part of a run; thread-safe, and so are its scans apart from each other.
class Section : public std::enable_shared_from_this<Section> {
 public:
  // kRows: to read rows alone; what else it says is left out, to take little memory.
  enum class For { kEverything, kRows };
  // Null when the run holds nothing of the table.
  static Result<std::shared_ptr<const Section>> Open(std::shared_ptr<const Run> run, TableId table,
                                                     const crypto::Key256& history_key,
                                                     For use = For::kEverything);

  const SectionEntry& entry() const { return entry_; }
  const SectionMeta& meta() const { return meta_; }

  // Totals after the section's last change at or before `time`; nullopt: it has none so early.
  Result<std::optional<shard::Totals>> TotalsAt(Timestamp time) const;
  // Versions of rows with keys in [begin, end), by (key, time descending); end empty: all.
  std::unique_ptr<VersionStream> Scan(Bytes begin, Bytes end, bool reverse = false) const;
  // Of one row, newest first. Null: there are none.
  std::unique_ptr<VersionStream> ScanRow(BytesView key) const;
  // False: it has nothing in the range; quick.
  bool MayHold(BytesView begin, BytesView end) const;

  Result<Bytes> ReadData(size_t block) const;
  size_t memory_bytes() const;  // about what it takes while it is kept

 private:
  Section(std::shared_ptr<const Run> run, const SectionEntry& entry, const crypto::Key256& key)
      : run_(std::move(run)), entry_(entry), aead_(key) {}

  std::shared_ptr<const Run> run_;
  SectionEntry entry_;
  crypto::Aead aead_;
  SectionMeta meta_;
  std::vector<uint64_t> data_offsets_, totals_offsets_;  // absolute
};

}  // namespace tidemark::archive
