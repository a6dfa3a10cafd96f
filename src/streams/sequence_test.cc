#include "streams/sequence.h"

#include <gtest/gtest.h>

namespace tidemark::streams {
namespace {

TEST(Sequence, IsTextOf21DigitsInItsOrder) {
  const Timestamp time = FromMicros(1'795'000'000'123'456);
  const Sequence ordered[] = {
      {time - Micros(1), 99'999}, {time, 0}, {time, 9}, {time, 10}, {time + Micros(1), 0}};
  std::string before;
  for (const Sequence& sequence : ordered) {
    const std::string text = sequence.ToText();
    EXPECT_EQ(text.size(), 21u);
    EXPECT_GT(text, before);
    EXPECT_EQ(Sequence::Parse(text), sequence);
    before = text;
  }
  EXPECT_LE(Sequence({FromMicros(253'402'300'799'000'000), 0}).ToText().size(), 40u);
  EXPECT_GE(Sequence({FromMicros(1), 0}).ToText().size(), 21u);
}

TEST(Sequence, HasAPredecessor) {
  const Timestamp time = FromMicros(1'000);
  EXPECT_EQ(Sequence({time, 3}).Predecessor(), Sequence({time, 2}));
  EXPECT_EQ(Sequence({time, 0}).Predecessor(), Sequence::Before(time));
  EXPECT_LT(Sequence::Before(time), Sequence({time, 0}));
}

TEST(Sequence, RefusesWhatIsNoNumberOfOurs) {
  for (const char* text : {"", "12345", "12345678901234x678901", "-2345678901234567890123",
                           "9999999999999999999999999999999999999999", "1795000000123456-0001"})
    EXPECT_FALSE(Sequence::Parse(text)) << text;
}

}  // namespace
}  // namespace tidemark::streams
