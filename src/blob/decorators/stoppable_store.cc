#include "blob/decorators/stoppable_store.h"

namespace tidemark::blob {
namespace {

Result<void> GoOn(const std::atomic<bool>& stop) {
  if (!stop) return {};
  return Fail(ErrorKind::kCancelled, "it was stopped");
}

}  // namespace

Result<void> StoppableSource::Read(uint64_t offset, size_t bytes, char* out) const {
  TM_TRYV(GoOn(stop_));
  return inner_.Read(offset, bytes, out);
}

Result<BlobInfo> StoppableStore::Put(std::string_view name, const BlobSource& source,
                                     const PutOptions& options) {
  TM_TRYV(GoOn(stop_));
  return inner_.Put(name, StoppableSource(source, stop_), options);
}

Result<BlobPart> StoppableStore::Get(std::string_view name, ByteRange range) {
  TM_TRYV(GoOn(stop_));
  return inner_.Get(name, range);
}

Result<BlobInfo> StoppableStore::Head(std::string_view name) {
  TM_TRYV(GoOn(stop_));
  return inner_.Head(name);
}

Result<ListPage> StoppableStore::List(const ListQuery& query) {
  TM_TRYV(GoOn(stop_));
  return inner_.List(query);
}

Result<void> StoppableStore::Delete(std::string_view name) {
  TM_TRYV(GoOn(stop_));
  return inner_.Delete(name);
}

}  // namespace tidemark::blob
