#include "blob/local/local_store.h"

#include <gmock/gmock.h>

#include <fstream>

#include "base/files.h"
#include "base/test_directory.h"
#include "blob/local/blob_path.h"
#include "blob/transfer.h"

namespace tidemark::blob {
namespace {

std::unique_ptr<LocalStore> OpenAt(const std::string& path) {
  auto store = LocalStore::Open(path);
  EXPECT_TRUE(store) << store.error().message;
  return store ? std::move(*store) : nullptr;
}

TEST(BlobPath, CutsAtSlashesAndAtEightyBytes) {
  EXPECT_EQ(PathOf("a"), "a=");
  EXPECT_EQ(PathOf("a/b"), "a+/b=");
  EXPECT_EQ(PathOf("a/"), "a%2F=");
  EXPECT_EQ(PathOf("/"), "%2F=");
  EXPECT_EQ(PathOf("//"), "+/%2F=");
  EXPECT_EQ(PathOf(".."), "..=");
  EXPECT_EQ(PathOf(std::string(80, 'x')), std::string(80, 'x') + "=");
  EXPECT_EQ(PathOf(std::string(81, 'x')), std::string(80, 'x') + "~/x=");
  EXPECT_EQ(PathOf(std::string(80, 'x') + "/"), std::string(80, 'x') + "~/%2F=");
}

TEST(BlobPath, ReadsOnlyWhatItWrites) {
  EXPECT_EQ(ParsePathPiece("a+")->piece, "a/");
  EXPECT_EQ(ParsePathPiece("a%2F=")->piece, "a/");
  EXPECT_TRUE(ParsePathPiece("a=")->last);
  for (const char* entry : {"", "a", "a b=", "a%2=", "a%=", "a%GG=", "a/="}) {
    EXPECT_FALSE(ParsePathPiece(entry)) << entry;
  }
  const BlobInfo info{.bytes = 17, .sha256 = crypto::Sha256("x"), .writer = "0123456789abcdef"};
  const auto parsed = ParseFileName(FileNameOf(info));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->bytes, 17u);
  EXPECT_EQ(parsed->sha256, info.sha256);
  EXPECT_EQ(parsed->writer, info.writer);
  for (const char* entry : {"", "unnamed", "1.2.3", "1..0123456789abcdef", "x.y"}) {
    EXPECT_FALSE(ParseFileName(entry)) << entry;
  }
}

TEST(LocalStore, KeepsBlobsOverARestart) {
  const TestDirectory directory;
  ASSERT_TRUE(OpenAt(directory.path())->Put("a/b", MemorySource("hello"), {}));
  const auto part = OpenAt(directory.path())->Get("a/b", {});
  ASSERT_TRUE(part);
  EXPECT_EQ(part->bytes, "hello");
}

TEST(LocalStore, LinksSealedFilesAndCopiesOthers) {
  const TestDirectory directory;
  const std::string file = directory.path() / "file";
  std::ofstream(file) << "content";
  auto store = OpenAt(directory.path() / "store");
  const auto links = [&](FileSource::Kind kind) {
    const auto source = FileSource::Open(file, kind);
    EXPECT_TRUE(store->Put("a", *source, {}));
    return std::filesystem::hard_link_count(file);
  };
  EXPECT_EQ(links(FileSource::Kind::kSealed), 2u);
  EXPECT_EQ(links(FileSource::Kind::kChangeable), 1u);
}

TEST(LocalStore, SweepsWhatADeadProcessLeft) {
  const TestDirectory directory;
  auto first = OpenAt(directory.path());
  const std::string dead = directory.path() / "incoming/0123456789abcdef/0";
  ASSERT_TRUE(MakeDirectories(dead));
  std::ofstream(dead + "/unnamed") << "half";
  auto second = OpenAt(directory.path());
  EXPECT_FALSE(Exists(dead));
  // The living keep theirs.
  EXPECT_EQ(ListDirectory(directory.path() / "incoming")->size(), 2u);
  EXPECT_TRUE(first->Put("a", MemorySource("x"), {}));
  first.reset();
  second.reset();
  EXPECT_TRUE(ListDirectory(directory.path() / "incoming")->empty());
}

TEST(LocalStore, LeavesNoEmptyDirectories) {
  const TestDirectory directory;
  auto store = OpenAt(directory.path());
  ASSERT_TRUE(store->Put("a/b/c/d", MemorySource("x"), {}));
  ASSERT_TRUE(store->Put("a/e", MemorySource("x"), {}));
  ASSERT_TRUE(store->Delete("a/b/c/d"));
  EXPECT_THAT(*ListDirectory(directory.path() / "blobs/a+"), testing::ElementsAre("e="));
  ASSERT_TRUE(store->Delete("a/e"));
  EXPECT_TRUE(ListDirectory(directory.path() / "blobs")->empty());
}

TEST(LocalStore, RefusesADirectoryOfOthers) {
  const TestDirectory directory;
  std::ofstream(directory.path() / "mine") << "x";
  EXPECT_EQ(LocalStore::Open(directory.path()).error().kind, ErrorKind::kCorruption);
  const TestDirectory newer;
  std::ofstream(newer.path() / "FORMAT") << "tidemark blobs 2\n";
  EXPECT_EQ(LocalStore::Open(newer.path()).error().kind, ErrorKind::kCorruption);
}

TEST(LocalStore, NamesABlobWhoseFileIsGone) {
  const TestDirectory directory;
  auto store = OpenAt(directory.path());
  ASSERT_TRUE(store->Put("a", MemorySource("hello"), {}));
  const std::string blob = directory.path() / "blobs/a=";
  std::filesystem::remove(blob + "/" + ListDirectory(blob)->front());
  const auto head = store->Head("a");
  ASSERT_FALSE(head);
  EXPECT_EQ(head.error().kind, ErrorKind::kCorruption);
  EXPECT_THAT(head.error().message, testing::HasSubstr("blob a:"));
}

TEST(LocalStore, NamesABlobThatWasCut) {
  const TestDirectory directory;
  auto store = OpenAt(directory.path());
  ASSERT_TRUE(store->Put("a", MemorySource("hello"), {}));
  const std::string blob = directory.path() / "blobs/a=";
  std::filesystem::resize_file(blob + "/" + ListDirectory(blob)->front(), 3);
  const auto part = store->Get("a", {.offset = 0, .bytes = 1});
  ASSERT_FALSE(part);
  EXPECT_EQ(part.error().kind, ErrorKind::kCorruption);
  EXPECT_THAT(part.error().message, testing::HasSubstr("blob a "));
}

// Fails the n-th call that changes something, for every n.
class FailingHook final : public FileHook {
 public:
  explicit FailingHook(int calls) : left_(calls) { SetFileHook(this); }
  ~FailingHook() override { SetFileHook(nullptr); }
  int Before(const FileCall& call) override {
    if (call.op == FileOp::kOpen || call.op == FileOp::kRead) return 0;
    return left_-- > 0 ? 0 : EIO;
  }
  bool reached() const { return left_ < 0; }

 private:
  std::atomic<int> left_;
};

TEST(LocalStore, APutThatFailsAnywhereLeavesTheOldBlobOrTheNew) {
  const TestDirectory directory;
  for (int calls = 0;; ++calls) {
    const std::string path = directory.path() / std::to_string(calls);
    auto store = OpenAt(path);
    ASSERT_TRUE(store->Put("a/b", MemorySource("old"), {}));
    bool failed = false, answered = false;
    {
      const FailingHook hook(calls);
      answered = store->Put("a/b", MemorySource("new"), {}).has_value();
      failed = hook.reached();
    }
    store = OpenAt(path);
    const auto part = store->Get("a/b", {});
    ASSERT_TRUE(part) << calls << ": " << part.error().message;
    EXPECT_TRUE(part->bytes == "new" || (part->bytes == "old" && !answered)) << calls;
    EXPECT_EQ(store->List({})->blobs.size(), 1u) << calls;
    if (!failed) {
      EXPECT_TRUE(answered);
      break;
    }
  }
}

}  // namespace
}  // namespace tidemark::blob
