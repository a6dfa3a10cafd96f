#include "archive/run_format.h"

#include <zstd.h>

#include <memory>

#include "archive/coding.h"
#include "crypto/hkdf.h"

namespace tidemark::archive {
namespace {

using codec::AppendVarint;
using codec::ReadVarint;

constexpr BytesView kHeadMagic = "TIDERUN1";
constexpr BytesView kFooterMagic = "TIDERUNE";
constexpr uint32_t kRunVersion = 1;
constexpr size_t kHeadFixedBytes = 72;
constexpr int kZstdLevel = 1;

}  // namespace

// head := magic[8] version:u32 wrapped_bytes:u32 run_id[16] log_id:u64 from.segment:u32
//         from.offset:u32 to.segment:u32 to.offset:u32 first_commit:i64 last_commit:i64
//         wrapped_key[wrapped_bytes] zeros tag[16]
Bytes EncodeHead(const RunHead& head) {
  Bytes out(kHeadMagic);
  codec::AppendLittle32(kRunVersion, &out);
  codec::AppendLittle32(static_cast<uint32_t>(head.wrapped_key.size()), &out);
  out += head.id.AsBytes();
  codec::AppendLittle64(head.from.log_id, &out);
  codec::AppendLittle32(head.from.segment, &out);
  codec::AppendLittle32(head.from.offset, &out);
  codec::AppendLittle32(head.to.segment, &out);
  codec::AppendLittle32(head.to.offset, &out);
  AppendTime(head.first_commit, &out);
  AppendTime(head.last_commit, &out);
  out += head.wrapped_key;
  out.resize(kHeadBytes - crypto::kTagBytes, '\0');
  return out;
}

Result<RunHead> ParseHead(BytesView block) {
  BytesView in = block, magic, id, key;
  uint32_t version = 0, wrapped_bytes = 0;
  RunHead head;
  if (block.size() != kHeadBytes || !codec::ReadBytes(&in, 8, &magic) || magic != kHeadMagic) {
    return Fail(ErrorKind::kCorruption, "it does not begin as a run");
  }
  if (!codec::ReadLittle32(&in, &version) || version != kRunVersion) {
    return Fail(ErrorKind::kCorruption, "it has format version {}; this program reads version {}",
                version, kRunVersion);
  }
  if (!codec::ReadLittle32(&in, &wrapped_bytes) || !codec::ReadBytes(&in, 16, &id) ||
      !codec::ReadLittle64(&in, &head.from.log_id) ||
      !codec::ReadLittle32(&in, &head.from.segment) ||
      !codec::ReadLittle32(&in, &head.from.offset) || !codec::ReadLittle32(&in, &head.to.segment) ||
      !codec::ReadLittle32(&in, &head.to.offset) || !ReadTime(&in, &head.first_commit) ||
      !ReadTime(&in, &head.last_commit) ||
      wrapped_bytes > kHeadBytes - kHeadFixedBytes - crypto::kTagBytes ||
      !codec::ReadBytes(&in, wrapped_bytes, &key)) {
    return Damaged("its head");
  }
  head.id = RunId::FromBytes(id);
  head.to.log_id = head.from.log_id;
  head.wrapped_key = key;
  return head;
}

Bytes EncodeFooter(const RunFooter& footer) {
  Bytes out;
  codec::AppendLittle64(footer.directory_offset, &out);
  codec::AppendLittle64(footer.directory_bytes, &out);
  out += kFooterMagic;
  return out;
}

Result<RunFooter> ParseFooter(BytesView bytes, uint64_t file_bytes) {
  RunFooter footer;
  BytesView magic;
  if (bytes.size() != kFooterBytes || !codec::ReadLittle64(&bytes, &footer.directory_offset) ||
      !codec::ReadLittle64(&bytes, &footer.directory_bytes) ||
      !codec::ReadBytes(&bytes, 8, &magic) || magic != kFooterMagic ||
      footer.directory_offset < kHeadBytes || footer.directory_offset > file_bytes ||
      footer.directory_bytes > file_bytes ||
      footer.directory_offset + footer.directory_bytes + kFooterBytes != file_bytes) {
    return Fail(ErrorKind::kCorruption, "it does not end as a run: it was cut, or its end changed");
  }
  return footer;
}

Bytes EncodeDirectory(const Directory& directory) {
  Bytes out;
  AppendVarint(directory.size(), &out);
  for (const SectionEntry& section : directory) {
    out += section.table.AsBytes();
    AppendVarint(section.offset, &out);
    AppendVarint(section.bytes, &out);
    AppendVarint(section.meta_bytes, &out);
    AppendVarint(section.raw_bytes, &out);
    AppendVarint(section.versions, &out);
    AppendTime(section.first_commit, &out);
    AppendTime(section.last_commit, &out);
  }
  return out;
}

Result<Directory> ParseDirectory(BytesView bytes, uint64_t end) {
  Directory directory;
  uint64_t count = 0;
  if (!ReadCount(&bytes, &count)) return Damaged("its directory");
  uint64_t next = kHeadBytes;
  for (; count; --count) {
    SectionEntry& section = directory.emplace_back();
    BytesView id;
    if (!codec::ReadBytes(&bytes, 16, &id) || !ReadVarint(&bytes, &section.offset) ||
        !ReadVarint(&bytes, &section.bytes) || !ReadVarint(&bytes, &section.meta_bytes) ||
        !ReadVarint(&bytes, &section.raw_bytes) || !ReadVarint(&bytes, &section.versions) ||
        !ReadTime(&bytes, &section.first_commit) || !ReadTime(&bytes, &section.last_commit)) {
      return Damaged("its directory");
    }
    section.table = TableId::FromBytes(id);
    if (section.offset != next || section.bytes > end - next ||
        section.meta_bytes > section.bytes ||
        (directory.size() > 1 && directory[directory.size() - 2].table >= section.table)) {
      return Fail(ErrorKind::kCorruption, "its directory contradicts itself at table {}",
                  section.table.ToString());
    }
    next += section.bytes;
  }
  if (!bytes.empty() || next != end) {
    return Fail(ErrorKind::kCorruption, "its directory leaves bytes before {} to nobody", end);
  }
  return directory;
}

Bytes Pack(BytesView raw) {
  thread_local const std::unique_ptr<ZSTD_CCtx, size_t (*)(ZSTD_CCtx*)> context(ZSTD_createCCtx(),
                                                                                ZSTD_freeCCtx);
  Bytes packed(1, '\1');
  AppendVarint(raw.size(), &packed);
  const size_t head = packed.size();
  packed.resize(head + ZSTD_compressBound(raw.size()));
  const size_t size = ZSTD_compressCCtx(context.get(), packed.data() + head, packed.size() - head,
                                        raw.data(), raw.size(), kZstdLevel);
  if (!ZSTD_isError(size) && head + size < raw.size()) {
    packed.resize(head + size);
    return packed;
  }
  packed.assign(1, '\0');
  packed += raw;
  return packed;
}

Result<Bytes> Unpack(BytesView packed) {
  thread_local const std::unique_ptr<ZSTD_DCtx, size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(),
                                                                                ZSTD_freeDCtx);
  uint8_t how = 0;
  uint64_t size = 0;
  if (!codec::ReadU8(&packed, &how) || how > 1) return Damaged("a packed piece");
  if (how == 0) return Bytes(packed);
  // Compressed no better than zstd can: a wrong size is not worth a gigabyte.
  if (!ReadVarint(&packed, &size) || size > kRawBytesMax ||
      ZSTD_getFrameContentSize(packed.data(), packed.size()) != size) {
    return Damaged("a packed piece");
  }
  Bytes raw(size, '\0');
  const size_t got =
      ZSTD_decompressDCtx(context.get(), raw.data(), raw.size(), packed.data(), packed.size());
  if (ZSTD_isError(got) || got != size) return Damaged("a packed piece");
  return raw;
}

crypto::Key256 SectionKey(const crypto::Key256& history_key, RunId run, TableId table) {
  return crypto::Hkdf(history_key, run.AsBytes(),
                      "tidemark run section 1" + Bytes(table.AsBytes()));
}

Bytes SealPiece(const crypto::Aead& aead, Piece piece, uint64_t number, BytesView aad,
                BytesView raw) {
  Bytes sealed = Pack(raw);
  const size_t size = sealed.size();
  sealed.resize(size + crypto::kTagBytes);
  aead.Seal({static_cast<uint32_t>(piece), number}, aad, BytesView(sealed.data(), size),
            sealed.data());
  return sealed;
}

Result<Bytes> OpenPiece(const crypto::Aead& aead, Piece piece, uint64_t number, BytesView aad,
                        BytesView sealed) {
  if (sealed.size() < crypto::kTagBytes) return Damaged("a sealed piece");
  Bytes packed(sealed.size() - crypto::kTagBytes, '\0');
  TM_TRYV(aead.Open({static_cast<uint32_t>(piece), number}, aad, sealed, packed.data()));
  return Unpack(packed);
}

}  // namespace tidemark::archive
