#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <random>
#include <thread>

#include "base/files.h"
#include "base/test_directory.h"
#include "blob/contract.h"
#include "blob/transfer.h"

namespace tidemark::blob {

void BlobStoreContract::SetUp() {
  under_test_ = GetParam().open();
  ASSERT_TRUE(under_test_.store) << "no " << GetParam().name;
}

void BlobStoreContract::Put(std::string_view name, BytesView content) {
  const auto put = store().Put(name, MemorySource(content), {});
  ASSERT_TRUE(put) << name << ": " << put.error().message;
  EXPECT_EQ(put->bytes, content.size());
  EXPECT_EQ(put->sha256, crypto::Sha256(content));
}

std::string BlobStoreContract::GetAll(std::string_view name) {
  const auto part = store().Get(name, {});
  if (!part) return fmt::format("{}: {}", ToString(part.error().kind), part.error().message);
  return part->bytes;
}

namespace {

Bytes RandomBytes(uint64_t size, uint32_t seed) {
  std::mt19937_64 random(seed);
  Bytes bytes;
  while (bytes.size() < size) {
    const uint64_t word = random();
    bytes.append(reinterpret_cast<const char*>(&word), sizeof word);
  }
  bytes.resize(size);
  return bytes;
}

template <class T>
ErrorKind KindOf(const Result<T>& result) {
  EXPECT_FALSE(result);
  return result ? ErrorKind::kInternal : result.error().kind;
}

// Runs work(0..count-1) on that many threads at the same time.
void Together(int count, const std::function<void(int)>& work) {
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) threads.emplace_back(work, i);
  for (std::thread& thread : threads) thread.join();
}

std::vector<std::string> Names(const ListPage& page) {
  std::vector<std::string> names;
  for (const ListedBlob& blob : page.blobs) names.push_back(blob.name);
  return names;
}

// Not kNotFound: an error of the store is a failure of the test.
bool IsThere(BlobStore& store, std::string_view name) {
  const auto head = store.Head(name);
  EXPECT_TRUE(head || head.error().kind == ErrorKind::kNotFound) << head.error().message;
  return head.has_value();
}

}  // namespace

TEST_P(BlobStoreContract, GivesBackWhatWasPut) {
  Put("a/b", "hello");
  EXPECT_EQ(GetAll("a/b"), "hello");
  const auto head = store().Head("a/b");
  ASSERT_TRUE(head);
  EXPECT_EQ(head->bytes, 5u);
  EXPECT_EQ(head->sha256, crypto::Sha256("hello"));
  EXPECT_TRUE(IsWriter(head->writer)) << head->writer;
}

TEST_P(BlobStoreContract, SaysWhatIsNotThere) {
  EXPECT_EQ(KindOf(store().Get("nothing", {})), ErrorKind::kNotFound);
  EXPECT_EQ(KindOf(store().Head("nothing")), ErrorKind::kNotFound);
  EXPECT_TRUE(store().Delete("nothing"));
  Put("dir/blob", "x");
  EXPECT_EQ(KindOf(store().Head("dir")), ErrorKind::kNotFound);
  EXPECT_EQ(KindOf(store().Head("dir/")), ErrorKind::kNotFound);
}

TEST_P(BlobStoreContract, KeepsAnEmptyBlob) {
  Put("empty", "");
  EXPECT_EQ(GetAll("empty"), "");
  const auto part = store().Get("empty", {.offset = 0, .bytes = 10});
  ASSERT_TRUE(part) << part.error().message;
  EXPECT_EQ(part->info.bytes, 0u);
  EXPECT_TRUE(Verify(store(), "empty"));
}

TEST_P(BlobStoreContract, ReplacesABlob) {
  Put("a", "one");
  Put("a", "another");
  EXPECT_EQ(GetAll("a"), "another");
  const auto page = store().List({});
  ASSERT_TRUE(page);
  EXPECT_THAT(Names(*page), testing::ElementsAre("a"));
}

TEST_P(BlobStoreContract, DeletesForGood) {
  Put("x/a", "1");
  Put("x/b", "2");
  ASSERT_TRUE(store().Delete("x/a"));
  EXPECT_FALSE(IsThere(store(), "x/a"));
  EXPECT_TRUE(store().Delete("x/a"));
  EXPECT_EQ(GetAll("x/b"), "2");
  ASSERT_TRUE(store().Delete("x/b"));
  const auto page = store().List({});
  ASSERT_TRUE(page);
  EXPECT_TRUE(page->blobs.empty());
  Put("x/a", "again");
  EXPECT_EQ(GetAll("x/a"), "again");
}

