#include "sigv4/amz_date.h"

#include <gtest/gtest.h>

namespace tidemark::sigv4 {
namespace {

TEST(AmzDate, ReadsBackWhatItWrites) {
  for (int64_t seconds : {0LL, 951782400LL, 1370771524LL, 4102444799LL}) {
    Timestamp time = FromMicros(seconds * 1'000'000);
    EXPECT_EQ(ParseAmzDate(FormatAmzDate(time)), time);
  }
  EXPECT_EQ(FormatAmzDate(FromMicros(1370771524'999999)), "20130609T095204Z");
}

TEST(AmzDate, RefusesOtherForms) {
  for (std::string_view text :
       {"", "2013", "20130609T095204", "2013-06-09T09:52:04Z", "20130609t095204z",
        "20130631T095204Z", "20130009T095204Z", "20130609T245204Z", "20130609T096004Z",
        "20130609T095260Z", "2013060 T095204Z", "-0130609T095204Z", "20130229T000000Z"}) {
    EXPECT_FALSE(ParseAmzDate(text)) << text;
  }
  EXPECT_TRUE(ParseAmzDate("20240229T000000Z"));
}

TEST(HttpDate, IsReadToo) {
  EXPECT_EQ(ParseHttpDate("Sun, 09 Jun 2013 09:52:04 GMT"), ParseAmzDate("20130609T095204Z"));
  for (std::string_view text :
       {"Sun, 09 Jun 2013 09:52:04 UTC", "Sun, 9 Jun 2013 09:52:04 GMT", "09 Jun 2013",
        "Sun, 09 jun 2013 09:52:04 GMT", "Sun, 09 Jun 2013 09:52:0x GMT", ""}) {
    EXPECT_FALSE(ParseHttpDate(text)) << text;
  }
}

}  // namespace
}  // namespace tidemark::sigv4
