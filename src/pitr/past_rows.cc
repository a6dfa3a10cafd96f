#include "pitr/past_rows.h"

#include "base/assert.h"

namespace tidemark::pitr {
namespace {

// Two sorted sources; where both have a row, `versions` has the say.
class Overlay : public engine::RowIterator {
 public:
  Overlay(std::shared_ptr<const PastRows> owner, std::unique_ptr<engine::RowIterator> image,
          std::unique_ptr<archive::VersionStream> versions, bool reverse)
      : owner_(std::move(owner)),
        image_(std::move(image)),
        versions_(std::move(versions)),
        reverse_(reverse) {
    NextVersion();
    Settle();
  }

  bool Valid() const override { return at_ != At::kEnd; }
  void Next() override {
    TM_ASSERT(Valid());
    if (at_ == At::kImage) {
      image_->Next();
    } else {
      NextVersion();
    }
    Settle();
  }
  BytesView key() const override { return at_ == At::kImage ? image_->key() : version_->key; }
  BytesView value() const override {
    return at_ == At::kImage ? image_->value() : *version_->value;
  }
  Result<void> status() const override { return status_; }

 private:
  enum class At { kImage, kVersion, kEnd };

  void NextVersion() {
    auto next = versions_->Next();
    if (next) {
      version_ = *next;
    } else {
      status_ = Fail(std::move(next).error());
    }
  }

  // Stops at the next row that is there.
  void Settle() {
    while (true) {
      at_ = At::kEnd;
      if (!status_) return;
      if (!image_->Valid()) {
        status_ = image_->status();
        if (!status_) return;
      }
      if (!image_->Valid() && !version_) return;
      const int order = Order();
      if (order < 0) {
        at_ = At::kImage;
        return;
      }
      if (order == 0) image_->Next();
      if (version_->value) {
        at_ = At::kVersion;
        return;
      }
      NextVersion();
    }
  }

  // Below 0: the image's row comes first; 0: both have it.
  int Order() const {
    if (!version_) return -1;
    if (!image_->Valid()) return 1;
    const int compared = image_->key().compare(version_->key);
    return reverse_ ? -compared : compared;
  }

  const std::shared_ptr<const PastRows> owner_;
  std::unique_ptr<engine::RowIterator> image_;
  std::unique_ptr<archive::VersionStream> versions_;
  const bool reverse_;
  const archive::RowVersion* version_ = nullptr;
  At at_ = At::kEnd;
  Result<void> status_;
};

}  // namespace

Result<std::optional<Bytes>> PastRows::Get(BytesView key, bool cached_only) const {
  if (cached_only) return Fail(ErrorKind::kUnavailable, "the past is read from the disk");
  TM_TRY(auto version, past_.NewestOf(Bytes(key)));
  if (version) return std::move(version->value);
  return image_->Get(key);
}

Result<std::unique_ptr<engine::RowIterator>> PastRows::Scan(
    const engine::ScanOptions& options) const {
  TM_TRY(auto image, image_->Scan(options));
  TM_TRY(auto versions,
         past_.Newest({.begin = options.begin, .end = options.end, .reverse = options.reverse}));
  auto rows = std::make_unique<Overlay>(shared_from_this(), std::move(image), std::move(versions),
                                        options.reverse);
  TM_TRYV(rows->status());
  return rows;
}

Result<std::optional<archive::KeptVersion>> TablePast::NewestOf(const Bytes& key) const {
  if (auto version = tail_->NewestOf(key, until_)) return version;
  if (!history_) return std::nullopt;
  return history_->NewestOf(key, until_);
}

Result<std::unique_ptr<archive::VersionStream>> TablePast::Newest(
    const archive::TableHistory::Rows& rows) const {
  auto tail = tail_->Newest(rows.begin, rows.end, until_, rows.reverse);
  if (!history_) return tail;
  std::vector<std::unique_ptr<archive::VersionStream>> streams;
  TM_TRY(auto runs, history_->Newest(rows, until_));
  streams.push_back(std::move(runs));
  streams.push_back(std::move(tail));
  return std::make_unique<archive::NewestVersions>(
      archive::MergeVersions(std::move(streams), rows.reverse), until_);
}

}  // namespace tidemark::pitr
