// Images on disk: where they lie, which of them are needed, what refers to them. Directories are
// removed only after the catalog row that named them.
#pragma once
#include <string>
#include <vector>

#include "catalog/catalog.h"

namespace tidemark::pitr {

// Pins `table` at this instant and records where it lies. The caller holds the shard's log until
// the record is stored (shard::Shard::HoldLog). Blocking. Durable: the files; not the record.
Result<catalog::ImageRecord> PinImage(shard::Shard& shard, TableId table, ImageId id,
                                      const std::string& act);

std::string ImagePath(const shard::Shard& shard, const catalog::ImageRecord& image);
// Where it lies while it is warm, or lay before it was moved to cold storage; resp. will lie there.
std::string WarmPath(const shard::Shard& shard, const catalog::ImageRecord& image);
std::string ColdPath(const shard::Shard& shard, const catalog::ImageRecord& image);

// Removes an image's files. Failure is logged only: what stays is removed at the next start.
void RemoveImageFiles(const std::string& path);

// The same for one whose record could not be stored, or not be changed to name it. Where that
// record may be there after the next start (catalog::MayBeStored), the files stay: that start
// removes them if none names them.
void RemoveUnrecorded(const std::string& path, const Error& error);

// Removes directories under the shard's images, warm and cold, that no record names there. At start
// only.
void RemoveOrphans(const catalog::Catalog& catalog, const shard::Shard& shard);

// Bytes of files in the directory that have no other name: what goes when the image goes. A table
// that shares a file may compact it away later.
uint64_t AloneBytes(const std::string& path);

}  // namespace tidemark::pitr
