// Reads runs. Everything is authenticated before it is believed; damage is reported with the file's
// name and the place in it.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "archive/file_io.h"
#include "archive/run_format.h"
#include "archive/run_list.h"
#include "archive/section_format.h"
#include "archive/versions.h"
#include "crypto/data_key.h"

namespace tidemark::archive {

// An open run; thread-safe. Keeps the file readable when it is removed meanwhile.
class Run {
 public:
  // Reads head and directory. kCorruption also when it is not the run that `expected` describes.
  static Result<std::shared_ptr<const Run>> Open(const std::string& path, const RunInfo& expected,
                                                 crypto::DataKeyProvider& keys);

  const RunHead& head() const { return head_; }
  const Directory& directory() const { return directory_; }
  const SectionEntry* Find(TableId table) const;  // null: nothing of it in here

  // Reads and opens one piece at an absolute offset.
  Result<Bytes> Read(const crypto::Aead& aead, Piece piece, uint64_t number, uint64_t offset,
                     uint64_t bytes) const;
  const std::string& path() const { return file_.path(); }

 private:
  explicit Run(ReadableFile file) : file_(std::move(file)) {}

  ReadableFile file_;
  RunHead head_;
  Directory directory_;
};

// One table's part of a run; thread-safe, and so are its scans apart from each other.
class Section : public std::enable_shared_from_this<Section> {
 public:
  // Null when the run holds nothing of the table.
  static Result<std::shared_ptr<const Section>> Open(std::shared_ptr<const Run> run, TableId table,
                                                     const crypto::Key256& history_key);

  const SectionEntry& entry() const { return entry_; }
  const SectionMeta& meta() const { return meta_; }

  // Totals after the section's last change at or before `time`; nullopt: it has none so early.
  Result<std::optional<shard::Totals>> TotalsAt(Timestamp time) const;
  // Versions of rows with keys in [begin, end), by (key, time descending); end empty: all.
  std::unique_ptr<VersionStream> Scan(Bytes begin, Bytes end) const;

  Result<Bytes> ReadData(size_t block) const;

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
