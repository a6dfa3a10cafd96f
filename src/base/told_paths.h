// What is told to clients names files, and not where the server keeps them.
#pragma once
#include <string>
#include <string_view>

namespace tidemark {

// "/srv/data/images/a/12.sst: it was cut" as "12.sst: it was cut". Of absolute paths without
// blanks.
std::string WithoutDirectories(std::string_view text);

}  // namespace tidemark
