#include "backup/arriving_files.h"

#include <algorithm>
#include <map>

#include "backup/offered_files.h"
#include "base/files.h"
#include "base/log.h"
#include "blob/blob_source.h"
#include "engine/run_names.h"

namespace tidemark::backup {
namespace {

constexpr std::string_view kOfferFile = "/OFFER", kBaseFile = "/BASE";

Result<bool> IsFile(const std::string& path, const peer::OfferedFile& file) {
  TM_TRY(const auto source, blob::FileSource::Open(path, blob::FileSource::Kind::kSealed));
  TM_TRY(const auto sha256, blob::HashOf(source));
  return source.size() == file.bytes && sha256 == file.sha256;
}

// By size: files that may be found elsewhere.
using Wanted = std::multimap<uint64_t, const peer::OfferedFile*>;

}  // namespace

std::string ArrivingFiles::Fingerprint() const {
  std::string print = base_;
  for (const peer::OfferedFile& file : files_) {
    print += '\0' + file.name + '\0';
    print.append(reinterpret_cast<const char*>(file.sha256.data()), file.sha256.size());
  }
  return print;
}

std::string ArrivingFiles::PathOf(std::string_view name) const {
  const bool renamed = name == peer::kChangesFile && !changes_name_.empty();
  return fmt::format("{}/{}", files_directory(), renamed ? changes_name_ : name);
}

Result<ArrivingFiles> ArrivingFiles::Begin(const std::string& directory,
                                           std::vector<peer::OfferedFile> files) {
  auto opened = Open(directory);
  if (opened && opened->files_ == files && opened->base_.empty()) return opened;
  TM_TRYV(RemoveTree(directory));
  ArrivingFiles arriving(directory, std::move(files));
  TM_TRYV(MakeDirectories(arriving.files_directory()));
  TM_TRYV(ReplaceFile(directory + std::string(kOfferFile), peer::WriteFiles(arriving.files_)));
  return arriving;
}

Result<ArrivingFiles> ArrivingFiles::BeginChanges(const std::string& directory, const Base& base,
                                                  std::vector<peer::OfferedFile> files) {
  auto opened = Open(directory);
  if (opened && opened->files_ == files && opened->base_ == base.name) return opened;
  TM_TRYV(RemoveTree(directory));
  ArrivingFiles arriving(directory, std::move(files));
  TM_TRYV(MakeDirectories(arriving.files_directory()));
  TM_TRY(const auto names, ListDirectory(base.image));
  for (const std::string& name : names) {
    if (!name.starts_with("KEYS"))
      TM_TRYV(Link(base.image + "/" + name, arriving.files_directory() + "/" + name));
  }
  arriving.base_ = base.name;
  arriving.changes_name_ = engine::NextRunName(names);
  TM_TRYV(SyncDirectory(arriving.files_directory()));
  TM_TRYV(ReplaceFile(directory + std::string(kBaseFile),
                      arriving.base_ + "\n" + arriving.changes_name_));
  TM_TRYV(ReplaceFile(directory + std::string(kOfferFile), peer::WriteFiles(arriving.files_)));
  return arriving;
}

Result<ArrivingFiles> ArrivingFiles::Open(const std::string& directory) {
  TM_TRY(const Bytes offer, ReadFile(directory + std::string(kOfferFile)));
  auto files = peer::ReadFiles(offer);
  if (!files) return Fail(ErrorKind::kCorruption, "{}: {}", directory, files.error().message);
  ArrivingFiles arriving(directory, *std::move(files));
  if (!Exists(directory + std::string(kBaseFile))) return arriving;
  TM_TRY(const Bytes base, ReadFile(directory + std::string(kBaseFile)));
  const size_t line = base.find('\n');
  if (line == Bytes::npos) return Fail(ErrorKind::kCorruption, "{}{}", directory, kBaseFile);
  arriving.base_ = base.substr(0, line);
  arriving.changes_name_ = base.substr(line + 1);
  return arriving;
}

Result<bool> ArrivingFiles::LinkFrom(const std::vector<std::string>& images,
                                     std::chrono::steady_clock::time_point until) const {
  Wanted wanted;
  for (const peer::OfferedFile& file : files_) {
    if (file.name.ends_with(".sst") && !Exists(PathOf(file.name)) && !Exists(PartOf(file.name)))
      wanted.emplace(file.bytes, &file);
  }
  bool linked = false;
  for (const std::string& image : images) {
    if (wanted.empty()) break;
    const auto names = ListDirectory(image);
    if (!names) continue;  // it went meanwhile
    for (const std::string& name : *names) {
      const std::string path = image + "/" + name;
      const auto size = name.ends_with(".sst") ? FileSize(path) : Result<uint64_t>(0);
      if (!size || !wanted.contains(*size)) continue;
      const auto head = HeadOf(path);
      const auto [first, last] = wanted.equal_range(*size);
      const auto at = std::find_if(
          first, last, [&](const auto& one) { return head && one.second->head == *head; });
      if (at == last) continue;
      if (std::chrono::steady_clock::now() > until) return false;
      const auto same = IsFile(path, *at->second);
      if (!same || !*same) continue;
      if (auto done = Link(path, PathOf(at->second->name)); !done) {
        if (done.error().kind == ErrorKind::kNotFound) continue;
        return Fail(std::move(done).error());
      }
      linked = true;
      wanted.erase(at);
    }
  }
  if (linked) TM_TRYV(SyncDirectory(files_directory()));
  return true;
}

std::vector<peer::LackedFile> ArrivingFiles::Lacked() const {
  std::vector<peer::LackedFile> lacked;
  for (const peer::OfferedFile& file : files_) {
    if (Exists(PathOf(file.name))) continue;
    const auto there = FileSize(PartOf(file.name));
    lacked.push_back({.name = file.name, .offset = there ? *there : 0});
  }
  return lacked;
}

Result<uint64_t> ArrivingFiles::Put(std::string_view name, uint64_t offset, BytesView bytes) const {
  const auto file = std::ranges::find(files_, name, &peer::OfferedFile::name);
  if (file == files_.end()) return Fail(ErrorKind::kValidation, "No file {} was offered", name);
  if (Exists(PathOf(name))) return file->bytes;
  const std::string part = PartOf(name);
  const bool begun = Exists(part);
  TM_TRY(OpenFile out,
         OpenFile::Open(part, begun ? OpenFile::Mode::kWrite : OpenFile::Mode::kCreate));
  TM_TRY(const uint64_t there, out.Size());
  if (offset == there && bytes.size() <= file->bytes - std::min(file->bytes, there)) {
    TM_TRYV(out.WriteAt(offset, bytes));
    TM_TRYV(out.SyncData());
    if (!begun) TM_TRYV(SyncDirectory(files_directory()));
    if (offset + bytes.size() == file->bytes) return Complete(*file);
    return offset + bytes.size();
  }
  if (offset == there)
    return Fail(ErrorKind::kValidation, "File {} has {} bytes, not more", name, file->bytes);
  // All of it is there, and a crash came before it was looked at.
  return there == file->bytes ? Complete(*file) : Result<uint64_t>(there);
}

Result<uint64_t> ArrivingFiles::Complete(const peer::OfferedFile& file) const {
  const std::string part = PartOf(file.name);
  TM_TRY(const bool same, IsFile(part, file));
  if (!same) {
    LogWarn("{} is not what was offered, and is dropped", part);
    TM_TRYV(RemoveFile(part));
    return 0;
  }
  TM_TRYV(Rename(part, PathOf(file.name)));
  TM_TRYV(SyncDirectory(files_directory()));
  return file.bytes;
}

Result<void> ArrivingFiles::LinkInto(const std::string& image) const {
  TM_TRYV(RemoveTree(image));  // of an attempt that was cut off
  TM_TRYV(MakeDirectories(image));
  TM_TRY(const auto names, ListDirectory(files_directory()));
  for (const std::string& name : names) {
    if (!name.ends_with(".part") && !name.ends_with(".new"))
      TM_TRYV(Link(files_directory() + "/" + name, image + "/" + name));
  }
  TM_TRYV(SyncDirectory(image));
  return SyncDirectory(ParentDirectory(image));
}

}  // namespace tidemark::backup
