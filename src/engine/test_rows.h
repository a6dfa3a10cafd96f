// Rows of a store as a map, for comparison in tests.
#pragma once
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "engine/table_store.h"

namespace tidemark::engine {

using RowMap = std::map<Bytes, Bytes>;

#define TM_ASSERT_OK(expression)                                       \
  do {                                                                 \
    auto&& tm_checked = (expression);                                  \
    ASSERT_TRUE(tm_checked.has_value()) << tm_checked.error().message; \
  } while (false)

template <class T>
T Must(Result<T> result) {
  if (!result) {
    ADD_FAILURE() << ToString(result.error().kind) << ": " << result.error().message;
    abort();
  }
  return std::move(*result);
}

inline Bytes Key(int index) { return fmt::format("{}{:08}", std::string("\0\1", 2), index); }

inline log::Position At(uint32_t offset, uint32_t segment = 1) {
  return {7, segment, offset * 4096};
}

// One frame's writes: an empty value deletes.
inline Result<void> Write(TableStore& store, const RowMap& rows, log::Position position,
                          BytesView note = "") {
  std::vector<RowWrite> writes;
  for (const auto& [key, value] : rows) {
    writes.push_back({key, value.empty() ? std::nullopt : std::optional<BytesView>(value)});
  }
  return store.Apply(writes, position, note);
}

// The same, tried until the store is no longer busy.
inline Result<void> WritePatiently(TableStore& store, const RowMap& rows, log::Position position,
                                   BytesView note = "") {
  while (true) {
    Result<void> written = Write(store, rows, position, note);
    if (written || written.error().kind != ErrorKind::kBusy) return written;
    std::this_thread::yield();
  }
}

inline Result<RowMap> ReadAll(const RowReader& store, ScanOptions options = {}) {
  TM_TRY(auto scan, store.Scan(options));
  RowMap rows;
  for (; scan->Valid(); scan->Next()) rows.emplace(scan->key(), scan->value());
  TM_TRYV(scan->status());
  return rows;
}

// Hands out the rows of a map in order; an empty value is a delete.
inline NextRow RowsOf(const RowMap& rows) {
  return [row = rows.begin(), end = rows.end()]() mutable -> Result<std::optional<RowWrite>> {
    if (row == end) return std::nullopt;
    RowWrite write{row->first,
                   row->second.empty() ? std::nullopt : std::optional<BytesView>(row->second)};
    ++row;
    return write;
  };
}

// A directory of its own, removed at the end.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "engine_test_XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace tidemark::engine
