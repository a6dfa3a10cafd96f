// One table's rows: an ordered map from bytes to bytes without a log of its own. What it lacks
// after a crash is replayed from the shard's commit log, starting after Flushed().
//
// Row keys begin with their index number in two bytes; index 0 is the table's own (docs/formats/
// table_directory.md). A key below kFirstRowKey is a bug of the caller: there the engine keeps its
// own.
//
// Threads: Apply, Ingest, SetPosition and Pin by the one applier of the shard (or under its
// exclusion); Flush by any one thread, also while the applier goes on; Get and Scan by any.
#pragma once
#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "crypto/data_key.h"
#include "log/position.h"

namespace tidemark::engine {

inline constexpr BytesView kFirstRowKey{"\0\0", 2};

// A put (value set) or a delete (no value) of one row. Views live for the call only.
struct RowWrite {
  BytesView key;
  std::optional<BytesView> value;
};

// Rows in strictly increasing key order until nullopt. Views live until the next call.
using NextRow = std::function<Result<std::optional<RowWrite>>()>;

class RowIterator {
 public:
  virtual ~RowIterator() = default;
  virtual bool Valid() const = 0;
  virtual void Next() = 0;            // in the direction the scan was opened with
  virtual BytesView key() const = 0;  // until Next()
  virtual BytesView value() const = 0;
  virtual Result<void> status() const = 0;  // kCorruption, kIo: ask after Valid() turned false
};

struct ScanOptions {
  Bytes begin;             // inclusive
  Bytes end;               // exclusive; empty = to the end
  bool reverse = false;    // from end down to begin
  bool fill_cache = true;  // false for scans that read a table once
};

// Rows to read, whoever keeps them: a table's store, or a table as of an instant. Threads: any.
class RowReader {
 public:
  virtual ~RowReader() = default;

  // Value of a key. `cached_only`: answer without touching the disk or say kUnavailable (the caller
  // then asks again from the blocking pool).
  virtual Result<std::optional<Bytes>> Get(BytesView key, bool cached_only = false) const = 0;

  // A consistent snapshot of the range. May block on the disk.
  virtual Result<std::unique_ptr<RowIterator>> Scan(const ScanOptions& options) const = 0;
};

// Rows in files of their own, and what is known of them unread.
class StoredRows : public RowReader {
 public:
  // The note of the last Apply or SetPosition; after Open, of an image or a clone of it, the one
  // stored with Flushed(): of the files, without what runs have laid over them. Else empty.
  virtual Bytes Note() const = 0;
  // Of an image or a clone of it: whether it has a run.
  virtual bool HasRun() const = 0;
};

class TableStore : public StoredRows {
 public:
  // The rows of these keys, which ascend, one after the other; there may be none of a key. For
  // whoever looks for many, once: blocks that several lie in are read once, and not cached.
  using TakeRow = std::function<Result<void>(BytesView key, BytesView value)>;
  virtual Result<void> GetMany(std::span<const Bytes> keys, const TakeRow& take) const = 0;

  // Applies writes in order, atomically for readers. Not durable by itself. `position` is that of
  // the frame they came from (all its writes to this table in one call, positions never going
  // back); it is recorded sparsely. `note` (some 50 opaque bytes, the shard's totals) is always
  // recorded together with the position, in one row: a stored position and its note agree.
  // Never waits for flushes or compactions.
  // Errors: kBusy: the writer would have to wait for them. Nothing was written, and everything the
  // store says (Note, Flushed, OldestDirty, DirtyBytes) is as before; the same writes, in the same
  // order, can be applied later. That may take until background work has caught up, however often
  // it is tried (some milliseconds between two attempts are right); after a Flush() that worked it
  // is no memtable that is waited for.
  // kIo, kNoSpace, kCorruption, also those of a flush begun by itself earlier: from then on nothing
  // is applied. Flush() tries to go on; if it fails too, try it again later, or close the store,
  // open it again and replay. What was durable stays so.
  virtual Result<void> Apply(std::span<const RowWrite> writes, log::Position position,
                             BytesView note) = 0;

  // A position such that every write of frames before or at it is in the *durable* files; after a
  // restart replay starts just after it. A lower bound; {0,0,0} if nothing was ever flushed.
  virtual log::Position Flushed() const = 0;
  // Position of the oldest applied write that is not yet flushed; nullopt when clean.
  virtual std::optional<log::Position> OldestDirty() const = 0;
  virtual uint64_t DirtyBytes() const = 0;

  // Makes everything applied durable; Flushed() is then exactly the last applied position. Works
  // also where Apply says kBusy.
  // Errors: kIo, kNoSpace, kCorruption: what was applied stays dirty and readable, and a later
  // Flush() tries again, once the disk is well or has space.
  virtual Result<void> Flush() = 0;

  // Links the live files into `directory` (made here, must not exist) without flushing and without
  // stopping readers: an immutable copy of the table as of Flushed() (or later). Writes DIR/KEYS
  // and syncs files and directory.
  struct Pinned {
    uint64_t bytes = 0;  // of the linked files
  };
  virtual Result<Pinned> Pin(const std::string& directory) = 0;

