#include "archive/run_format.h"

#define ZSTD_STATIC_LINKING_ONLY  // for ZSTD_c_literalCompressionMode
#include <zstd.h>

#include <cstring>
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
constexpr int kThoroughLevel = 1;
constexpr int kQuickLevel = -4;

using Context = std::unique_ptr<ZSTD_CCtx, size_t (*)(ZSTD_CCtx*)>;

Context MakeCompressor(Effort effort) {
  Context context(ZSTD_createCCtx(), ZSTD_freeCCtx);
  if (effort == Effort::kThorough) {
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, kThoroughLevel);
    return context;
  }
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, kQuickLevel);
  // Levels below zero leave out the one step that gains something with values of few letters. A
  // zstd that has not this parameter ignores it; such blocks are then found not to gain.
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_literalCompressionMode, ZSTD_ps_enable);
  return context;
}

ZSTD_CCtx* Compressor(Effort effort) {
  thread_local const Context quick = MakeCompressor(Effort::kQuick);
  thread_local const Context thorough = MakeCompressor(Effort::kThorough);
  return effort == Effort::kQuick ? quick.get() : thorough.get();
}

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

size_t PackedBytesMax(size_t raw_bytes) {
  return 1 + codec::VarintSize(raw_bytes) + ZSTD_compressBound(raw_bytes);
}

size_t Pack(BytesView raw, Effort effort, char* out) {
  if (effort != Effort::kNone) {
    Bytes head(1, '\1');
    AppendVarint(raw.size(), &head);
    std::memcpy(out, head.data(), head.size());
    const size_t size = ZSTD_compress2(Compressor(effort), out + head.size(),
                                       ZSTD_compressBound(raw.size()), raw.data(), raw.size());
    if (!ZSTD_isError(size) && head.size() + size < raw.size()) return head.size() + size;
  }
  out[0] = '\0';
  std::memcpy(out + 1, raw.data(), raw.size());
  return 1 + raw.size();
}

Bytes Pack(BytesView raw) {
  Bytes packed(PackedBytesMax(raw.size()), '\0');
  packed.resize(Pack(raw, Effort::kThorough, packed.data()));
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

size_t SealPacked(const crypto::Aead& aead, Piece piece, uint64_t number, BytesView aad,
                  char* packed, size_t bytes) {
  aead.Seal({static_cast<uint32_t>(piece), number}, aad, {packed, bytes}, packed);
  return bytes + crypto::kTagBytes;
}

Bytes SealPiece(const crypto::Aead& aead, Piece piece, uint64_t number, BytesView aad,
                BytesView raw) {
  Bytes sealed = Pack(raw);
  const size_t size = sealed.size();
  sealed.resize(size + crypto::kTagBytes);
  SealPacked(aead, piece, number, aad, sealed.data(), size);
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
