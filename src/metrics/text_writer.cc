#include "metrics/text_writer.h"

#include <fmt/format.h>

#include <cmath>
#include <iterator>

#include "base/assert.h"

namespace tidemark::metrics {
namespace {

std::string_view NameOf(Type type) {
  switch (type) {
    case Type::kCounter:
      return "counter";
    case Type::kGauge:
      return "gauge";
    case Type::kHistogram:
      return "histogram";
  }
  return "untyped";
}

// Help texts keep their quotes, label values do not.
void AppendEscaped(std::string_view value, bool quotes, std::string* text) {
  for (const char c : value) {
    if (c == '\\' || (quotes && c == '"')) text->push_back('\\');
    if (c == '\n') {
      text->append("\\n");
    } else {
      text->push_back(c);
    }
  }
}

void AppendNumber(double value, std::string* text) {
  if (std::isnan(value)) {
    text->append("NaN");
  } else if (std::isinf(value)) {
    text->append(value < 0 ? "-Inf" : "+Inf");
  } else {
    fmt::format_to(std::back_inserter(*text), "{}", value);
  }
}

}  // namespace

void TextWriter::Family(Type type, std::string_view name, std::string_view help) {
  type_ = type;
  name_ = name;
  help_ = help;
  announced_ = false;
}

void TextWriter::BeginSample(std::string_view suffix, Labels labels, const Label* last) {
  TM_ASSERT(!name_.empty());
  if (!announced_) {
    announced_ = true;
    text_->append("# HELP ").append(name_).append(" ");
    AppendEscaped(help_, false, text_);
    text_->append("\n# TYPE ").append(name_).append(" ").append(NameOf(type_)).append("\n");
  }
  text_->append(name_).append(suffix);
  char before = '{';
  const auto append = [&](const Label& label) {
    text_->push_back(before);
    before = ',';
    text_->append(label.name).append("=\"");
    AppendEscaped(label.value, true, text_);
    text_->push_back('"');
  };
  for (const Label& label : labels) append(label);
  if (last) append(*last);
  if (before == ',') text_->push_back('}');
  text_->push_back(' ');
}

void TextWriter::EndSample(uint64_t value) {
  fmt::format_to(std::back_inserter(*text_), "{}\n", value);
}

void TextWriter::EndSample(double value) {
  AppendNumber(value, text_);
  text_->push_back('\n');
}

void TextWriter::Sample(std::initializer_list<Label> labels, uint64_t value) {
  TM_ASSERT(type_ != Type::kHistogram);
  BeginSample("", labels);
  EndSample(value);
}

void TextWriter::Sample(std::initializer_list<Label> labels, double value) {
  TM_ASSERT(type_ != Type::kHistogram);
  BeginSample("", labels);
  EndSample(value);
}

void TextWriter::Histogram(std::initializer_list<Label> labels, const HistogramSnapshot& values,
                           const Scale& scale) {
  TM_ASSERT(type_ == Type::kHistogram);
  for (unsigned power = scale.first_power; power <= scale.last_power; ++power) {
    const uint64_t bound = uint64_t{1} << power;
    std::string told;
    AppendNumber(static_cast<double>(bound) / scale.divisor, &told);
    const Label le{"le", told};
    BeginSample("_bucket", labels, &le);
    EndSample(values.CountUpTo(bound));
  }
  const Label infinity{"le", "+Inf"};
  BeginSample("_bucket", labels, &infinity);
  EndSample(values.count);
  BeginSample("_sum", labels);
  EndSample(static_cast<double>(values.sum) / scale.divisor);
  BeginSample("_count", labels);
  EndSample(values.count);
}

}  // namespace tidemark::metrics
