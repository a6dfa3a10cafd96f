// What the tables of the work are like: a sort key, and indexes of every kind.
#pragma once
#include <cstdint>
#include <optional>
#include <random>
#include <string>

#include "storage.h"

namespace tidemark::faults {

constexpr int kRowsOfTable = 25;  // numbers 0..24; row 0 is the hot one, a counter

// Partition key and sort key; a local index, a global one on a number, and a global one whose
// partition key is two attributes, and sparse.
table::CreateTableRequest ShapedTable(std::string name, bool stream);

// Of the primary row.
Bytes KeyOfRow(int row);
// The stored item; `random` decides of all but the number.
Bytes MakeValue(int row, int64_t number, std::mt19937_64& random);
// Its number; 0 if there is no item.
int64_t NumberIn(const std::optional<Bytes>& row);

}  // namespace tidemark::faults
