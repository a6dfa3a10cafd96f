#include "pitr/open_images.h"

#include "pitr/images.h"
#include "pitr/recovery_fixture.h"

namespace tidemark::pitr {
namespace {

class OpenImagesTest : public RecoveryTest {
 protected:
  size_t RowsOf(const catalog::ImageRecord& image) {
    const auto reader = images_.Open(image, table_, /*of_backup=*/false);
    EXPECT_TRUE(reader) << reader.error().message;
    size_t count = 0;
    for (auto rows = *(*reader)->Scan({}); rows->Valid(); rows->Next()) ++count;
    return count;
  }
  OpenImages images_{shards_, *engine_, random_, "views", 2, std::chrono::seconds(60)};
};

// It needed the log when it was opened first, and has a run since.
TEST_F(OpenImagesTest, AnImageThatGetsItsRunIsOpenedAgain) {
  WriteMany(40);
  catalog::ImageRecord image;
  {
    const auto hold = shard_->HoldLog();
    image = *PinImage(*shard_, table_, ImageId::Make(random_), "{}");
    ASSERT_LT(image.replay_from, image.position);
    EXPECT_EQ(RowsOf(image), 0u);
    ASSERT_TRUE(Replay(shard_->log(), {table_, image.replay_from, image.as_of}, SIZE_MAX,
                       [&](std::span<const RowSource> parts) {
                         return engine_->WriteRun(ImagePath(*shard_, image), parts.front());
                       }));
  }
  image.replay_from = image.position;
  EXPECT_EQ(RowsOf(image), now_.size());
  EXPECT_EQ(images_.count(), 1u);
}

}  // namespace
}  // namespace tidemark::pitr
