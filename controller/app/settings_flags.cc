#include <algorithm>
#include <optional>
#include <utility>

#include "app/settings_table.h"
#include "app/spelling.h"

namespace baton::app {
namespace {

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> words;
  if (list.empty()) return words;
  size_t begin = 0;
  for (size_t comma = list.find(','); comma != std::string::npos; comma = list.find(',', begin)) {
    words.push_back(list.substr(begin, comma - begin));
    begin = comma + 1;
  }
  words.push_back(list.substr(begin));
  return words;
}

const Setting* byFlag(const std::string& flag) {
  for (const auto& setting : allSettings())
    if (setting.flag == flag) return &setting;
  return nullptr;
}

Error unknownFlag(const std::string& arg) {
  std::vector<std::string> names;
  for (const auto& setting : allSettings()) names.push_back("--" + setting.flag);
  for (const auto& flag : programFlags()) names.push_back("--" + std::string(flag.flag));
  const std::string near = nearest(arg, names);
  return invalid("unknown flag " + inQuotes(arg) +
                 (near.empty() ? "; --help lists all" : "; did you mean " + near + "?"));
}

/// Reads the arguments from left to right.
class Reader {
 public:
  explicit Reader(const std::vector<std::string>& args) : args_(args) {}

  Result<Flags> read() {
    while (next_ < args_.size())
      if (auto done = readOne(args_[next_++]); !done.ok()) return std::move(done).error();
    return std::move(flags_);
  }

 private:
  Status readOne(const std::string& arg) {
    if (!arg.starts_with('-') || arg == "-" || arg == "--") return stray(arg);
    const size_t equals = arg.find('=');
    const std::string name = arg.substr(0, equals);
    const auto attached = equals == std::string::npos ? std::nullopt : std::optional(arg.substr(equals + 1));
    if (!name.starts_with("--")) return unknownFlag(name);
    const std::string flag = name.substr(2);
    if (flag == "config") return readConfig(attached);
    const Setting* setting = byFlag(flag);
    if (setting == nullptr) return unknownFlag(name);
    if (setting->shape == Shape::Switch) return add(*setting, attached.value_or("true"));
    auto value = valueOf(name, setting->expected, attached);
    if (!value.ok()) return std::move(value).error();
    return add(*setting, *value);
  }

  Status readConfig(const std::optional<std::string>& attached) {
    auto value = valueOf("--config", "the path of a file", attached);
    if (!value.ok()) return std::move(value).error();
    if (value->empty()) return invalid("--config: expected the path of a file, found ''");
    if (!flags_.config.empty()) return invalid("--config: expected once, but it is given twice");
    flags_.config = *value;
    return Ok{};
  }

  Result<std::string> valueOf(const std::string& name, const std::string& expected,
                              const std::optional<std::string>& attached) {
    if (attached) return *attached;
    const bool isThere = next_ < args_.size() && !args_[next_].starts_with("--");
    if (isThere) return args_[next_++];
    return invalid(name + ": expected " + expected + ", found " +
                   (next_ < args_.size() ? "the flag " + inQuotes(args_[next_]) : "no value"));
  }

  Status add(const Setting& setting, const std::string& value) {
    const std::string where = "--" + setting.flag;
    const auto same = [&](const Given& g) { return g.setting == &setting; };
    if (std::any_of(flags_.given.begin(), flags_.given.end(), same))
      return invalid(where + ": expected once, but it is given twice");
    const bool list = setting.shape == Shape::List;
    flags_.given.push_back({&setting, list ? split(value) : std::vector<std::string>{value}, where});
    return Ok{};
  }

  Error stray(const std::string& arg) const {
    const bool afterSwitch = (arg == "true" || arg == "false") && next_ >= 2 && !flags_.given.empty() &&
                             flags_.given.back().setting->shape == Shape::Switch &&
                             args_[next_ - 2] == flags_.given.back().where;
    if (afterSwitch) return invalid("unexpected argument " + inQuotes(arg) + "; write " + args_[next_ - 2] + "=" + arg);
    return invalid("unexpected argument " + inQuotes(arg) + "; expected flags only, such as --config FILE");
  }

  const std::vector<std::string>& args_;
  size_t next_ = 0;
  Flags flags_;
};

bool has(const std::vector<std::string>& args, const char* flag) {
  return std::find(args.begin(), args.end(), flag) != args.end();
}

}  // namespace

Result<Flags> readFlags(const std::vector<std::string>& args) {
  // Whoever asks for help gets it, whatever else is wrong.
  Flags flags;
  flags.help = has(args, "--help") || has(args, "-h");
  flags.version = has(args, "--version");
  if (flags.help || flags.version) return flags;
  return Reader(args).read();
}

}  // namespace baton::app
