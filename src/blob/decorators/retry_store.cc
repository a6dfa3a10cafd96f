#include "blob/decorators/retry_store.h"

namespace tidemark::blob {

template <class Call>
auto RetryStore::Repeat(const Call& call) -> decltype(call()) {
  for (int attempt = 1;; ++attempt) {
    auto result = call();
    const bool may_help = !result && result.error().kind == ErrorKind::kUnavailable;
    if (!may_help || attempt >= policy_.attempts_max) return result;
    TM_TRYV(pause_.For(DelayAfter(attempt, policy_, random_)));
  }
}

Result<BlobInfo> RetryStore::Put(std::string_view name, const BlobSource& source,
                                 const PutOptions& options) {
  PutOptions named = options;
  if (named.writer.empty()) named.writer = NewWriter();
  bool uncertain = false;  // has an attempt failed that may have worked?
  auto put = Repeat([&] {
    auto result = inner_.Put(name, source, named);
    uncertain = uncertain || (!result && result.error().kind == ErrorKind::kUnavailable);
    return result;
  });
  if (put || !uncertain || put.error().kind != ErrorKind::kAlreadyExists) return put;
  const auto there = Head(name);
  return there && there->writer == named.writer ? there : put;
}

Result<BlobPart> RetryStore::Get(std::string_view name, ByteRange range) {
  return Repeat([&] { return inner_.Get(name, range); });
}

Result<BlobInfo> RetryStore::Head(std::string_view name) {
  return Repeat([&] { return inner_.Head(name); });
}

Result<ListPage> RetryStore::List(const ListQuery& query) {
  return Repeat([&] { return inner_.List(query); });
}

Result<void> RetryStore::Delete(std::string_view name) {
  return Repeat([&] { return inner_.Delete(name); });
}

}  // namespace tidemark::blob
