// A change as its stream shows it.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/ids.h"
#include "catalog/table_record.h"
#include "item/attribute_value.h"
#include "streams/sequence.h"

namespace tidemark::streams {

enum class Event { kInsert, kModify, kRemove };

// What a frame of the log holds of tables with streams; shared by all who read it.
struct Change {
  TableId table;
  Sequence sequence;
  Event event = Event::kInsert;
  bool by_service = false;  // an item that expired
  bool old_kept = false;    // `old` is what was there; else nobody kept it
  Bytes key;                // of the primary row
  std::optional<Bytes> now;
  std::optional<Bytes> old;
};

struct Record {
  std::shared_ptr<const Change> change;
  item::Item keys;
  bool show_new = false;  // by the view, and there is one
  bool show_old = false;
  uint64_t size = 0;  // of what is shown, by DynamoDB's rules
};

}  // namespace tidemark::streams
