#include "base/files.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <cerrno>
#include <filesystem>

#include "base/file_hook.h"

namespace tidemark {
namespace {

// Writes down what is asked, and fails one call.
class Recorder : public FileHook {
 public:
  explicit Recorder(std::string root) : root_(std::move(root)) { SetFileHook(this); }
  ~Recorder() override { SetFileHook(nullptr); }

  int Before(const FileCall& call) override {
    constexpr const char* kNames[] = {"open",   "create", "read",   "write", "sync",   "truncate",
                                      "rename", "link",   "remove", "mkdir", "syncdir"};
    std::string line = kNames[static_cast<int>(call.op)];
    line += " " + Short(call.path);
    if (!call.to.empty()) line += " " + Short(std::string(call.to));
    if (call.op == FileOp::kWrite) line += " " + std::to_string(call.data.size());
    calls.push_back(line);
    return line == fail ? EIO : 0;
  }
  std::vector<std::string> Take() { return std::exchange(calls, {}); }

  std::vector<std::string> calls;
  std::string fail;

 private:
  std::string Short(const std::string& path) const {
    return path == root_ ? "." : path.substr(root_.size() + 1);
  }
  const std::string root_;
};

class FilesTest : public testing::Test {
 protected:
  FilesTest() {
    std::string name = (std::filesystem::temp_directory_path() / "tidemark-files-XXXXXX").string();
    root_ = ::mkdtemp(name.data());
  }
  ~FilesTest() override { std::filesystem::remove_all(root_); }
  std::string At(std::string_view name) const { return root_ + "/" + std::string(name); }

  std::string root_;
};

using Lines = std::vector<std::string>;

TEST_F(FilesTest, ReplacesAFileByWritingAsideSyncingAndRenaming) {
  ASSERT_TRUE(ReplaceFile(At("a"), "one").has_value());
  Recorder recorder(root_);
  ASSERT_TRUE(ReplaceFile(At("a"), "three").has_value());
  EXPECT_EQ(recorder.Take(),
            (Lines{"create a.new", "write a.new 5", "sync a.new", "rename a.new a", "syncdir ."}));
  EXPECT_EQ(*ReadFile(At("a")), "three");
  EXPECT_EQ(*ListDirectory(root_), (Lines{"a"}));
}

TEST_F(FilesTest, AFailedStepOfAReplacementLeavesTheOldFile) {
  ASSERT_TRUE(ReplaceFile(At("a"), "one").has_value());
  for (const char* step : {"create a.new", "write a.new 3", "sync a.new", "rename a.new a"}) {
    Recorder recorder(root_);
    recorder.fail = step;
    const auto replaced = ReplaceFile(At("a"), "two");
    ASSERT_FALSE(replaced.has_value()) << step;
    EXPECT_EQ(replaced.error().kind, ErrorKind::kIo);
    EXPECT_EQ(*ReadFile(At("a")), "one") << step;
  }
}

TEST_F(FilesTest, MakesMissingDirectoriesDurably) {
  Recorder recorder(root_);
  ASSERT_TRUE(MakeDirectories(At("a/b")).has_value());
  EXPECT_EQ(recorder.Take(), (Lines{"mkdir a", "syncdir .", "mkdir a/b", "syncdir a"}));
  // Made by somebody who was killed before the sync, perhaps.
  ASSERT_TRUE(MakeDirectories(At("a/b")).has_value());
  EXPECT_EQ(recorder.Take(), Lines{"syncdir a"});
  ASSERT_TRUE(ReplaceFile(At("file"), "").has_value());
  EXPECT_FALSE(MakeDirectories(At("file")).has_value());
  EXPECT_FALSE(MakeDirectories(At("file/below")).has_value());
}

TEST_F(FilesTest, RenamesDurablyBySyncingBothParents) {
  ASSERT_TRUE(MakeDirectories(At("from/x")).has_value());
  ASSERT_TRUE(MakeDirectories(At("to")).has_value());
  Recorder recorder(root_);
  ASSERT_TRUE(RenameDurably(At("from/x"), At("to/y")).has_value());
  EXPECT_EQ(recorder.Take(), (Lines{"rename from/x to/y", "syncdir to", "syncdir from"}));
  EXPECT_TRUE(Exists(At("to/y")));
  ASSERT_TRUE(RenameDurably(At("to/y"), At("to/z")).has_value());
  EXPECT_EQ(recorder.Take(), (Lines{"rename to/y to/z", "syncdir to"}));
  EXPECT_EQ(Rename(At("nothing"), At("to/z")).error().kind, ErrorKind::kNotFound);
}

TEST_F(FilesTest, LinksAreFurtherNames) {
  ASSERT_TRUE(ReplaceFile(At("a"), "one").has_value());
  ASSERT_TRUE(Link(At("a"), At("b")).has_value());
  EXPECT_EQ(Link(At("a"), At("b")).error().kind, ErrorKind::kAlreadyExists);
  ASSERT_TRUE(RemoveFile(At("a")).has_value());
  ASSERT_TRUE(RemoveFile(At("a")).has_value()) << "what is not there counts as removed";
  EXPECT_EQ(*ReadFile(At("b")), "one");
  EXPECT_EQ(*FileSize(At("b")), 3u);
  EXPECT_EQ(FileSize(At("a")).error().kind, ErrorKind::kNotFound);
}

TEST_F(FilesTest, RemovesATreeEntryByEntry) {
  ASSERT_TRUE(MakeDirectories(At("t/d")).has_value());
  ASSERT_TRUE(ReplaceFile(At("t/d/f"), "").has_value());
  ASSERT_TRUE(ReplaceFile(At("t/g"), "").has_value());
  std::filesystem::create_symlink(At("t"), At("t/s"));
  Recorder recorder(root_);
  recorder.fail = "remove t/g";
  EXPECT_FALSE(RemoveTree(At("t")).has_value());
  EXPECT_TRUE(Exists(At("t/g")));
  recorder.fail = "";
  recorder.Take();
  ASSERT_TRUE(RemoveTree(At("t")).has_value());
  EXPECT_EQ(recorder.Take(), (Lines{"open t", "remove t/g", "remove t/s", "remove t"}));
  EXPECT_FALSE(Exists(At("t")));
  EXPECT_TRUE(RemoveTree(At("t")).has_value());
}

TEST_F(FilesTest, ListsEntriesInOrderAndTellsDirectories) {
  ASSERT_TRUE(MakeDirectories(At("b")).has_value());
  ASSERT_TRUE(ReplaceFile(At("a"), "").has_value());
  const auto entries = DirectoryEntries(root_);
  ASSERT_TRUE(entries.has_value());
  ASSERT_EQ(entries->size(), 2u);
  EXPECT_EQ((*entries)[0].name, "a");
  EXPECT_FALSE((*entries)[0].is_directory);
  EXPECT_EQ((*entries)[1].name, "b");
  EXPECT_TRUE((*entries)[1].is_directory);
  EXPECT_EQ(DirectoryEntries(At("none")).error().kind, ErrorKind::kNotFound);
  Recorder recorder(root_);
  recorder.fail = "open .";
  EXPECT_EQ(ListDirectory(root_).error().kind, ErrorKind::kIo);
}

TEST_F(FilesTest, ParentsAreDirectoriesOfNames) {
  EXPECT_EQ(ParentDirectory("a"), ".");
  EXPECT_EQ(ParentDirectory("/a"), "/");
  EXPECT_EQ(ParentDirectory("/a/b"), "/a");
}

}  // namespace
}  // namespace tidemark
