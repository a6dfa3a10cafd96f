// The simulated disk must really lose what is not synced, and nothing else; and it must catch a
// program that leaves out a sync.
#include "faults/simulated_disk.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "base/files.h"

namespace tidemark::faults {
namespace {

namespace fs = std::filesystem;

// Files written the way the log and the tables write: through the hook, by an open descriptor.
class HookedFile {
 public:
  HookedFile(std::string path, FileOp open) : path_(std::move(path)) {
    error_ = AskFileHook({.op = open, .path = path_});
    const int flags = open == FileOp::kCreate ? O_CREAT | O_TRUNC | O_RDWR : O_RDWR;
    if (!error_) fd_ = ::open(path_.c_str(), flags, 0600);
  }
  ~HookedFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  bool Write(uint64_t offset, BytesView data) {
    error_ = AskFileHook({.op = FileOp::kWrite,
                          .path = path_,
                          .offset = offset,
                          .bytes = data.size(),
                          .data = data});
    return !error_ && ::pwrite(fd_, data.data(), data.size(), static_cast<off_t>(offset)) ==
                          static_cast<ssize_t>(data.size());
  }
  bool Sync() {
    error_ = AskFileHook({.op = FileOp::kSync, .path = path_});
    return !error_;
  }
  bool Truncate(uint64_t bytes) {
    error_ = AskFileHook({.op = FileOp::kTruncate, .path = path_, .offset = bytes});
    return !error_ && ::ftruncate(fd_, static_cast<off_t>(bytes)) == 0;
  }
  int error() const { return error_; }

 private:
  const std::string path_;
  int error_ = 0;
  int fd_ = -1;
};

class SimulatedDiskTest : public testing::Test {
 protected:
  SimulatedDiskTest() {
    std::string name = (fs::temp_directory_path() / "tidemark-disk-XXXXXX").string();
    base_ = ::mkdtemp(name.data());
  }
  ~SimulatedDiskTest() override { fs::remove_all(base_); }

  std::string root() const { return base_ + "/disk"; }
  std::string At(std::string_view name) const { return root() + "/" + std::string(name); }

