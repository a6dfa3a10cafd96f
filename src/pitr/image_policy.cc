#include "pitr/image_policy.h"

#include <algorithm>

namespace tidemark::pitr {
namespace {

constexpr auto kImageAge = std::chrono::hours(24);

}  // namespace

std::vector<catalog::ImagePtr> Superfluous(const std::vector<catalog::ImagePtr>& images,
                                           Timestamp earliest) {
  std::vector<catalog::ImagePtr> superfluous;
  for (size_t i = 0; i + 1 < images.size() && images[i + 1]->as_of <= earliest; ++i) {
    superfluous.push_back(images[i]);
  }
  return superfluous;
}

bool IsUsable(const catalog::ImageRecord& image, const std::vector<archive::Gap>& gaps) {
  return std::all_of(gaps.begin(), gaps.end(), [&](const archive::Gap& gap) {
    // Of another log: older than everything in this one.
    return image.replay_from.log_id == gap.to.log_id && gap.to <= image.replay_from;
  });
}

std::optional<Timestamp> WholeSince(const std::vector<catalog::ImagePtr>& images,
                                    const std::vector<archive::Gap>& gaps) {
  for (const auto& image : images) {
    if (IsUsable(*image, gaps)) return image->as_of;
  }
  return std::nullopt;
}

bool IsImageDue(const Freshness& state, uint64_t bytes_min, Micros age_min) {
  if (state.age < age_min) return false;
  if (state.changed_bytes >= std::max(bytes_min, state.table_bytes / 2)) return true;
  return state.changed && state.age >= kImageAge;
}

std::vector<size_t> Thin(std::vector<ImageCost> images, uint64_t run_bytes) {
  std::vector<size_t> kept(images.size()), dropped;
  for (size_t i = 0; i < kept.size(); ++i) kept[i] = i;
  while (true) {
    // The worst: that pins the most for what it saves.
    std::optional<size_t> worst;
    uint64_t pinned = 0;
    const auto is_worse = [&](const ImageCost& a, const ImageCost& b) {
      return static_cast<double>(a.alone_bytes) * static_cast<double>(b.run_bytes) >
             static_cast<double>(b.alone_bytes) * static_cast<double>(a.run_bytes);
    };
    for (size_t at = 1; at < kept.size(); ++at) {
      const ImageCost& image = images[kept[at]];
      pinned += image.alone_bytes;
      if (image.may_go && (!worst || is_worse(image, images[kept[*worst]]))) worst = at;
    }
    if (!worst) return dropped;
    const ImageCost& image = images[kept[*worst]];
    const bool pays = image.alone_bytes < image.run_bytes;
    if (pays && pinned <= run_bytes / 2) return dropped;
    // A restore to an instant behind it begins from the image before, and reads that much more.
    if (*worst + 1 < kept.size()) images[kept[*worst + 1]].run_bytes += image.run_bytes;
    dropped.push_back(kept[*worst]);
    kept.erase(kept.begin() + static_cast<std::ptrdiff_t>(*worst));
  }
}

}  // namespace tidemark::pitr
