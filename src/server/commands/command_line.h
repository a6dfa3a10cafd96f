// Options and arguments of subcommands. CLI11 parses them; its headers, which take seconds to
// compile, stay in command_line.cc.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace tidemark::server {

class Command;

constexpr int64_t kShownMax = 1'000'000'000;  // the most that an option --limit can ask for

// An option or argument that was added; each call narrows what it takes.
class OptionRule {
 public:
  explicit OptionRule(CLI::Option* option) : option_(option) {}
  OptionRule& Environment(const char* variable);  // where its value comes from if it is not given
  OptionRule& Required();
  OptionRule& Needs(const Command& command, const char* option);  // taken only together with that
  OptionRule& OneOf(std::vector<std::string> values);
  OptionRule& NotEmpty();  // an empty value, of an unset variable say, is none that was left out
  OptionRule& Range(int64_t least, int64_t most);
  OptionRule& Count(int least, int most);  // of values, for Texts
  OptionRule& OneEach();                   // given again for each further value, for Texts
  // `fault` tells what is wrong with a value, or "". `type` is its name in the help.
  OptionRule& Check(const char* type, std::function<std::string(const std::string&)> fault);

 private:
  CLI::Option* option_;
};

// A command or subcommand. What a value is stored in must outlive the parsing, and holds the
// default before it. A name with dashes is an option, one without an argument.
class Command {
 public:
  explicit Command(CLI::App* app) : app_(app) {}

  Command Add(const char* name, const char* help);  // a subcommand; one must be given then

  OptionRule Text(const char* name, std::string* value, const char* help);
  OptionRule Texts(const char* name, std::vector<std::string>* values, const char* help);
  OptionRule Number(const char* name, int64_t* value, const char* help);
  OptionRule Number(const char* name, uint64_t* value, const char* help);
  OptionRule Size(const char* name, uint64_t* bytes, const char* help);  // "64MiB"
  // "600s", "10m", "2h"; `preset` is how the default reads.
  OptionRule Duration(const char* name, std::function<void(std::chrono::seconds)> store,
                      const char* preset, const char* help);
  // A whole number, 0 unless given.
  OptionRule Milliseconds(const char* name, std::function<void(std::chrono::milliseconds)> store,
                          const char* help);
  void Flag(const char* name, bool* value, const char* help);

  bool given() const;

 private:
  friend class OptionRule;

  CLI::App* app_;
};

// The whole of it.
class CommandLine {
 public:
  explicit CommandLine(const char* help);
  ~CommandLine();
  Command root() { return Command(app_.get()); }

  enum class Parsed {
    kCommand,   // a subcommand is given
    kAnswered,  // --help, which is printed
    kWrong,     // said on standard error
  };
  Parsed Parse(int argc, char** argv);

 private:
  std::unique_ptr<CLI::App> app_;
};

}  // namespace tidemark::server
