#include "server/process_figures.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

namespace tidemark::server {
namespace {

// The fields of /proc/self/stat behind the name, which may itself hold blanks and parentheses.
constexpr int kUserTicks = 14, kSystemTicks = 15, kThreads = 20, kStartTicks = 22, kRssPages = 24;

// Seconds since the epoch at which the machine started.
double BootSeconds() {
  std::ifstream file("/proc/stat");
  std::string line;
  while (std::getline(file, line)) {
    if (line.starts_with("btime ")) return std::stod(line.substr(6));
  }
  return 0;
}

void ReadStat(ProcessFigures* figures) {
  std::ifstream file("/proc/self/stat");
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  const size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return;
  std::istringstream fields(text.substr(name_end + 1));
  const auto ticks_per_second = static_cast<double>(sysconf(_SC_CLK_TCK));
  std::string field;
  for (int number = 3; fields >> field; ++number) {
    switch (number) {
      case kUserTicks:
      case kSystemTicks:
        figures->cpu_seconds += std::stod(field) / ticks_per_second;
        break;
      case kThreads:
        figures->threads = std::stoull(field);
        break;
      case kStartTicks:
        figures->start_seconds = BootSeconds() + std::stod(field) / ticks_per_second;
        break;
      case kRssPages:
        figures->resident_bytes = std::stoull(field) * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
        return;
    }
  }
}

}  // namespace

ProcessFigures ReadProcessFigures() {
  ProcessFigures figures;
  ReadStat(&figures);
  std::error_code error;
  std::filesystem::directory_iterator descriptor("/proc/self/fd", error);
  for (; !error && descriptor != std::filesystem::directory_iterator();
       descriptor.increment(error)) {
    ++figures.descriptors;
  }
  if (figures.descriptors > 0) --figures.descriptors;  // that of the listing itself
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) figures.descriptors_max = limit.rlim_cur;
  return figures;
}

}  // namespace tidemark::server
