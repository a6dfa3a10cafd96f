#include "server/commands/command_line.h"

#include <CLI/CLI.hpp>
#include <map>
#include <utility>

namespace tidemark::server {

namespace {

// CLI11 would take "-1" for the largest number there is.
std::string SignFault(std::string& value) {
  return value.starts_with('-') ? "it cannot be negative: " + value : "";
}

}  // namespace

OptionRule& OptionRule::Environment(const char* variable) {
  option_->envname(variable);
  return *this;
}

OptionRule& OptionRule::Required() {
  option_->required();
  return *this;
}

OptionRule& OptionRule::Needs(const Command& command, const char* option) {
  option_->needs(command.app_->get_option(option));
  return *this;
}

OptionRule& OptionRule::OneOf(std::vector<std::string> values) {
  option_->check(CLI::IsMember(std::move(values)));
  return *this;
}

OptionRule& OptionRule::NotEmpty() {
  const auto fault = [](const std::string& value) {
    return std::string(value.empty() ? "its value is empty" : "");
  };
  option_->check(CLI::Validator(fault, ""));
  return *this;
}

OptionRule& OptionRule::Range(int64_t least, int64_t most) {
  option_->check(CLI::Range(least, most));
  return *this;
}

OptionRule& OptionRule::Count(int least, int most) {
  option_->expected(least, most);
  return *this;
}

OptionRule& OptionRule::OneEach() {
  option_->allow_extra_args(false);
  return *this;
}

OptionRule& OptionRule::Check(const char* type,
                              std::function<std::string(const std::string&)> fault) {
  option_->check(CLI::Validator(std::move(fault), type));
  return *this;
}

Command Command::Add(const char* name, const char* help) {
  app_->require_subcommand(1);
  return Command(app_->add_subcommand(name, help));
}

OptionRule Command::Text(const char* name, std::string* value, const char* help) {
  CLI::Option* option = app_->add_option(name, *value, help);
  if (!value->empty()) option->capture_default_str();
  return OptionRule(option);
}

OptionRule Command::Texts(const char* name, std::vector<std::string>* values, const char* help) {
  return OptionRule(app_->add_option(name, *values, help));
}

OptionRule Command::Number(const char* name, int64_t* value, const char* help) {
  return OptionRule(app_->add_option(name, *value, help)->capture_default_str());
}

OptionRule Command::Number(const char* name, uint64_t* value, const char* help) {
  return OptionRule(app_->add_option(name, *value, help)->capture_default_str());
}

OptionRule Command::Size(const char* name, uint64_t* bytes, const char* help) {
  return OptionRule(app_->add_option(name, *bytes, help)
                        ->transform(CLI::AsSizeValue(false))
                        ->transform(CLI::Validator(&SignFault, ""))  // before that
                        ->capture_default_str());
}

OptionRule Command::Duration(const char* name, std::function<void(std::chrono::seconds)> store,
                             const char* preset, const char* help) {
  const auto keep = [store](int64_t seconds) { store(std::chrono::seconds(seconds)); };
  CLI::Option* option = app_->add_option_function<int64_t>(name, keep, help);
  option->transform(
      CLI::AsNumberWithUnit(std::map<std::string, int64_t>{{"s", 1}, {"m", 60}, {"h", 3600}},
                            CLI::AsNumberWithUnit::CASE_INSENSITIVE, "TIME"));
  return OptionRule(option->default_str(preset));
}

OptionRule Command::Milliseconds(const char* name,
                                 std::function<void(std::chrono::milliseconds)> store,
                                 const char* help) {
  const auto keep = [store](int64_t count) { store(std::chrono::milliseconds(count)); };
  return OptionRule(app_->add_option_function<int64_t>(name, keep, help)->default_str("0"));
}

void Command::Flag(const char* name, bool* value, const char* help) {
  app_->add_flag(name, *value, help);
}

bool Command::given() const { return app_->parsed(); }

CommandLine::CommandLine(const char* help) : app_(std::make_unique<CLI::App>(help)) {}
CommandLine::~CommandLine() = default;

CommandLine::Parsed CommandLine::Parse(int argc, char** argv) {
  try {
    app_->parse(argc, argv);
    return Parsed::kCommand;
  } catch (const CLI::ParseError& error) {
    return app_->exit(error) == 0 ? Parsed::kAnswered : Parsed::kWrong;
  }
}

}  // namespace tidemark::server
