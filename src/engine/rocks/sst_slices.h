// Rows in key order written as sealed SSTs, outside the database, for ingestion or as an image's
// run.
#pragma once
#include <rocksdb/options.h>

#include <string>
#include <vector>

#include "base/result.h"
#include "engine/table_store.h"

namespace tidemark::engine {

// Names that begin so are leftovers of a crash when a table is opened.
inline constexpr char kIngestPrefix[] = "ingest-";

struct Slices {
  std::vector<std::string> paths;
  Bytes first_key, last_key;
};
// Writes `next`'s rows to PREFIX0.sst, PREFIX1.sst, ... inside the directory `options.env` is for,
// each of about `slice_bytes` of rows. No rows, no file. Files are synced, names are not. After an
// error the files begun are removed. Any thread, each with a prefix of its own.
Result<Slices> WriteSlices(const rocksdb::Options& options, const std::string& prefix,
                           uint64_t slice_bytes, const NextRow& next);

// Reads the first and the last rows of a file that is to be ingested, into the block cache.
// WHY: an ingestion takes for granted that it can read them, and ends the process where it cannot.
Result<void> CacheEnds(const rocksdb::Options& options, const std::string& path);

// Writes a file that erases [begin, end) from what it is ingested into.
Result<void> WriteErasure(const rocksdb::Options& options, const std::string& path, BytesView begin,
                          BytesView end);

}  // namespace tidemark::engine
