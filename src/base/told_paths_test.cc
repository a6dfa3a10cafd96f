#include "base/told_paths.h"

#include <gtest/gtest.h>

namespace tidemark {
namespace {

TEST(ToldPaths, NamesFilesWithoutTheirDirectories) {
  for (const auto& [text, told] : {
           std::pair("making /srv/a/b: /srv/a/b/000012.sst: the chunk at offset 4096 fails its tag",
                     "making b: 000012.sst: the chunk at offset 4096 fails its tag"),
           std::pair("/srv/a/KEYS does not match its checksum", "KEYS does not match its checksum"),
           std::pair("of '/srv/a/', (/srv/b)", "of 'a/', (b)"),
           std::pair("put to https://host/a/b: 3/4, /", "put to https://host/a/b: 3/4, /"),
           std::pair("arn:aws:dynamodb:us-east-1:1:table/T/backup/2 is gone",
                     "arn:aws:dynamodb:us-east-1:1:table/T/backup/2 is gone"),
           std::pair("", ""),
       }) {
    EXPECT_EQ(WithoutDirectories(text), told);
  }
}

}  // namespace
}  // namespace tidemark
