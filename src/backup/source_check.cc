#include "backup/source_check.h"

#include "base/files.h"
#include "base/random.h"
#include "engine/rocks/image_check.h"

namespace tidemark::backup {
namespace {

Error AsDamage(const std::string& image, Error error) {
  for (const std::string& prefix : {image + "/", ParentDirectory(image) + "/"}) {
    for (size_t at; (at = error.message.find(prefix)) != std::string::npos;)
      error.message.erase(at, prefix.size());
  }
  // The image is there: what is not found is a part of it.
  if (error.kind == ErrorKind::kNotFound && Exists(image)) error.kind = ErrorKind::kCorruption;
  return error.kind == ErrorKind::kCorruption
             ? WithContext(std::move(error), "the backup's files are damaged")
             : error;
}

}  // namespace

Result<void> CheckSource(engine::Engine& engine, const std::string& image,
                         const std::atomic<bool>& stop) {
  const auto keys = engine.KeysOf(image);
  if (!keys) return Fail(AsDamage(image, keys.error()));
  auto checked = engine::CheckImageFiles(image, *keys, stop);
  if (!checked) return Fail(AsDamage(image, std::move(checked).error()));
  // Whether none of them is missing; the reader and its links go at once.
  const std::string aside =
      ParentDirectory(image) + "/" + ImageId::Make(TheSystemRandom()).ToString();
  const auto opened = engine.OpenImage(image, aside, TableId::Make(TheSystemRandom()));
  if (!opened) return Fail(AsDamage(image, opened.error()));
  return {};
}

}  // namespace tidemark::backup
