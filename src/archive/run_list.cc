#include "archive/run_list.h"

#include "base/files.h"
#include "codec/varint.h"

namespace tidemark::archive {
namespace {

constexpr BytesView kMagic = "TIDELIST";
constexpr uint32_t kListVersion = 1;
constexpr BytesView kKeyContext = "history list";  // of DataKeyProvider
constexpr crypto::Nonce kNonce{1, 0};              // every state of the file has a key of its own

Unexpected Damaged(const std::string& path, std::string_view what) {
  return Fail(ErrorKind::kCorruption,
              "{}: {}. Put an undamaged copy back; or remove it with the whole directory, which "
              "gives up the history of point-in-time recovery before now (tables and backups do "
              "not need it)",
              path, what);
}

}  // namespace

// file := magic[8] version:u32 wrapped_key:sized sealed(list) tag[16]; what is before is
// authenticated with the list.
Result<RunList> LoadRunList(const std::string& path, crypto::DataKeyProvider& keys) {
  auto file = ReadFile(path);
  if (!file && file.error().kind == ErrorKind::kNotFound) return RunList{};
  if (!file) return Fail(file.error());
  BytesView in = *file, magic, wrapped;
  uint32_t version = 0;
  if (!codec::ReadBytes(&in, kMagic.size(), &magic) || magic != kMagic ||
      !codec::ReadLittle32(&in, &version)) {
    return Damaged(path, "it does not begin as a list of runs");
  }
  if (version != kListVersion) {
    return Fail(ErrorKind::kCorruption, "{} has format version {}; this program reads version {}",
                path, version, kListVersion);
  }
  if (!codec::ReadSized(&in, &wrapped) || in.size() < crypto::kTagBytes)
    return Damaged(path, "it was cut");
  auto key = keys.Unwrap(wrapped, kKeyContext);
  if (!key && key.error().kind == ErrorKind::kCorruption) return Damaged(path, key.error().message);
  if (!key) return Fail(key.error());
  Bytes plain(in.size() - crypto::kTagBytes, '\0');
  const BytesView before = BytesView(*file).substr(0, file->size() - in.size());
  if (!crypto::Aead(*key).Open(kNonce, before, in, plain.data()))
    return Damaged(path, "its bytes changed");
  auto list = ParseRunList(plain);
  if (!list) return Damaged(path, list.error().message);
  return list;
}

Result<void> StoreRunList(const std::string& path, const RunList& list,
                          crypto::DataKeyProvider& keys) {
  TM_TRY(const auto key, keys.Generate(kKeyContext));
  Bytes file(kMagic);
  codec::AppendLittle32(kListVersion, &file);
  codec::AppendSized(key.wrapped, &file);
  const Bytes plain = EncodeRunList(list);
  const size_t before = file.size();
  file.resize(before + plain.size() + crypto::kTagBytes);
  crypto::Aead(key.key).Seal(kNonce, BytesView(file.data(), before), plain, file.data() + before);
  return ReplaceFile(path, file);
}

}  // namespace tidemark::archive
