// One page of the blobs beneath a local store's directory.
#pragma once
#include <string>

#include "blob/blob_store.h"

namespace tidemark::blob {

// What vanishes meanwhile, and what is none of ours, is left out.
Result<ListPage> ListBeneath(const std::string& directory, const ListQuery& query);

// The one file of a blob's directory. kNotFound; kCorruption: none of ours is in it.
Result<BlobInfo> InfoIn(const std::string& blob_directory, std::string_view name);

}  // namespace tidemark::blob