  // Runs `act` on a fresh disk that holds what `before` made durable, cuts the power behind it, and
  // gives for each seed what `look` finds.
  std::set<std::string> Outcomes(const std::function<void()>& before,
                                 const std::function<void()>& act,
                                 const std::function<std::string()>& look, int seeds = 60) {
    std::set<std::string> found;
    for (int seed = 0; seed < seeds; ++seed) {
      fs::remove_all(root());
      fs::create_directories(root());
      before();
      SimulatedDisk disk(root(), static_cast<uint64_t>(seed));
      act();
      disk.StopNow(Stop::kPowerCut);
      disk.Restore();
      found.insert(look());
    }
    return found;
  }
  std::string Content(std::string_view name) const {
    if (!fs::exists(At(name))) return "(none)";
    std::ifstream in(At(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void Plain(std::string_view name, std::string_view content) const {
    std::ofstream(At(name), std::ios::binary) << content;
  }
  std::string Names() const {
    std::string line;
    const auto names = ListDirectory(root());
    for (const std::string& name : *names) line += name + " ";
    return line;
  }

  std::string base_;
};

using Found = std::set<std::string>;

TEST_F(SimulatedDiskTest, AnUnsyncedWriteIsKeptOrLost) {
  const auto found = Outcomes([&] { Plain("f", std::string(512, 'a')); },
                              [&] {
                                HookedFile file(At("f"), FileOp::kOpen);
                                ASSERT_TRUE(file.Write(0, std::string(512, 'b')));
                              },
                              [&] { return Content("f").substr(0, 1); });
  EXPECT_EQ(found, (Found{"a", "b"}));
}

TEST_F(SimulatedDiskTest, ASyncedWriteStays) {
  const auto found = Outcomes([&] { Plain("f", std::string(512, 'a')); },
                              [&] {
                                HookedFile file(At("f"), FileOp::kOpen);
                                ASSERT_TRUE(file.Write(0, std::string(512, 'b')));
                                ASSERT_TRUE(file.Sync());
                              },
                              [&] { return Content("f").substr(0, 1); });
  EXPECT_EQ(found, Found{"b"});
}

TEST_F(SimulatedDiskTest, SectorsOfOneWriteAreLostOneByOne) {
  const auto found = Outcomes([&] { Plain("f", std::string(1024, 'a')); },
                              [&] {
                                HookedFile file(At("f"), FileOp::kOpen);
                                ASSERT_TRUE(file.Write(0, std::string(1024, 'b')));
                              },
                              [&] { return Content("f").substr(511, 2); });
  EXPECT_EQ(found, (Found{"aa", "ab", "ba", "bb"}));
}

TEST_F(SimulatedDiskTest, ASectorMayHoldAnyOfItsUnsyncedVersions) {
  const auto found = Outcomes([&] { Plain("f", "a"); },
                              [&] {
                                HookedFile file(At("f"), FileOp::kOpen);
                                ASSERT_TRUE(file.Write(0, "b"));
                                ASSERT_TRUE(file.Write(0, "c"));
                              },
                              [&] { return Content("f"); });
  EXPECT_EQ(found, (Found{"a", "b", "c"}));
}

TEST_F(SimulatedDiskTest, AnUnsyncedAppendMayBeShorterEmptyOrZeros) {
  const auto found = Outcomes([&] { Plain("f", "a"); },
                              [&] {
                                HookedFile file(At("f"), FileOp::kOpen);
                                ASSERT_TRUE(file.Write(1, "b"));
                              },
                              [&] { return Content("f"); });
  EXPECT_EQ(found, (Found{"a", "ab", std::string("a\0", 2)}));
}

TEST_F(SimulatedDiskTest, AnUnsyncedTruncationIsKeptOrLost) {
  const auto found = Outcomes([&] { Plain("f", std::string(2048, 'a')); },
                              [&] {
                                HookedFile file(At("f"), FileOp::kOpen);
                                ASSERT_TRUE(file.Truncate(100));
                              },
                              [&] { return std::to_string(Content("f").size()); });
  EXPECT_EQ(found, (Found{"100", "2048"}));
}

TEST_F(SimulatedDiskTest, ATruncationTakenBackBringsTheOldBytesBack) {
  const std::string old(1500, 'a');
  const auto found = Outcomes([&] { Plain("f", old); },
                              [&] {
                                HookedFile file(At("f"), FileOp::kCreate);
                                ASSERT_TRUE(file.Write(0, std::string(1500, 'b')));
                              },
                              [&] {
                                const std::string now = Content("f");
                                return now == old ? "old" : now.empty() ? "empty" : "other";
                              });
  EXPECT_TRUE(found.contains("old"));
  EXPECT_TRUE(found.contains("empty"));
}

TEST_F(SimulatedDiskTest, ACreationIsLostUnlessItsDirectoryIsSynced) {
  const auto create = [&] {
    HookedFile file(At("f"), FileOp::kCreate);
    ASSERT_TRUE(file.Write(0, "x"));
    ASSERT_TRUE(file.Sync());
  };
  EXPECT_EQ(Outcomes([] {}, create, [&] { return Content("f"); }), (Found{"(none)", "x"}));
  EXPECT_EQ(Outcomes([] {},
                     [&] {
                       create();
                       ASSERT_TRUE(SyncDirectory(root()).has_value());
                     },
                     [&] { return Content("f"); }),
            Found{"x"});
}

TEST_F(SimulatedDiskTest, AnUnsyncedRenameIsUndoneWithWhatItReplaced) {
  const auto prepare = [&] {
    Plain("old", "old");
    Plain("new", "new");
  };
  const auto look = [&] { return Content("old") + Content("new"); };
  EXPECT_EQ(Outcomes(
                prepare, [&] { ASSERT_TRUE(Rename(At("new"), At("old")).has_value()); }, look),
            (Found{"oldnew", "new(none)"}));
  EXPECT_EQ(
      Outcomes(
          prepare, [&] { ASSERT_TRUE(RenameDurably(At("new"), At("old")).has_value()); }, look),
      Found{"new(none)"});
}

TEST_F(SimulatedDiskTest, ARenamedDirectoryTakesItsUnsyncedNamesAlong) {
  const auto found = Outcomes([&] { fs::create_directories(At("a")); },
                              [&] {
                                HookedFile file(At("a/f"), FileOp::kCreate);
                                ASSERT_TRUE(Rename(At("a"), At("b")).has_value());
                                // The open file is still called by its old name.
                                ASSERT_TRUE(file.Write(0, "x"));
                                ASSERT_TRUE(file.Sync());
                              },
                              [&] {
                                return Names() + (fs::exists(At("b/f")) ? Content("b/f") : "") +
                                       (fs::exists(At("a/f")) ? Content("a/f") : "");
                              });
  EXPECT_EQ(found, (Found{"a ", "a x", "b ", "b x"}));
}

TEST_F(SimulatedDiskTest, RemovalsAndLinksAreUndone) {
  const auto prepare = [&] {
    Plain("f", "f");
    fs::create_directories(At("d"));
  };
  EXPECT_EQ(Outcomes(
                prepare, [&] { ASSERT_TRUE(RemoveFile(At("f")).has_value()); },
                [&] { return Content("f"); }),
            (Found{"f", "(none)"}));
  EXPECT_EQ(
      Outcomes(
          prepare, [&] { ASSERT_TRUE(RemoveTree(At("d")).has_value()); }, [&] { return Names(); }),
      (Found{"d f ", "f "}));
  EXPECT_EQ(Outcomes(
                prepare, [&] { ASSERT_TRUE(Link(At("f"), At("g")).has_value()); },
                [&] { return Names(); }),
            (Found{"d f ", "d f g "}));
  EXPECT_EQ(Outcomes(
                prepare, [&] { ASSERT_TRUE(MakeDirectories(At("e")).has_value()); },
                [&] { return Names(); }),
            Found{"d e f "});
}

TEST_F(SimulatedDiskTest, OperationsOfOneDirectoryAreLostFromTheEnd) {
  const auto found = Outcomes([] {},
                              [&] {
                                for (const char* name : {"1", "2", "3"}) {
                                  HookedFile file(At(name), FileOp::kCreate);
                                }
                              },
                              [&] { return Names(); });
  EXPECT_EQ(found, (Found{"", "1 ", "1 2 ", "1 2 3 "}));
}

TEST_F(SimulatedDiskTest, AProcessKillLosesNothing) {
  SimulatedDisk disk(root(), 1);
  HookedFile file(At("f"), FileOp::kCreate);
  ASSERT_TRUE(file.Write(0, "x"));
  disk.StopNow(Stop::kProcessKill);
  EXPECT_FALSE(file.Write(0, "y"));
  EXPECT_EQ(file.error(), EIO);
  disk.Restore();
  EXPECT_EQ(Content("f"), "x");
  EXPECT_TRUE(file.Write(0, "z"));
}

TEST_F(SimulatedDiskTest, TheWriteThePowerCutMeetsMayBeTorn) {
  Found found;
  for (uint64_t seed = 0; seed < 60; ++seed) {
    fs::remove_all(root());
    SimulatedDisk disk(root(), seed);
    Plain("f", std::string(1024, 'a'));
    HookedFile file(At("f"), FileOp::kOpen);
    disk.StopAt(1, Stop::kPowerCut);
    EXPECT_FALSE(file.Write(0, std::string(1024, 'b')));
    EXPECT_TRUE(disk.stopped());
    disk.Restore();
    found.insert(Content("f").substr(511, 2));
  }
  EXPECT_EQ(found, (Found{"aa", "ab", "ba", "bb"}));
}

TEST_F(SimulatedDiskTest, RulesFailWhatTheyName) {
  SimulatedDisk disk(root(), 1);
  HookedFile good(At("good"), FileOp::kCreate), bad(At("bad.sst"), FileOp::kCreate);
  disk.SetRules({{.ops = {FileOp::kWrite}, .pattern = "*.sst", .error = ENOSPC}});
  EXPECT_TRUE(good.Write(0, "x"));
  EXPECT_FALSE(bad.Write(0, "x"));
  EXPECT_EQ(bad.error(), ENOSPC);
  EXPECT_TRUE(bad.Sync());
  disk.SetRules({});
  EXPECT_TRUE(bad.Write(0, "x"));
}

TEST_F(SimulatedDiskTest, PathsOutsideAreNotItsBusiness) {
  SimulatedDisk disk(root(), 1);
  disk.StopNow(Stop::kPowerCut);
  EXPECT_TRUE(ReplaceFile(base_ + "/beside", "x").has_value());
  EXPECT_FALSE(ReplaceFile(At("within"), "x").has_value());
}

// A tiny program: it keeps a number in a file, and says when a new one is kept. Each step can be
// left out.
struct Counter {
  std::string directory;
  bool sync_file = true, sync_directory = true, aside = true;

  bool Save(int number) const {
    const std::string path = directory + "/number";
    {
      HookedFile file(aside ? path + ".new" : path, FileOp::kCreate);
      if (file.error() || !file.Write(0, std::to_string(number))) return false;
      if (sync_file && !file.Sync()) return false;
    }
    if (aside && !Rename(path + ".new", path)) return false;
    return !sync_directory || SyncDirectory(directory).has_value();
  }
  // Counts up on a disk that stops at some operation; true if what was said is what is found.
  static bool SurvivesOnePowerCut(Counter counter, const std::string& root, uint64_t seed) {
    fs::remove_all(root);
    SimulatedDisk disk(root, seed);
    counter.directory = root;
    disk.StopAt(1 + seed % 23, Stop::kPowerCut);
    int said = 0;
    while (counter.Save(said + 1)) ++said;
    disk.Restore();
    auto found = ReadFile(root + "/number");
    if (!found) return said == 0;
    return *found == std::to_string(said) || *found == std::to_string(said + 1);
  }
};

TEST_F(SimulatedDiskTest, FindsEverySyncThatAProgramLeavesOut) {
  const auto losses = [&](const Counter& counter) {
    int lost = 0;
    for (uint64_t seed = 0; seed < 150; ++seed) {
      if (!Counter::SurvivesOnePowerCut(counter, root(), seed)) ++lost;
    }
    return lost;
  };
  EXPECT_EQ(losses({}), 0);
  EXPECT_GT(losses({.sync_file = false}), 0);
  EXPECT_GT(losses({.sync_directory = false}), 0);
  EXPECT_GT(losses({.aside = false}), 0);
}

}  // namespace
}  // namespace tidemark::faults