TEST_P(BlobStoreContract, PutsOnlyIfAbsent) {
  const PutOptions absent{.only_if_absent = true};
  ASSERT_TRUE(store().Put("a", MemorySource("first"), absent));
  EXPECT_EQ(KindOf(store().Put("a", MemorySource("second"), absent)), ErrorKind::kAlreadyExists);
  EXPECT_EQ(GetAll("a"), "first");
  ASSERT_TRUE(store().Delete("a"));
  EXPECT_TRUE(store().Put("a", MemorySource("third"), absent));
  EXPECT_EQ(GetAll("a"), "third");
}

TEST_P(BlobStoreContract, RefusesASourceThatIsNotWhatItWas) {
  PutOptions options{.sha256 = crypto::Sha256("hello")};
  EXPECT_TRUE(store().Put("a", MemorySource("hello"), options));
  EXPECT_EQ(KindOf(store().Put("b", MemorySource("hellO"), options)), ErrorKind::kCorruption);
  EXPECT_FALSE(IsThere(store(), "b"));
}

TEST_P(BlobStoreContract, RemembersWhoPutIt) {
  const std::string writer = NewWriter();
  ASSERT_TRUE(store().Put("a", MemorySource("x"), {.writer = writer}));
  const auto head = store().Head("a");
  ASSERT_TRUE(head);
  EXPECT_EQ(head->writer, writer);
  EXPECT_EQ(KindOf(store().Put("a", MemorySource("x"), {.writer = "me"})), ErrorKind::kValidation);
}

TEST_P(BlobStoreContract, ReadsRangesAtEdges) {
  Put("a", "0123456789");
  const auto range = [&](uint64_t offset, uint64_t bytes) {
    const auto part = store().Get("a", {.offset = offset, .bytes = bytes});
    if (!part) return part.error().message;
    EXPECT_EQ(part->info.bytes, 10u);
    EXPECT_EQ(part->info.sha256, crypto::Sha256("0123456789"));
    return part->bytes;
  };
  EXPECT_EQ(range(0, 1), "0");
  EXPECT_EQ(range(9, 1), "9");
  EXPECT_EQ(range(3, 4), "3456");
  EXPECT_EQ(range(0, 10), "0123456789");
  EXPECT_EQ(range(0, 11), "0123456789");
  EXPECT_EQ(range(5, kToTheEnd), "56789");
  EXPECT_EQ(range(9, 100), "9");
  EXPECT_EQ(range(10, 1), "");
  EXPECT_EQ(range(11, 1), "");
  EXPECT_EQ(range(4, 0), "");
  EXPECT_EQ(range(UINT64_MAX, kToTheEnd), "");
}

TEST_P(BlobStoreContract, CarriesABigBlobToAFileAndBack) {
  const TestDirectory directory;
  const std::string from = directory.path() / "from", to = directory.path() / "to";
  const Bytes big = RandomBytes(GetParam().big_bytes + 12345, 1);
  for (const auto kind : {FileSource::Kind::kSealed, FileSource::Kind::kChangeable}) {
    const bool sealed = kind == FileSource::Kind::kSealed;
    const Bytes content = sealed ? big : big.substr(0, 1'234'567);
    ASSERT_TRUE(ReplaceFile(from, content));
    const auto source = FileSource::Open(from, kind);
    ASSERT_TRUE(source);
    const auto put = store().Put("big", *source, {});
    ASSERT_TRUE(put) << put.error().message;
    EXPECT_EQ(put->sha256, crypto::Sha256(content));
    const auto fetched = Fetch(store(), "big", to, 1 << 20);
    ASSERT_TRUE(fetched) << fetched.error().message;
    EXPECT_EQ(fetched->bytes, content.size());
    const auto read = ReadFile(to);
    ASSERT_TRUE(read);
    EXPECT_TRUE(*read == content);
  }
}

TEST_P(BlobStoreContract, NamesDamage) {
  Put("sound", "0123456789");
  Put("hurt", "0123456789");
  under_test_.damage("hurt");
  EXPECT_EQ(GetAll("sound"), "0123456789");
  const auto got = store().Get("hurt", {});
  EXPECT_EQ(KindOf(got), ErrorKind::kCorruption);
  EXPECT_THAT(got.error().message, testing::HasSubstr("hurt"));
  const auto verified = Verify(store(), "hurt", 3);
  EXPECT_EQ(KindOf(verified), ErrorKind::kCorruption);
  EXPECT_THAT(verified.error().message, testing::HasSubstr("hurt"));
}

