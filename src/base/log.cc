#include "base/log.h"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "base/log_event.h"

namespace tidemark {
namespace {

constexpr const char* kTextPattern = "%Y-%m-%dT%H:%M:%S.%eZ %l %v";
// What is written into it are members of an object.
constexpr const char* kJsonPattern = R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})";

LogFormat log_format = LogFormat::kText;

std::string JsonString(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      quoted.append({'\\', c});
    } else if (static_cast<unsigned char>(c) < 0x20) {
      quoted += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

spdlog::level::level_enum ToSpdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarn:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

spdlog::logger& Logger() {
  static const std::shared_ptr<spdlog::logger> logger = [] {
    auto made = spdlog::stderr_color_mt("tidemark");
    made->set_pattern(kTextPattern, spdlog::pattern_time_type::utc);
    return made;
  }();
  return *logger;
}

}  // namespace

void SetLogLevel(LogLevel level) { Logger().set_level(ToSpdlog(level)); }
bool LogEnabled(LogLevel level) { return Logger().should_log(ToSpdlog(level)); }
void WriteLogLine(LogLevel level, std::string_view line) {
  if (log_format == LogFormat::kText) return Logger().log(ToSpdlog(level), line);
  Logger().log(ToSpdlog(level), fmt::format("\"message\":{}", JsonString(line)));
}

void SetLogFormat(LogFormat wanted) {
  log_format = wanted;
  Logger().set_pattern(wanted == LogFormat::kText ? kTextPattern : kJsonPattern,
                       spdlog::pattern_time_type::utc);
}

void LogEvent(LogLevel level, std::string_view event, std::span<const LogField> fields) {
  if (!LogEnabled(level)) return;
  const bool text = log_format == LogFormat::kText;
  std::string line = text ? fmt::format("{}:", event) : "\"event\":" + JsonString(event);
  for (const LogField& field : fields) {
    if (field.value.empty()) continue;
    if (text) {
      const bool plain = std::ranges::all_of(field.value, [](unsigned char c) {
        return c > ' ' && c != '"' && c != '=' && c != 0x7f;
      });
      line += fmt::format(" {}={}", field.name, plain ? field.value : JsonString(field.value));
    } else {
      line += fmt::format(",\"{}\":{}", field.name,
                          field.is_number ? field.value : JsonString(field.value));
    }
  }
  Logger().log(ToSpdlog(level), line);
}

}  // namespace tidemark
