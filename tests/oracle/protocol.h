// What the process that writes tells the one that remembers, over a pipe, and the items both know.
//
// Every write is announced (kIntent) before it is asked for, and told (kDone) once it is
// acknowledged, so a killed writer leaves at most one write of each row of which nobody knows.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>

#include "base/bytes.h"
#include "item/attribute_value.h"

namespace tidemark::oracle {

constexpr int kTables = 3;  // Ledger-0, Ledger-1 (written together as well) and Passing
constexpr int kPassing = 2;
std::string TableName(int table);

enum class RecordKind : uint8_t { kIntent, kDone, kUnchanged };

// As it goes over the pipe, in one write() of fewer than PIPE_BUF bytes.
struct Record {
  RecordKind kind = RecordKind::kIntent;
  uint8_t table = 0;
  uint32_t key = 0;
  uint64_t seed = 0;     // of the item; 0: the item is deleted
  int64_t time = 0;      // commit time in microseconds; of kDone alone
  uint64_t request = 0;  // whose rows are written together
};
static_assert(std::is_trivially_copyable_v<Record>);

// The item that key `key` has after a put with `seed`.
item::Item MakeItem(uint32_t key, uint64_t seed);
Bytes RowKeyOf(uint32_t key);
// What MakeItem got; nullopt of an item that is not one of these.
std::optional<uint64_t> SeedOf(BytesView row);

struct Settings {
  std::string directory;
  uint64_t seed = 1;
  int writers = 16;
  int keys = 800;  // of each table; a row has one writer, key % writers
  uint64_t writes = 1000;
  int64_t clock_offset_us = 0;  // of the clock at the start
  int64_t jump_us = 0;          // what it is moved by in the middle; 0: not
  bool change_indexes = false;  // adds or drops one meanwhile
  bool small = true;            // units and images of kilobytes, so that few writes make many
};

// Runs until all is written, as the process's whole life; records go to `pipe`. Returns the exit
// status; anything but 0 is a failure, told on stderr.
int RunWriter(const Settings& settings, int pipe);

}  // namespace tidemark::oracle