TEST_P(BlobStoreContract, TakesAnyName) {
  const std::vector<std::string> names = {"a",
                                          "a.b",
                                          ".",
                                          "..",
                                          "../a",
                                          "a/../b",
                                          "a/",
                                          "a/b",
                                          "a//b",
                                          "/a",
                                          "//",
                                          " a ",
                                          "a+b",
                                          "a%2Fb",
                                          "a&b=c?d#e",
                                          "A",
                                          "\"'<>\\",
                                          "é",
                                          "\u65e5/本",
                                          "a~",
                                          "a=",
                                          "a=/b",
                                          "a+/b",
                                          "~",
                                          "a:b;c@d,e$!",
                                          "*()[]{}|^`",
                                          "a b/c d",
                                          "a/./b",
                                          std::string(kNameBytesMax - 80, 'n'),
                                          std::string(400, '%'),
                                          "a\xf0\x9f\x90\x8b"};
  std::string deep;
  while (deep.size() < 300) deep += "d/";
  std::vector<std::string> all = names;
  all.push_back(deep);
  all.push_back(deep + "e");
  for (const std::string& name : all) Put(name, name);
  for (const std::string& name : all) EXPECT_EQ(GetAll(name), name) << name;
  const auto listed = ListAll(store(), "");
  ASSERT_TRUE(listed) << listed.error().message;
  std::ranges::sort(all);
  std::vector<std::string> found;
  for (const ListedBlob& blob : *listed) found.push_back(blob.name);
  EXPECT_EQ(found, all);
  for (const std::string& name : all) EXPECT_TRUE(store().Delete(name)) << name;
  EXPECT_TRUE(store().List({})->blobs.empty());
}

TEST_P(BlobStoreContract, RefusesWhatIsNoName) {
  for (const std::string& name :
       {std::string(), std::string(kNameBytesMax + 1, 'n'), std::string("a\nb"),
        std::string("a\0b", 3), std::string("\xff"), std::string("\xc3"),
        std::string("\xed\xa0\x80"), std::string("\x7f")}) {
    EXPECT_EQ(KindOf(store().Put(name, MemorySource("x"), {})), ErrorKind::kValidation);
    EXPECT_EQ(KindOf(store().Get(name, {})), ErrorKind::kValidation);
    EXPECT_EQ(KindOf(store().Head(name)), ErrorKind::kValidation);
    EXPECT_EQ(KindOf(store().Delete(name)), ErrorKind::kValidation);
  }
}

TEST_P(BlobStoreContract, ListsManyInPages) {
  const size_t many = GetParam().many;
  const auto name = [](size_t i) { return fmt::format("many/{:05}/x", i); };
  Put("manx", "");
  Put("many0", "");
  const auto threads = static_cast<size_t>(GetParam().threads);
  Together(GetParam().threads, [&](int thread) {
    for (auto i = static_cast<size_t>(thread); i < many; i += threads) Put(name(i), "x");
  });
  std::vector<std::string> found;
  ListQuery query{.prefix = "many/", .limit = std::min(kListPageMax, many / 2 - 1)};
  while (true) {
    const auto page = store().List(query);
    ASSERT_TRUE(page) << page.error().message;
    EXPECT_LE(page->blobs.size(), query.limit);
    for (const ListedBlob& blob : page->blobs) {
      EXPECT_EQ(blob.bytes, 1u);
      found.push_back(blob.name);
    }
    if (!page->more) break;
    query.after = found.back();
  }
  ASSERT_EQ(found.size(), many);
  for (size_t i = 0; i < many; ++i) ASSERT_EQ(found[i], name(i));
}

