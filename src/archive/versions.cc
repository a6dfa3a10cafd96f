#include "archive/versions.h"

#include <algorithm>

namespace tidemark::archive {
namespace {

class Merge : public VersionStream {
 public:
  Merge(std::vector<std::unique_ptr<VersionStream>> streams, bool reverse)
      : streams_(std::move(streams)), later_{reverse} {}

  Result<const RowVersion*> Next() override {
    if (!begun_) {
      begun_ = true;
      for (const auto& stream : streams_) TM_TRYV(Push(stream.get()));
    } else if (given_) {
      TM_TRYV(Push(given_));
    }
    given_ = nullptr;
    if (heap_.empty()) return nullptr;
    std::pop_heap(heap_.begin(), heap_.end(), later_);
    const Head head = heap_.back();
    heap_.pop_back();
    given_ = head.stream;
    return head.version;
  }

 private:
  struct Head {
    const RowVersion* version;
    VersionStream* stream;
  };
  struct Later {
    bool reverse;
    bool operator()(const Head& a, const Head& b) const {
      const int compared = a.version->key.compare(b.version->key);
      if (compared == 0) return a.version->time < b.version->time;
      return reverse ? compared < 0 : compared > 0;
    }
  };
  Result<void> Push(VersionStream* stream) {
    TM_TRY(const RowVersion* version, stream->Next());
    if (!version) return {};
    heap_.push_back({version, stream});
    std::push_heap(heap_.begin(), heap_.end(), later_);
    return {};
  }

  std::vector<std::unique_ptr<VersionStream>> streams_;
  const Later later_;
  std::vector<Head> heap_;
  VersionStream* given_ = nullptr;  // whose version the caller holds
  bool begun_ = false;
};

}  // namespace

std::unique_ptr<VersionStream> MergeVersions(std::vector<std::unique_ptr<VersionStream>> streams,
                                             bool reverse) {
  if (streams.size() == 1) return std::move(streams.front());
  return std::make_unique<Merge>(std::move(streams), reverse);
}

Result<const RowVersion*> NewestVersions::Next() {
  while (true) {
    TM_TRY(const RowVersion* version, all_->Next());
    if (!version) return nullptr;
    if (version->time > until_) continue;
    ++seen_;
    if (last_key_ && *last_key_ == version->key) continue;
    last_key_ = version->key;
    return version;
  }
}

}  // namespace tidemark::archive
