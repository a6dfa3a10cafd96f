#include "blob/mem/mem_store.h"

#include <algorithm>

#include "base/assert.h"
#include "blob/put_rules.h"

namespace tidemark::blob {

Result<BlobInfo> MemStore::Put(std::string_view name, const BlobSource& source,
                               const PutOptions& options) {
  TM_TRYV(CheckPut(name, source, options, capabilities()));
  auto blob = std::make_shared<Blob>();
  blob->bytes.resize(source.size());
  TM_TRYV(source.Read(0, blob->bytes.size(), blob->bytes.data()));
  blob->info = {.bytes = source.size(),
                .sha256 = crypto::Sha256(blob->bytes),
                .writer = options.writer.empty() ? NewWriter() : options.writer,
                .retention = {}};
  TM_TRYV(CheckDigest(name, blob->info.sha256, options));
  const BlobInfo info = blob->info;
  std::lock_guard lock(mutex_);
  if (options.only_if_absent && blobs_.contains(name)) return AlreadyThere(name);
  blobs_.insert_or_assign(std::string(name), std::move(blob));
  return info;
}

Result<MemStore::BlobPtr> MemStore::Find(std::string_view name) const {
  TM_TRYV(CheckName(name));
  std::lock_guard lock(mutex_);
  const auto at = blobs_.find(name);
  if (at == blobs_.end()) return NotThere(name);
  return at->second;
}

Result<BlobPart> MemStore::Get(std::string_view name, ByteRange range) {
  TM_TRY(const BlobPtr blob, Find(name));
  const ByteRange there = Within(range, blob->info.bytes);
  BlobPart part{.info = blob->info, .bytes = blob->bytes.substr(there.offset, there.bytes)};
  TM_TRYV(CheckWhole(name, part));
  return part;
}

Result<BlobInfo> MemStore::Head(std::string_view name) {
  TM_TRY(const BlobPtr blob, Find(name));
  return blob->info;
}

Result<ListPage> MemStore::List(const ListQuery& query) {
  TM_TRYV(CheckQuery(query));
  ListPage page;
  std::lock_guard lock(mutex_);
  auto at = query.after < query.prefix ? blobs_.lower_bound(query.prefix)
                                       : blobs_.upper_bound(query.after);
  for (; at != blobs_.end() && at->first.starts_with(query.prefix); ++at) {
    if (page.blobs.size() == query.limit) {
      page.more = true;
      break;
    }
    page.blobs.push_back({.name = at->first, .bytes = at->second->info.bytes});
  }
  return page;
}

Result<void> MemStore::Delete(std::string_view name) {
  TM_TRYV(CheckName(name));
  std::lock_guard lock(mutex_);
  if (const auto at = blobs_.find(name); at != blobs_.end()) blobs_.erase(at);
  return {};
}

void MemStore::Damage(std::string_view name) {
  std::lock_guard lock(mutex_);
  const auto at = blobs_.find(name);
  TM_ASSERT(at != blobs_.end() && !at->second->bytes.empty());
  auto damaged = std::make_shared<Blob>(*at->second);
  damaged->bytes[damaged->bytes.size() / 2] ^= 1;
  at->second = std::move(damaged);
}

}  // namespace tidemark::blob