  // Adds rows without going through the memtable (restore); they replace rows of the same key. Each
  // part's keys are behind those of the parts before it. Parts are asked for their rows and written
  // side by side, on threads of their own; all rows become visible at once. `before_visible` is
  // called before that and behind the last row; its error ends it. Durable on return. After many
  // files, one of a part at least, a store that is not compacted yet begins to be.
  using BeforeVisible = std::function<Result<void>()>;
  virtual Result<void> IngestParts(std::span<const NextRow> parts,
                                   const BeforeVisible& before_visible) = 0;
  Result<void> IngestParts(std::span<const NextRow> parts) {
    return IngestParts(parts, [] { return Result<void>(); });
  }
  Result<void> Ingest(const NextRow& next) { return IngestParts({&next, 1}); }

  // Removes all rows of [begin, end) at once, whatever they are; no write to the range may be under
  // way. Beside the log: what replay applies later comes back. Durable on return, and so is all
  // that was applied before. Any one thread, while the applier goes on.
  virtual Result<void> EraseRange(BytesView begin, BytesView end) = 0;

  // Writes `position` and `note` as the table's own (a fresh position for a clone under its new
  // log) and flushes, like Flush().
  virtual Result<void> SetPosition(log::Position position, BytesView note) = 0;

  // Renames the store's directory while it is open, durably: to its place when it was built aside,
  // or out of the way when it is dropped. Reads and background work go on. kAlreadyExists; after
  // kIo, Directory() says where it is.
  virtual Result<void> MoveTo(const std::string& directory) = 0;
  virtual std::string Directory() const = 0;

  // The table is dropped: its files are about to be removed, nothing needs to be flushed into them
  // any more. It can still be read by those who hold it.
  virtual void Abandon() = 0;
};

// By which files of an image are sealed: bare, for whoever hands them to another server.
struct ImageKey {
  std::array<uint8_t, 16> generation{};
  bool current = false;
  crypto::Key256 key;
};

struct EngineOptions {
  uint64_t block_cache_bytes = 512ull << 20;
  uint64_t write_buffer_bytes = 64ull << 20;  // per table
  int background_threads = 2;
  // File descriptors that all open tables together keep for reading. At least as many as threads
  // that read at the same time; files being written (by background threads, Flush, Ingest) need one
  // each besides.
  size_t descriptor_budget = 4096;
};

struct EngineStats {
  uint64_t open_descriptors = 0;  // of table files, those being written included
  uint64_t descriptor_budget = 0;
  uint64_t descriptor_opens = 0;  // cumulative: reads that found their file closed
  uint64_t open_tables = 0;
  uint64_t memtable_bytes = 0;  // of all tables, those being flushed included
  uint64_t block_cache_bytes = 0;
  uint64_t block_cache_capacity = 0;
};

// Makes and opens table stores in directories; they share one cache, background threads and a
// budget of descriptors. What a crash leaves of Create, Clone and Pin ends in ".making": whoever
// owns the parent directory removes it at start. Images and closed stores are removed like any
// directory, by renaming it aside first.
class Engine {
 public:
  virtual ~Engine() = default;
  // A new, empty store; `directory` must not exist. Crash-safe: built aside, renamed.
  virtual Result<std::unique_ptr<TableStore>> Create(const std::string& directory,
                                                     TableId table) = 0;
  // kNotFound: no such directory. kCorruption, kIo: damaged or unreadable; the message names the
  // directory, the file and what an operator can do. kKeyDisabled.
  virtual Result<std::unique_ptr<TableStore>> Open(const std::string& directory, TableId table) = 0;
  // A new store in `directory` whose files are links to those of `source` (made by Pin). `source`
  // is never opened or changed, and may belong to another table and Region: the keys it needs come
  // with it. Until SetPosition, nothing but what many files ingested make necessary is compacted.
  virtual Result<std::unique_ptr<TableStore>> Clone(const std::string& source,
                                                    const std::string& directory,
                                                    TableId table) = 0;
  // Writes rows as one sealed file inside a pinned directory (an image's small run), and reads it
  // back at Clone: rows of the run lie over the linked files. Deletes are kept. Durable on return.
  virtual Result<void> WriteRun(const std::string& pinned, const NextRow& next) = 0;
  // An image to read, its run included, in `directory`: links like Clone's, which are neither
  // compacted nor written, and go with the reader. The image itself may be removed meanwhile.
  virtual Result<std::unique_ptr<StoredRows>> OpenImage(const std::string& source,
                                                        const std::string& directory,
                                                        TableId table) = 0;
  // Writes rows as an image of its own in `directory` (made here, must not exist), as small as they
  // can be made: slow to write, and to read anything but all of it. To be read like any image, and
  // sealed under a key of its own, wrapped for `table`. Rows must have values. Durable on return.
  // While it is made there is DIRECTORY.filling, which a crash leaves.
  virtual Result<void> WriteColdImage(const std::string& directory, TableId table,
                                      const NextRow& next) = 0;
  // Wraps the data keys of a table's directory, or of an image of it, anew, all for that table, as
  // the provider now does it; what they seal stays as it is. Durable on return. kKeyDisabled.
  virtual Result<void> RewrapKeys(const std::string& directory, TableId table) = 0;
  // The data keys of an image; and those of one that comes from elsewhere into `directory`, wrapped
  // for `table`, durable on return. kKeyDisabled.
  virtual Result<std::vector<ImageKey>> KeysOf(const std::string& image) = 0;
  virtual Result<void> PutKeys(const std::string& directory, TableId table,
                               const std::vector<ImageKey>& keys) = 0;
  // Any thread, quick.
  virtual EngineStats Stats() const = 0;
};

}  // namespace tidemark::engine
