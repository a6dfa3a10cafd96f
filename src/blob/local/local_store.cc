#include "blob/local/local_store.h"

#include <algorithm>

#include "base/files.h"
#include "base/log.h"
#include "blob/local/blob_path.h"
#include "blob/local/directory_moves.h"
#include "blob/local/listing.h"
#include "blob/local/store_file.h"
#include "blob/put_rules.h"

namespace tidemark::blob {
namespace {

constexpr BytesView kFormat = "tidemark blobs 1\n";

// How often a step is tried again because another thread or process was at the same blob.
constexpr int kTriesMax = 1000;

Result<void> CheckFormat(const std::string& directory) {
  const std::string path = directory + "/FORMAT";
  if (!Exists(path)) {
    TM_TRY(const auto names, ListDirectory(directory));
    const auto is_ours = [](const std::string& name) { return name.starts_with("FORMAT"); };
    if (!std::ranges::all_of(names, is_ours)) {  // a making that was cut off leaves FORMAT.new
      return Fail(ErrorKind::kCorruption, "{} is neither empty nor a blob store", directory);
    }
    return ReplaceFile(path, kFormat);
  }
  TM_TRY(const Bytes content, ReadFile(path));
  if (content == kFormat) return {};
  return Fail(ErrorKind::kCorruption, "{} is not of a version that is known here", path);
}

void RemoveAside(const std::string& path) {
  if (const auto removed = RemoveTree(path); !removed) {
    LogWarn("{} stays until the store is opened again: {}", path, removed.error().message);
  }
}

bool Is(const Result<void>& result, ErrorKind kind) {
  return !result && result.error().kind == kind;
}

}  // namespace

Result<std::unique_ptr<LocalStore>> LocalStore::Open(const std::string& directory) {
  TM_TRYV(MakeDirectories(directory));
  TM_TRYV(CheckFormat(directory));
  TM_TRYV(MakeDirectories(directory + "/blobs"));
  TM_TRYV(MakeDirectories(directory + "/incoming"));
  TM_TRY(Incoming incoming, Incoming::Open(directory + "/incoming"));
  return std::unique_ptr<LocalStore>(new LocalStore(directory + "/blobs", std::move(incoming)));
}

std::string LocalStore::DirectoryOf(std::string_view name) const {
  return blobs_ + "/" + PathOf(name);
}

Result<BlobInfo> LocalStore::Put(std::string_view name, const BlobSource& source,
                                 const PutOptions& options) {
  TM_TRYV(CheckPut(name, source, options, capabilities()));
  const std::string aside = incoming_.NewPath();
  auto info = MakeAside(name, source, options, aside);
  auto moved = info ? MoveIn(name, aside, options.only_if_absent) : Result<void>();
  RemoveAside(aside);  // what it could not move, or what it has replaced
  TM_TRYV(std::move(moved));
  return info;
}

Result<BlobInfo> LocalStore::MakeAside(std::string_view name, const BlobSource& source,
                                       const PutOptions& options, const std::string& aside) {
  TM_TRYV(MakeScratchDirectory(aside));
  const std::string unnamed = aside + "/unnamed";
  BlobInfo info{.bytes = source.size(),
                .writer = options.writer.empty() ? NewWriter() : options.writer};
  TM_TRY(info.sha256, StoreAsFile(source, unnamed));
  TM_TRYV(CheckDigest(name, info.sha256, options));
  TM_TRYV(Rename(unnamed, aside + "/" + FileNameOf(info)));
  TM_TRYV(SyncDirectory(aside));
  return info;
}

Result<void> LocalStore::MoveIn(std::string_view name, const std::string& aside,
                                bool only_if_absent) {
  const std::string directory = DirectoryOf(name);
  for (int tries = 0; tries < kTriesMax; ++tries) {
    Result<void> moved = MakeScratchDirectories(ParentDirectory(directory));
    if (moved) moved = MoveDirectory(aside, directory);
    if (Is(moved, ErrorKind::kAlreadyExists) && only_if_absent) {
      TM_TRYV(SyncAbove(directory));  // whoever is told of a blob may rely on it
      return AlreadyThere(name);
    }
    if (Is(moved, ErrorKind::kAlreadyExists)) moved = ExchangeDirectories(aside, directory);
    // Deleted meanwhile, or a delete has removed a directory above.
    if (Is(moved, ErrorKind::kNotFound)) continue;
    TM_TRYV(std::move(moved));
    return SyncAbove(directory);
  }
  return Fail(ErrorKind::kUnavailable, "blob {} is put and deleted by others all the time", name);
}

// WHY all of them: whoever made a directory above, this thread or another, has not synced it.
Result<void> LocalStore::SyncAbove(const std::string& directory) const {
  for (std::string above = directory; above != blobs_;) {
    above = ParentDirectory(above);
    const Result<void> synced = SyncDirectory(above);
    if (!synced && synced.error().kind != ErrorKind::kNotFound) return synced;
  }
  return {};
}

void LocalStore::RemoveEmptyAbove(const std::string& directory) const {
  std::string above = ParentDirectory(directory);
  while (above != blobs_ && RemoveEmptyDirectory(above)) above = ParentDirectory(above);
}

Result<BlobPart> LocalStore::Get(std::string_view name, ByteRange range) {
  TM_TRYV(CheckName(name));
  const std::string directory = DirectoryOf(name);
  for (int tries = 0; tries < kTriesMax; ++tries) {
    TM_TRY(const BlobInfo info, InfoIn(directory, name));
    const auto file = OpenFile::Open(directory + "/" + FileNameOf(info), OpenFile::Mode::kRead);
    if (!file && file.error().kind == ErrorKind::kNotFound) continue;  // replaced meanwhile
    if (!file) return Fail(file.error());
    TM_TRY(const uint64_t size, file->Size());
    if (size != info.bytes) {
      return Fail(ErrorKind::kCorruption, "blob {} has {} bytes; {} were put", name, size,
                  info.bytes);
    }
    const ByteRange there = Within(range, size);
    BlobPart part{.info = info, .bytes = Bytes(there.bytes, '\0')};
    TM_TRY(const size_t got, file->ReadAt(there.offset, part.bytes.data(), part.bytes.size()));
    if (got != part.bytes.size()) {
      return Fail(ErrorKind::kCorruption, "blob {} was cut at {}", name, there.offset + got);
    }
    TM_TRYV(CheckWhole(name, part));
    return part;
  }
  return Fail(ErrorKind::kUnavailable, "blob {} is replaced by others all the time", name);
}

Result<BlobInfo> LocalStore::Head(std::string_view name) {
  TM_TRYV(CheckName(name));
  return InfoIn(DirectoryOf(name), name);
}

Result<ListPage> LocalStore::List(const ListQuery& query) {
  TM_TRYV(CheckQuery(query));
  return ListBeneath(blobs_, query);
}

Result<void> LocalStore::Delete(std::string_view name) {
  TM_TRYV(CheckName(name));
  const std::string directory = DirectoryOf(name);
  const std::string aside = incoming_.NewPath();
  Result<void> moved = MoveDirectory(directory, aside);
  if (!moved && moved.error().kind != ErrorKind::kNotFound) return moved;
  // Also where nothing was there: whoever has just removed it may not have synced that.
  TM_TRYV(SyncAbove(directory));
  // WHY where it went as well: which of the two makes a move durable, file systems do not agree on.
  if (moved) TM_TRYV(SyncDirectory(ParentDirectory(aside)));
  RemoveEmptyAbove(directory);
  RemoveAside(aside);
  return {};
}

}  // namespace tidemark::blob
