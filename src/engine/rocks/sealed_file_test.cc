// The two kinds of sealed files, below RocksDB.
#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <random>

#include "base/random.h"
#include "engine/rocks/key_ring.h"
#include "engine/rocks/rocks_status.h"
#include "engine/rocks/seal_head.h"
#include "engine/rocks/sealing_file_system.h"
#include "engine/test_keys.h"
#include "engine/test_rows.h"

namespace tidemark::engine {
namespace {

using rocksdb::FileOptions;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

class SealedFile : public testing::Test {
 protected:
  SealedFile() { files_ = FilesWith(TableId::Make(TheSystemRandom())); }

  std::shared_ptr<SealingFileSystem> FilesWith(TableId table) {
    std::vector<WrappedKey> keys{Must(MakeTableKey(keys_, TheSystemRandom(), table))};
    auto ring = Must(UnwrapKeys(keys_, keys));
    return std::make_shared<SealingFileSystem>(directory_.path(), ring, TheSystemRandom(),
                                               std::make_shared<DescriptorPool>(4));
  }

  // Appends `content` in pieces of random size.
  void WriteFile(const std::string& name, BytesView content) {
    std::unique_ptr<rocksdb::FSWritableFile> file;
    ASSERT_TRUE(files_->NewWritableFile("/table/" + name, FileOptions(), &file, nullptr).ok());
    for (BytesView rest = content; !rest.empty();) {
      size_t take = std::min<size_t>(rest.size(), 1 + random_() % 9000);
      ASSERT_TRUE(file->Append(Slice(rest.substr(0, take)), IOOptions(), nullptr).ok());
      rest.remove_prefix(take);
    }
    EXPECT_EQ(file->GetFileSize(IOOptions(), nullptr), content.size());
    ASSERT_TRUE(file->Sync(IOOptions(), nullptr).ok());
    ASSERT_TRUE(file->Close(IOOptions(), nullptr).ok());
  }

  Result<Bytes> ReadWriteOnce(const std::string& name, uint64_t offset, size_t bytes) {
    std::unique_ptr<rocksdb::FSRandomAccessFile> file;
    TM_TRYV(CheckRocks(files_->NewRandomAccessFile("/table/" + name, FileOptions(), &file, nullptr),
                       "open"));
    Bytes scratch(bytes, '\0');
    Slice got;
    TM_TRYV(
        CheckRocks(file->Read(offset, bytes, IOOptions(), &got, scratch.data(), nullptr), "read"));
    return Bytes(got.data(), got.size());
  }

  Result<Bytes> ReadInOrder(const std::string& name) {
    std::unique_ptr<rocksdb::FSSequentialFile> file;
    TM_TRYV(CheckRocks(files_->NewSequentialFile("/table/" + name, FileOptions(), &file, nullptr),
                       "open"));
    Bytes content;
    Bytes scratch(777, '\0');
    while (true) {
      Slice got;
      TM_TRYV(CheckRocks(file->Read(scratch.size(), IOOptions(), &got, scratch.data(), nullptr),
                         "read"));
      if (got.empty()) return content;
      content.append(got.data(), got.size());
    }
  }

  Result<uint64_t> Size(const std::string& name) {
    uint64_t size = 0;
    TM_TRYV(CheckRocks(files_->GetFileSize("/table/" + name, IOOptions(), &size, nullptr), "size"));
    return size;
  }

  Bytes Raw(const std::string& name) {
    std::ifstream in(directory_ / name, std::ios::binary);
    return Bytes(std::istreambuf_iterator<char>(in), {});
  }
  void SetRaw(const std::string& name, BytesView content) {
    std::ofstream(directory_ / name, std::ios::binary | std::ios::trunc) << content;
  }
  Bytes Noise(size_t size) { return TheSystemRandom().String(size); }

