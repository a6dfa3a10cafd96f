#include "backup/offered_files.h"

#include "base/files.h"
#include "blob/blob_source.h"
#include "blob/decorators/stoppable_store.h"

namespace tidemark::backup {

Result<crypto::Digest256> HeadOf(const std::string& path) {
  TM_TRY(const OpenFile file, OpenFile::Open(path, OpenFile::Mode::kRead));
  Bytes head(peer::kHeadBytes, '\0');
  TM_TRY(const size_t bytes, file.ReadAt(0, head.data(), head.size()));
  return crypto::Sha256(BytesView(head).substr(0, bytes));
}

Result<std::vector<peer::OfferedFile>> OfferFiles(const std::string& image,
                                                  const std::atomic<bool>& stop) {
  TM_TRY(const auto names, ListDirectory(image));
  std::vector<peer::OfferedFile> files;
  for (const std::string& name : names) {
    // Runs that are still being written, and KEYS, which are wrapped for this server.
    if (name.starts_with("run-making-") || name.starts_with("KEYS")) continue;
    const std::string path = image + "/" + name;
    TM_TRY(const auto source, blob::FileSource::Open(path, blob::FileSource::Kind::kChangeable));
    peer::OfferedFile file{.name = name, .bytes = source.size()};
    TM_TRY(file.sha256, blob::HashOf(blob::StoppableSource(source, stop)));
    TM_TRY(file.head, HeadOf(path));
    files.push_back(std::move(file));
  }
  return files;
}

}  // namespace tidemark::backup
