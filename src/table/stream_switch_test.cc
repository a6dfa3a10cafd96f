#include "table/stream_switch.h"

#include "table/table_fixture.h"

namespace tidemark::table {
namespace {

using catalog::StreamView;

class StreamSwitchTest : public TableFixture {
 protected:
  catalog::TablePtr Record(const std::string& name) {
    return catalog_->FindTable(caller_.account, caller_.region, name);
  }
  Result<TableDescription> Switch(bool on, std::optional<StreamView> view = std::nullopt) {
    UpdateTableRequest request;
    request.table = "Music";
    request.stream = StreamRequest{.enabled = on, .view = view};
    return Run(control_->Update(caller_, std::move(request)));
  }
  std::string Refusal(bool on, std::optional<StreamView> view = std::nullopt) {
    const auto refused = Switch(on, view);
    return refused ? "" : refused.error().message;
  }
  void CreateWithStream() {
    CreateTableRequest request;
    request.table = "Music";
    request.attributes.push_back({"pk", item::Type::kString});
    request.key_schema.push_back({"pk", KeyElement::Role::kHash});
    request.billing = catalog::BillingMode::kPayPerRequest;
    request.stream = StreamRequest{.enabled = true, .view = StreamView::kNewAndOldImages};
    const auto made = Run(control_->Create(caller_, request));
    ASSERT_TRUE(made) << made.error().message;
    ASSERT_TRUE(made->record.stream);
    EXPECT_EQ(made->record.stream, Record("Music")->stream);
  }
  // Of the newest change in the log, what its stream keeps.
  std::optional<shard::StreamNote> NoteOf(const std::string& value) {
    Put("Music", Make({{"pk", S("a")}, {"v", S(value)}}));
    auto reader = shard_->log().Read(shard_->log().begin());
    std::optional<shard::StreamNote> note;
    while (reader) {
      auto frame = (*reader)->Next();
      if (!frame || !*frame) break;
      shard::ChangeReader changes((*frame)->payload);
      while (true) {
        auto change = changes.Next();
        if (!change || !*change) break;
        for (const auto& table : (*change)->tables) note = table.stream;
      }
    }
    return note;
  }
};

TEST_F(StreamSwitchTest, ATableIsMadeWithItsStream) {
  clock_.Set(FromMicros(1'700'000'000'123'456));
  CreateWithStream();
  const auto stream = *Record("Music")->stream;
  EXPECT_TRUE(stream.enabled);
  EXPECT_EQ(stream.view, StreamView::kNewAndOldImages);
  EXPECT_EQ(stream.label.substr(0, 19), "2023-11-14T22:13:20");
  EXPECT_EQ(stream.label.size(), 23u);
  EXPECT_EQ(Record("Music")->StreamArn(),
            "arn:aws:dynamodb:us-east-1:123456789012:table/Music/stream/" + stream.label);
  const auto first = NoteOf("1"), second = NoteOf("2");
  ASSERT_TRUE(first && second);
  EXPECT_TRUE(first->old_kept);
  EXPECT_FALSE(first->old);
  EXPECT_TRUE(second->old);
}

TEST_F(StreamSwitchTest, SwitchesAndRefusesInTheServicesWords) {
  CreateTable("Music", kHashOnly);
  EXPECT_FALSE(NoteOf("1"));
  const std::string invalid = "One or more parameter values were invalid: ";
  EXPECT_EQ(Refusal(false), "Table has no stream to disable: TableName: Music");
  EXPECT_EQ(Refusal(true), invalid + "If stream is being enabled then UpdateViewType is required");
  EXPECT_EQ(Refusal(true, StreamView::kKeysOnly), "");
  EXPECT_EQ(Refusal(true, StreamView::kKeysOnly),
            "Table already has an enabled stream: TableName: Music");
  EXPECT_EQ(Refusal(true, StreamView::kNewImage),
            "Table already has an enabled stream: TableName: Music");
  EXPECT_EQ(NoteOf("2"), shard::StreamNote{});
  EXPECT_EQ(Refusal(false, StreamView::kKeysOnly),
            invalid + "If stream is being disabled, then UpdateViewType must not be specified");
  EXPECT_EQ(Refusal(false), "");
  EXPECT_FALSE(Record("Music")->stream->enabled);
  EXPECT_GT(Record("Music")->stream->disabled_at, Record("Music")->stream->enabled_at);
  EXPECT_FALSE(NoteOf("3"));
}

TEST_F(StreamSwitchTest, EachStreamHasALabelOfItsOwnAndTheFormerIsKept) {
  CreateWithStream();  // time stands still from here on
  const std::string first = Record("Music")->StreamArn();
  ASSERT_TRUE(Switch(false));
  ASSERT_TRUE(Switch(true, StreamView::kKeysOnly));
  const std::string second = Record("Music")->StreamArn();
  EXPECT_NE(second, first);
  ASSERT_TRUE(Run(control_->Delete(caller_, "Music")));
  CreateWithStream();
  EXPECT_NE(Record("Music")->StreamArn(), first);
  EXPECT_NE(Record("Music")->StreamArn(), second);
  for (const std::string& arn : {first, second}) {
    const auto former = catalog_->FindFormerStream(arn);
    ASSERT_TRUE(former) << arn;
    EXPECT_FALSE(former->stream->enabled);
    EXPECT_NE(former->stream->disabled_at, Timestamp{});
  }
}

TEST_F(StreamSwitchTest, AStartNotesChangesAgain) {
  CreateWithStream();
  shard_->Find(Record("Music")->id)->SetCapture(shard::StreamCapture::kOff);  // as after a start
  EXPECT_FALSE(NoteOf("1"));
  ASSERT_TRUE(control_->Resume());
  EXPECT_TRUE(NoteOf("2"));
}

TEST_F(StreamSwitchTest, OtherSettingsChangeWithItOrNotAtAll) {
  using catalog::BillingMode;
  CreateTable("Music", kHashOnly);
  UpdateTableRequest provision;
  provision.table = "Music";
  provision.billing = BillingMode::kProvisioned;
  provision.throughput = catalog::Throughput{5, 5};
  ASSERT_TRUE(Run(control_->Update(caller_, provision)));
  UpdateTableRequest request;
  request.table = "Music";
  request.billing = BillingMode::kPayPerRequest;

  request.stream = StreamRequest{.enabled = false, .view = std::nullopt};
  EXPECT_FALSE(Run(control_->Update(caller_, request))) << "it has no stream";
  EXPECT_EQ(Record("Music")->billing, BillingMode::kProvisioned);

  request.stream = StreamRequest{.enabled = true, .view = StreamView::kKeysOnly};
  request.replica_updates = true;
  EXPECT_FALSE(Run(control_->Update(caller_, request))) << "there are no replicas";
  EXPECT_FALSE(Record("Music")->stream);
  EXPECT_EQ(Record("Music")->billing, BillingMode::kProvisioned);

  request.replica_updates = false;
  const auto updated = Run(control_->Update(caller_, request));
  ASSERT_TRUE(updated) << updated.error().message;
  EXPECT_EQ(updated->record.status, catalog::TableStatus::kUpdating);
  EXPECT_TRUE(Record("Music")->stream->enabled);
  EXPECT_EQ(Record("Music")->billing, BillingMode::kPayPerRequest);
}

}  // namespace
}  // namespace tidemark::table
