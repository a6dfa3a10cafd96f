#include "blob/decorators/metered_store.h"

namespace tidemark::blob {

std::string_view ToString(BlobOp op) {
  constexpr std::array<std::string_view, kBlobOps> kNames = {"put", "get", "head", "list",
                                                             "delete"};
  return kNames[static_cast<size_t>(op)];
}

template <class Call>
auto MeteredStore::Measure(BlobOp op, const Call& call) -> decltype(call()) {
  const Micros begun = clock_.Monotonic();
  auto result = call();
  Counters& counters = Of(op);
  counters.times.Record(static_cast<uint64_t>((clock_.Monotonic() - begun).count()));
  if (!result && result.error().kind != ErrorKind::kNotFound &&
      result.error().kind != ErrorKind::kAlreadyExists) {
    ++counters.failures;
  }
  return result;
}

Result<BlobInfo> MeteredStore::Put(std::string_view name, const BlobSource& source,
                                   const PutOptions& options) {
  auto put = Measure(BlobOp::kPut, [&] { return inner_.Put(name, source, options); });
  if (put) Of(BlobOp::kPut).bytes += put->bytes;
  return put;
}

Result<BlobPart> MeteredStore::Get(std::string_view name, ByteRange range) {
  auto part = Measure(BlobOp::kGet, [&] { return inner_.Get(name, range); });
  if (part) Of(BlobOp::kGet).bytes += part->bytes.size();
  return part;
}

Result<BlobInfo> MeteredStore::Head(std::string_view name) {
  return Measure(BlobOp::kHead, [&] { return inner_.Head(name); });
}

Result<ListPage> MeteredStore::List(const ListQuery& query) {
  return Measure(BlobOp::kList, [&] { return inner_.List(query); });
}

Result<void> MeteredStore::Delete(std::string_view name) {
  return Measure(BlobOp::kDelete, [&] { return inner_.Delete(name); });
}

BlobOpFigures MeteredStore::Figures(BlobOp op) const {
  const Counters& counters = counters_[static_cast<size_t>(op)];
  return {
      .failures = counters.failures, .bytes = counters.bytes, .times = counters.times.Snapshot()};
}

}  // namespace tidemark::blob