TEST_P(BlobStoreContract, ListsFromAPlaceAndByPrefix) {
  for (const char* name : {"a", "a/b", "a/b/c", "a/c", "ab", "b"}) Put(name, "x");
  const auto list = [&](std::string prefix, std::string after, size_t limit) {
    const auto page = store().List({.prefix = prefix, .after = after, .limit = limit});
    EXPECT_TRUE(page);
    auto names = page ? Names(*page) : std::vector<std::string>{};
    if (page && page->more) names.push_back("...");
    return names;
  };
  using testing::ElementsAre;
  EXPECT_THAT(list("", "", 1000), ElementsAre("a", "a/b", "a/b/c", "a/c", "ab", "b"));
  EXPECT_THAT(list("", "", 2), ElementsAre("a", "a/b", "..."));
  EXPECT_THAT(list("", "a/b", 2), ElementsAre("a/b/c", "a/c", "..."));
  EXPECT_THAT(list("", "a/c", 2), ElementsAre("ab", "b"));
  EXPECT_THAT(list("", "a/bb", 1), ElementsAre("a/c", "..."));
  EXPECT_THAT(list("", "b", 10), ElementsAre());
  EXPECT_THAT(list("a/", "", 10), ElementsAre("a/b", "a/b/c", "a/c"));
  EXPECT_THAT(list("a/b", "a", 10), ElementsAre("a/b", "a/b/c"));
  EXPECT_THAT(list("a/b", "a/b", 10), ElementsAre("a/b/c"));
  EXPECT_THAT(list("a/b", "zzz", 10), ElementsAre());
  EXPECT_THAT(list("nothing", "", 10), ElementsAre());
  EXPECT_EQ(KindOf(store().List({.limit = 0})), ErrorKind::kValidation);
  EXPECT_EQ(KindOf(store().List({.limit = kListPageMax + 1})), ErrorKind::kValidation);
}

TEST_P(BlobStoreContract, LetsExactlyOneConditionalPutWin) {
  for (int round = 0; round < 5; ++round) {
    const std::string name = fmt::format("race/{}", round);
    std::atomic<int> won{0}, lost{0};
    std::atomic<int> winner{-1};
    Together(GetParam().threads, [&](int thread) {
      const auto put =
          store().Put(name, MemorySource(fmt::format("of {}", thread)), {.only_if_absent = true});
      if (put) {
        ++won;
        winner = thread;
      } else {
        EXPECT_EQ(put.error().kind, ErrorKind::kAlreadyExists) << put.error().message;
        ++lost;
      }
    });
    EXPECT_EQ(won, 1);
    EXPECT_EQ(lost, GetParam().threads - 1);
    EXPECT_EQ(GetAll(name), fmt::format("of {}", winner.load()));
  }
}

TEST_P(BlobStoreContract, KeepsOneOfPutsAtTheSameTimeWhole) {
  const auto content = [](int thread) {
    return RandomBytes(100'000 + static_cast<uint64_t>(thread), static_cast<uint32_t>(thread));
  };
  std::atomic<bool> done{false};
  Put("one", content(0));
  std::thread reader([&] {
    while (!done) {
      const auto part = store().Get("one", {});
      // The store compares with the checksum.
      EXPECT_TRUE(part) << part.error().message;
    }
  });
  Together(GetParam().threads, [&](int thread) {
    for (int round = 0; round < 3; ++round) Put("one", content(thread));
  });
  done = true;
  reader.join();
  const auto part = store().Get("one", {});
  ASSERT_TRUE(part) << part.error().message;
  const auto thread = static_cast<int>(part->bytes.size() - 100'000);
  EXPECT_TRUE(part->bytes == content(thread));
  ASSERT_TRUE(store().Delete("one"));
  EXPECT_TRUE(store().List({})->blobs.empty());
}

TEST_P(BlobStoreContract, GivesAllOrNothingOfABlobThatIsDeleted) {
  const Bytes content = RandomBytes(200'000, 7);
  for (int round = 0; round < 5; ++round) {
    Put("d/e", content);
    Together(3, [&](int thread) {
      if (thread == 0) {
        EXPECT_TRUE(store().Delete("d/e"));
        return;
      }
      const auto part = store().Get("d/e", {});
      if (part) {
        EXPECT_TRUE(part->bytes == content);
      } else {
        EXPECT_EQ(part.error().kind, ErrorKind::kNotFound) << part.error().message;
      }
    });
    EXPECT_FALSE(IsThere(store(), "d/e"));
  }
}

TEST_P(BlobStoreContract, PutsAndDeletesOfNeighboursDoNotDisturb) {
  Together(GetParam().threads, [&](int thread) {
    const std::string name = fmt::format("n/e/{}", thread);
    for (int round = 0; round < 5; ++round) {
      Put(name, name);
      EXPECT_EQ(GetAll(name), name);
      EXPECT_TRUE(store().Delete(name));
      EXPECT_FALSE(IsThere(store(), name));
    }
  });
}

TEST_P(BlobStoreContract, RetainsOnlyWhereItCan) {
  if (store().capabilities().retention) return;  // retention has tests of its own
  const Retention retention{.until = FromMicros(4'000'000'000'000'000)};
  EXPECT_EQ(KindOf(store().Put("a", MemorySource("x"), {.retention = retention})),
            ErrorKind::kValidation);
}

}  // namespace tidemark::blob