  TemporaryDirectory directory_;
  TestKeys keys_;
  std::shared_ptr<SealingFileSystem> files_;
  uint64_t seed_ = std::random_device{}();
  std::mt19937_64 random_{seed_};
};

TEST_F(SealedFile, WriteOnceFilesReadBackAtEveryBorder) {
  SCOPED_TRACE(seed_);
  constexpr size_t kChunk = kChunkPlainBytes;
  for (size_t size : {size_t{0}, size_t{1}, kChunk - 1, kChunk, kChunk + 1, 2 * kChunk,
                      3 * kChunk + 17, 70 * kChunk, 200 * kChunk + 5}) {
    Bytes content = Noise(size);
    WriteFile("a.sst", content);
    EXPECT_EQ(Must(Size("a.sst")), size);
    EXPECT_EQ(Must(ReadInOrder("a.sst")), content);
    for (int i = 0; i < 50; ++i) {
      uint64_t offset = random_() % (size + 2);
      size_t bytes = random_() % (i % 2 == 0 ? 100 : 80 * kChunk);
      Bytes expected = offset >= size ? Bytes() : content.substr(offset, bytes);
      ASSERT_EQ(Must(ReadWriteOnce("a.sst", offset, bytes)), expected) << offset << " " << bytes;
    }
  }
}

TEST_F(SealedFile, ManyPartsAreReadAtOnceAsOneByOne) {
  SCOPED_TRACE(seed_);
  const Bytes content = Noise(300 * kChunkPlainBytes + 9);
  WriteFile("a.sst", content);
  std::unique_ptr<rocksdb::FSRandomAccessFile> file;
  ASSERT_TRUE(files_->NewRandomAccessFile("/table/a.sst", FileOptions(), &file, nullptr).ok());
  for (const size_t step : {size_t{100}, kChunkPlainBytes, 20 * kChunkPlainBytes}) {
    std::vector<rocksdb::FSReadRequest> requests;
    std::vector<std::unique_ptr<char[]>> buffers;
    for (uint64_t offset = 0; offset < content.size() + step;) {
      offset += random_() % 3 == 0 ? 0 : random_() % step;
      const size_t bytes = random_() % step;
      buffers.push_back(std::make_unique<char[]>(bytes));
      requests.push_back({offset, bytes, buffers.back().get(), {}, {}});
      if (random_() % 50 != 0) offset += bytes;  // over the next one now and then
    }
    for (size_t i = 1; i < requests.size(); ++i) {
      if (random_() % 20 == 0) std::swap(requests[i - 1], requests[i]);
    }
    ASSERT_TRUE(file->MultiRead(requests.data(), requests.size(), IOOptions(), nullptr).ok());
    for (const auto& [offset, bytes, scratch, result, status] : requests) {
      ASSERT_TRUE(status.ok());
      ASSERT_EQ(result.ToString(), offset > content.size() ? "" : content.substr(offset, bytes))
          << offset << " " << bytes;
    }
  }
}

TEST_F(SealedFile, DamageFailsThePartItIsIn) {
  WriteFile("a.sst", Noise(100 * kChunkPlainBytes));
  Bytes raw = Raw("a.sst");
  raw[11 * kSealBlockBytes + 5] ^= 1;  // of chunk 10
  SetRaw("a.sst", raw);
  std::unique_ptr<rocksdb::FSRandomAccessFile> file;
  ASSERT_TRUE(files_->NewRandomAccessFile("/table/a.sst", FileOptions(), &file, nullptr).ok());
  std::vector<Bytes> buffers(4, Bytes(10, '\0'));
  std::vector<rocksdb::FSReadRequest> requests;
  for (const uint64_t chunk : {8, 9, 10, 90})
    requests.push_back({chunk * kChunkPlainBytes, 10, buffers[requests.size()].data(), {}, {}});
  ASSERT_TRUE(file->MultiRead(requests.data(), requests.size(), IOOptions(), nullptr).ok());
  for (const auto& request : requests)
    EXPECT_EQ(request.status.IsCorruption(), request.offset / kChunkPlainBytes == 10);
}

TEST_F(SealedFile, WriteOnceFilesRefuseToGrowAfterSync) {
  std::unique_ptr<rocksdb::FSWritableFile> file;
  ASSERT_TRUE(files_->NewWritableFile("/table/a.sst", FileOptions(), &file, nullptr).ok());
  ASSERT_TRUE(file->Append(Slice("abc"), IOOptions(), nullptr).ok());
  ASSERT_TRUE(file->Sync(IOOptions(), nullptr).ok());
  EXPECT_FALSE(file->Append(Slice("def"), IOOptions(), nullptr).ok());
  ASSERT_TRUE(file->Close(IOOptions(), nullptr).ok());
  EXPECT_EQ(Must(ReadInOrder("a.sst")), "abc");
}

TEST_F(SealedFile, EveryFlippedByteOfAWriteOnceFileIsNoticed) {
  Bytes content = Noise(3 * kChunkPlainBytes + 100);
  WriteFile("a.sst", content);
  Bytes raw = Raw("a.sst");
  for (size_t at = 0; at < raw.size(); at += 1 + random_() % 300) {
    Bytes bad = raw;
    bad[at] = static_cast<char>(bad[at] ^ (1 << (random_() % 8)));
    SetRaw("a.sst", bad);
    auto read = ReadInOrder("a.sst");
    ASSERT_FALSE(read) << at;
    ASSERT_EQ(read.error().kind, ErrorKind::kCorruption) << at << read.error().message;
    ASSERT_NE(read.error().message.find(directory_ / "a.sst"), std::string::npos);
  }
}

TEST_F(SealedFile, EveryCutOfAWriteOnceFileIsNoticed) {
  WriteFile("a.sst", Noise(4 * kChunkPlainBytes));
  Bytes raw = Raw("a.sst");
  for (size_t size = 0; size<raw.size(); size += size % 4096> 100 && size % 4096 < 3900 ? 97 : 1) {
    SetRaw("a.sst", BytesView(raw).substr(0, size));
    auto read = ReadInOrder("a.sst");
    ASSERT_FALSE(read) << size;
    ASSERT_EQ(read.error().kind, ErrorKind::kCorruption) << size;
  }
}

TEST_F(SealedFile, ChunksCannotChangePlaces) {
  WriteFile("a.sst", Noise(4 * kChunkPlainBytes));
  Bytes raw = Raw("a.sst");
  Bytes swapped = raw;
  swapped.replace(4096, 4096, raw, 8192, 4096).replace(8192, 4096, raw, 4096, 4096);
  SetRaw("a.sst", swapped);
  EXPECT_EQ(ReadInOrder("a.sst").error().kind, ErrorKind::kCorruption);
}

TEST_F(SealedFile, NothingIsReadWithAnotherKey) {
  WriteFile("a.sst", "secret");
  WriteFile("MANIFEST-000001", "secret");
  files_ = FilesWith(TableId::Make(TheSystemRandom()));
  EXPECT_EQ(ReadInOrder("a.sst").error().kind, ErrorKind::kCorruption);
  EXPECT_EQ(ReadInOrder("MANIFEST-000001").error().kind, ErrorKind::kCorruption);
}

TEST_F(SealedFile, AppendFilesReadBackWithTheirSize) {
  SCOPED_TRACE(seed_);
  for (size_t size : {1, 16, 5000, 300000}) {
    Bytes content = Noise(size);
    WriteFile("MANIFEST-000001", content);
    EXPECT_EQ(Must(Size("MANIFEST-000001")), size);
    EXPECT_EQ(Must(ReadInOrder("MANIFEST-000001")), content);
  }
}

TEST_F(SealedFile, AppendFileThatIsNeverWrittenIsNeverMade) {
  WriteFile("000001.log", "");
  EXPECT_EQ(ReadInOrder("000001.log").error().kind, ErrorKind::kNotFound);
}

TEST_F(SealedFile, AppendFilesGoOnAfterASyncAndAMoveOfTheirDirectory) {
  std::unique_ptr<rocksdb::FSWritableFile> file;
  ASSERT_TRUE(files_->NewWritableFile("/table/M", FileOptions(), &file, nullptr).ok());
  Bytes expected;
  for (int i = 0; i < 5; ++i) {
    Bytes frame = Noise(1000);
    ASSERT_TRUE(file->Append(Slice(frame), IOOptions(), nullptr).ok());
    ASSERT_TRUE(file->Sync(IOOptions(), nullptr).ok());
    expected += frame;
    EXPECT_EQ(Must(ReadInOrder("M")), expected);
    if (i == 2) {
      TM_ASSERT_OK(files_->MoveTo(directory_.path() + ".moved"));
    }
  }
  TM_ASSERT_OK(files_->MoveTo(directory_.path()));
  EXPECT_EQ(Must(ReadInOrder("M")), expected);
}

TEST_F(SealedFile, CutAppendFileEndsAtTheLastWholeFrame) {
  Bytes expected;
  std::unique_ptr<rocksdb::FSWritableFile> file;
  ASSERT_TRUE(files_->NewWritableFile("/table/M", FileOptions(), &file, nullptr).ok());
  std::vector<std::pair<size_t, Bytes>> ends{{0, ""}};  // physical size, content up to there
  for (int i = 0; i < 5; ++i) {
    Bytes frame = Noise(50 + static_cast<size_t>(i));
    ASSERT_TRUE(file->Append(Slice(frame), IOOptions(), nullptr).ok());
    ASSERT_TRUE(file->Sync(IOOptions(), nullptr).ok());
    expected += frame;
    ends.emplace_back(Raw("M").size(), expected);
  }
  ASSERT_TRUE(file->Close(IOOptions(), nullptr).ok());
  Bytes raw = Raw("M");
  ASSERT_EQ(ends.back().first, raw.size());
  for (size_t size = 0; size < raw.size(); size += size < 4000 ? 501 : 3) {
    SetRaw("M", BytesView(raw).substr(0, size));
    auto whole =
        std::find_if(ends.rbegin(), ends.rend(), [&](auto& end) { return end.first <= size; });
    ASSERT_EQ(Must(ReadInOrder("M")), whole->second) << size;
    ASSERT_EQ(Must(Size("M")), whole->second.size()) << size;
  }
  SetRaw("M", raw + Bytes(5000, '\0'));  // blocks reserved, never written
  EXPECT_EQ(Must(ReadInOrder("M")), expected);
}

// As a disk may leave an append whose sync failed: the file has its size, but sectors are missing.
TEST_F(SealedFile, AnAppendThatLacksSectorsIsTheEndUnlessMoreFollows) {
  std::unique_ptr<rocksdb::FSWritableFile> file;
  ASSERT_TRUE(files_->NewWritableFile("/table/M", FileOptions(), &file, nullptr).ok());
  const Bytes first = Noise(400), second = Noise(1600), third = Noise(300);
  std::vector<Bytes> raws;
  for (const Bytes& frame : {first, second, third}) {
    ASSERT_TRUE(file->Append(Slice(frame), IOOptions(), nullptr).ok());
    ASSERT_TRUE(file->Sync(IOOptions(), nullptr).ok());
    raws.push_back(Raw("M"));
  }
  ASSERT_TRUE(file->Close(IOOptions(), nullptr).ok());
  const size_t begin = raws[0].size(), end = raws[1].size();
  for (size_t sector = begin / 512 * 512; sector + 512 < end; sector += 512) {
    const size_t from = std::max(begin, sector);
    Bytes torn = raws[1];
    torn.replace(from, sector + 512 - from, sector + 512 - from, '\0');
    SetRaw("M", torn);
    ASSERT_EQ(Must(ReadInOrder("M")), first) << sector;
    Bytes damaged = raws[2];
    damaged.replace(from, sector + 512 - from, sector + 512 - from, '\0');
    SetRaw("M", damaged);
    const auto read = ReadInOrder("M");
    ASSERT_FALSE(read) << sector;
    ASSERT_EQ(read.error().kind, ErrorKind::kCorruption);
  }
}

// A power cut may lose some of what was written since the last sync and leave the rest.
TEST_F(SealedFile, WhatIsAppendedBetweenSyncsIsLostTogether) {
  std::unique_ptr<rocksdb::FSWritableFile> file;
  ASSERT_TRUE(files_->NewWritableFile("/table/M", FileOptions(), &file, nullptr).ok());
  const Bytes first = Noise(400), second = Noise(900), third = Noise(900);
  ASSERT_TRUE(file->Append(Slice(first), IOOptions(), nullptr).ok());
  ASSERT_TRUE(file->Sync(IOOptions(), nullptr).ok());
  const size_t begin = Raw("M").size();
  for (const Bytes& part : {second, third})
    ASSERT_TRUE(file->Append(Slice(part), IOOptions(), nullptr).ok());
  ASSERT_TRUE(file->Sync(IOOptions(), nullptr).ok());
  const Bytes raw = Raw("M");
  EXPECT_EQ(Must(ReadInOrder("M")), first + second + third);
  for (size_t sector = begin / 512 * 512; sector + 512 < raw.size(); sector += 512) {
    const size_t from = std::max(begin, sector);
    Bytes torn = raw;
    torn.replace(from, sector + 512 - from, sector + 512 - from, '\0');
    SetRaw("M", torn);
    ASSERT_EQ(Must(ReadInOrder("M")), first) << sector;
  }
}

TEST_F(SealedFile, EveryFlippedByteOfAnAppendFileIsNoticed) {
  WriteFile("M", Noise(40000));
  Bytes raw = Raw("M");
  for (size_t at = 0; at < raw.size(); at += 1 + random_() % 300) {
    Bytes bad = raw;
    bad[at] = static_cast<char>(bad[at] ^ (1 << (random_() % 8)));
    SetRaw("M", bad);
    auto read = ReadInOrder("M");
    ASSERT_FALSE(read) << at;
    ASSERT_EQ(read.error().kind, ErrorKind::kCorruption) << at;
  }
}

TEST_F(SealedFile, TheSameContentIsNeverSealedTheSameWay) {
  Bytes content(100, 'x');
  WriteFile("a.sst", content);
  WriteFile("b.sst", content);
  EXPECT_NE(Raw("a.sst").substr(4096), Raw("b.sst").substr(4096));
}

TEST_F(SealedFile, RefusesWhatWouldWriteInPlaceAndOptionsFiles) {
  WriteFile("a.sst", "abc");
  std::unique_ptr<rocksdb::FSWritableFile> file;
  EXPECT_TRUE(
      files_->ReopenWritableFile("/table/a.sst", FileOptions(), &file, nullptr).IsNotSupported());
  EXPECT_TRUE(files_->NewWritableFile("/table/OPTIONS-000007.dbtmp", FileOptions(), &file, nullptr)
                  .IsNotSupported());
  std::unique_ptr<rocksdb::FSRandomRWFile> in_place;
  EXPECT_TRUE(
      files_->NewRandomRWFile("/table/a.sst", FileOptions(), &in_place, nullptr).IsNotSupported());
  std::unique_ptr<rocksdb::MemoryMappedFileBuffer> map;
  EXPECT_TRUE(files_->NewMemoryMappedFileBuffer("/table/a.sst", &map).IsNotSupported());
}

TEST(KeyList, ReadsBackAndNoticesDamage) {
  TemporaryDirectory directory;
  TestKeys provider;
  TableId table = TableId::Make(TheSystemRandom());
  auto first = Must(MakeTableKey(provider, TheSystemRandom(), table));
  auto second = Must(MakeTableKey(provider, TheSystemRandom(), table));
  first.current = false;
  TM_ASSERT_OK(WriteKeys(directory.path(), {first, second}));
  auto read = Must(ReadKeys(directory.path()));
  ASSERT_EQ(read.size(), 2u);
  EXPECT_EQ(read[0].wrapped, first.wrapped);
  EXPECT_EQ(read[1].context, TableKeyContext(table));
  auto ring = Must(UnwrapKeys(provider, read));
  EXPECT_EQ(ring->current().generation, second.generation);
  EXPECT_NE(ring->Find(first.generation), nullptr);
  EXPECT_EQ(ring->Find(KeyGeneration{}), nullptr);

  std::ifstream in(directory / "KEYS", std::ios::binary);
  Bytes raw(std::istreambuf_iterator<char>(in), {});
  for (size_t at = 0; at < raw.size(); at += 3) {
    Bytes bad = raw;
    bad[at] = static_cast<char>(bad[at] ^ 0x40);
    std::ofstream(directory / "KEYS", std::ios::binary | std::ios::trunc) << bad;
    ASSERT_EQ(ReadKeys(directory.path()).error().kind, ErrorKind::kCorruption) << at;
    std::ofstream(directory / "KEYS", std::ios::binary | std::ios::trunc) << raw.substr(0, at);
    ASSERT_EQ(ReadKeys(directory.path()).error().kind, ErrorKind::kCorruption) << at;
  }
}

}  // namespace
}  // namespace tidemark::engine
