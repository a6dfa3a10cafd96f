#include "codec/xml_writer.h"

#include <gtest/gtest.h>

namespace tidemark::codec {
namespace {

TEST(XmlWriter, WritesElementsOfAllKinds) {
  std::string out;
  XmlWriter w(&out);
  w.Open("A").Text("B", "x").Int("C", -7).Bool("D", true);
  w.Time("E", FromMicros(1'700'000'000'999'999)).Close("A");
  EXPECT_EQ(out, "<A><B>x</B><C>-7</C><D>true</D><E>2023-11-14T22:13:20Z</E></A>");
}

TEST(XmlWriter, EscapesWhatHasAMeaning) {
  std::string out;
  AppendXmlText("<a href=\"x\">&\r\n\t\x01\xC3\xA9", &out);
  EXPECT_EQ(out, "&lt;a href=&quot;x&quot;&gt;&amp;&#13;\n\t?\xC3\xA9");
}

}  // namespace
}  // namespace tidemark::codec
