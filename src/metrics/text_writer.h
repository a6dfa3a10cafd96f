// Figures in Prometheus' text format, version 0.0.4. Appends; not thread-safe.
//
//   TextWriter page(&text);
//   page.Family(Type::kCounter, "tidemark_requests_total", "Requests answered.");
//   page.Sample({{"operation", "PutItem"}}, 17);
#pragma once
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "metrics/histogram.h"

namespace tidemark::metrics {

inline constexpr std::string_view kTextContentType = "text/plain; version=0.0.4; charset=utf-8";

enum class Type { kCounter, kGauge, kHistogram };

struct Label {
  std::string_view name;
  std::string_view value;
};

// How a histogram's values are told: divided into base units, with a bound at each power of two
// from 2^first_power to 2^last_power (of the recorded unit) and at infinity.
struct Scale {
  double divisor = 1;
  unsigned first_power = 0;
  unsigned last_power = 0;
};

class TextWriter {
 public:
  explicit TextWriter(std::string* text) : text_(text) {}

  // The samples that follow belong to this family, until the next. Each family once: the format
  // wants its samples together. One without samples leaves no trace. `name` and `help` are static.
  void Family(Type type, std::string_view name, std::string_view help);

  void Sample(std::initializer_list<Label> labels, uint64_t value);
  void Sample(std::initializer_list<Label> labels, double value);
  void Histogram(std::initializer_list<Label> labels, const HistogramSnapshot& values,
                 const Scale& scale);

 private:
  using Labels = std::span<const Label>;

  void BeginSample(std::string_view suffix, Labels labels, const Label* last = nullptr);
  void EndSample(uint64_t value);
  void EndSample(double value);

  std::string* const text_;
  Type type_ = Type::kGauge;
  std::string_view name_;
  std::string_view help_;
  bool announced_ = false;
};

}  // namespace tidemark::metrics
