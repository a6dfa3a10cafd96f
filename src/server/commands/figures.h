// The figures of GET /metrics, read back by subcommands.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark::server {

class Figures {
 public:
  using Labels = std::map<std::string, std::string, std::less<>>;

  // `page`: as metrics::TextWriter writes it. Lines of another form are passed over.
  explicit Figures(std::string_view page);

  // Of the samples of that name, those with these labels, added up; 0 if there are none.
  double Sum(std::string_view name, const Labels& with = {}) const;
  // The values a label has in samples of that name, each once, in order.
  std::vector<std::string> ValuesOf(std::string_view name, std::string_view label) const;

 private:
  struct Sample {
    std::string name;
    Labels labels;
    double value = 0;
  };
  std::vector<Sample> samples_;
};

}  // namespace tidemark::server
