#include "blob/local/listing.h"

#include <algorithm>

#include "base/files.h"
#include "blob/local/blob_path.h"
#include "blob/put_rules.h"

namespace tidemark::blob {
namespace {

constexpr int kListTriesMax = 1000;

struct Child {
  PathPiece piece;
  std::string entry;
};

// In order of names.
Result<std::vector<Child>> Children(const std::string& directory) {
  TM_TRY(auto entries, DirectoryEntries(directory));
  std::vector<Child> children;
  for (DirectoryEntry& entry : entries) {
    if (!entry.is_directory) continue;
    if (auto piece = ParsePathPiece(entry.name)) {
      children.push_back({.piece = std::move(*piece), .entry = std::move(entry.name)});
    }
  }
  std::ranges::sort(children, [](const Child& a, const Child& b) {
    if (a.piece.piece != b.piece.piece) return a.piece.piece < b.piece.piece;
    return a.piece.last && !b.piece.last;
  });
  return children;
}

class Walk {
 public:
  Walk(const ListQuery& query, ListPage* page) : query_(query), page_(*page) {}

  // `begin`: what all names in the directory begin with. Stops once the page is full.
  Result<void> Visit(const std::string& directory, const std::string& begin) {
    auto children = Children(directory);
    if (!children) return Missing(children.error());
    for (const Child& child : *children) {
      if (page_.more) break;
      const std::string name = begin + child.piece.piece;
      const std::string path = directory + "/" + child.entry;
      if (child.piece.last) {
        if (name > query_.after && name.starts_with(query_.prefix)) TM_TRYV(Add(name, path));
      } else if (MayHold(name)) {
        TM_TRYV(Visit(path, name));
      }
    }
    return {};
  }

 private:
  static Result<void> Missing(const Error& error) {
    return error.kind == ErrorKind::kNotFound ? Result<void>() : Fail(error);
  }

  // Can a name that begins so be on the page?
  bool MayHold(std::string_view begin) const {
    const std::string_view prefix = query_.prefix, after = query_.after;
    if (!begin.starts_with(prefix) && !prefix.starts_with(begin)) return false;
    return begin > after || after.starts_with(begin);
  }

  Result<void> Add(const std::string& name, const std::string& path) {
    const auto info = InfoIn(path, name);
    if (!info) return Missing(info.error());
    page_.more = page_.blobs.size() == query_.limit;
    if (!page_.more) page_.blobs.push_back({.name = name, .bytes = info->bytes});
    return {};
  }

  const ListQuery& query_;
  ListPage& page_;
};

}  // namespace

Result<ListPage> ListBeneath(const std::string& directory, const ListQuery& query) {
  ListPage page;
  TM_TRYV(Walk(query, &page).Visit(directory, ""));
  return page;
}

Result<BlobInfo> InfoIn(const std::string& blob_directory, std::string_view name) {
  // WHY again: a directory that was opened may be moved away, replaced and emptied before it is
  // read; then another of that name has the file.
  for (int tries = 0; tries < kListTriesMax; ++tries) {
    const auto entries = ListDirectory(blob_directory);
    if (!entries) {
      if (entries.error().kind == ErrorKind::kNotFound) return NotThere(name);
      return Fail(entries.error());
    }
    for (const std::string& entry : *entries) {
      if (auto info = ParseFileName(entry)) return *info;
    }
  }
  return Fail(ErrorKind::kCorruption, "blob {}: {} lacks its file", name, blob_directory);
}

}  // namespace tidemark::blob
