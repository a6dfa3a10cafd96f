// Which images of a table are worth their place: decisions of numbers alone.
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "archive/run_list.h"
#include "catalog/catalog.h"

namespace tidemark::pitr {

// Of the images of one table, in order of as_of, those that no restore to [earliest, ..] needs: all
// before the newest one at or before `earliest`.
std::vector<catalog::ImagePtr> Superfluous(const std::vector<catalog::ImagePtr>& images,
                                           Timestamp earliest);

// Whether history is whole from the image to now: no gap lies behind the position it needs.
bool IsUsable(const catalog::ImageRecord& image, const std::vector<archive::Gap>& gaps);

// Since when history is whole as far as gaps go: as_of of the first usable image; nullopt: of none.
std::optional<Timestamp> WholeSince(const std::vector<catalog::ImagePtr>& images,
                                    const std::vector<archive::Gap>& gaps);

// A new image is due when a restore would have to read this much: changes of half the table, and no
// less than `bytes_min`; or after a day, if anything changed. Never sooner than `age_min` after the
// one before: an image flushes its table, and a small table that is overwritten all the time would
// be flushed all the time.
struct Freshness {
  uint64_t changed_bytes = 0;  // of rows, since the newest image
  bool changed = false;        // at all
  uint64_t table_bytes = 0;    // at the newest image
  Micros age{};                // of the newest image
};
bool IsImageDue(const Freshness& state, uint64_t bytes_min, Micros age_min);

// What an image costs and saves. In order of as_of; the first is the one everything begins from.
struct ImageCost {
  uint64_t alone_bytes = 0;  // of files that only this image has
  uint64_t run_bytes = 0;    // of the table's run sections between the image before and this one
  bool may_go = true;        // false: not yet sorted up to it, or a restore reads it
};
// Numbers of the images to drop. One stays only while what it alone pins is less than the run bytes
// it saves a restore from reading; together they pin at most half of `run_bytes`, all the table's.
// The first always stays.
std::vector<size_t> Thin(std::vector<ImageCost> images, uint64_t run_bytes);

}  // namespace tidemark::pitr
