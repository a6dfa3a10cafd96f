#include "base/log.h"

#include <gtest/gtest.h>

#include "base/log_event.h"

namespace tidemark {
namespace {

std::string Logged(const std::string& value) {
  const LogField field{"name", value};
  testing::internal::CaptureStderr();
  LogEvent(LogLevel::kWarn, "event", {&field, 1});
  return testing::internal::GetCapturedStderr();
}

TEST(LogEvent, WhatAClientChoseBeginsNoLineAndNoField) {
  EXPECT_TRUE(Logged("plain").ends_with(" event: name=plain\n")) << Logged("plain");
  for (const char bad : {' ', '"', '=', '\n', '\r', '\t', '\x1b', '\x7f'}) {
    const std::string line = Logged(std::string("a") + bad + "b");
    EXPECT_NE(line.find(" name=\"a"), line.npos) << line;
    EXPECT_EQ(line.find_first_of("\r\t\x1b"), line.npos) << line;
    EXPECT_EQ(line.find('\n'), line.size() - 1) << line;
  }
}

}  // namespace
}  // namespace tidemark
