#include <yaml-cpp/yaml.h>

#include <map>
#include <utility>

#include "app/settings_table.h"
#include "app/spelling.h"
#include "kube/yaml_map.h"

namespace baton::app {
namespace {

bool quotedInFile(const YAML::Node& node) { return node.Tag() == "!" || node.Tag().ends_with(":str"); }

std::string found(const YAML::Node& node) {
  if (node.IsMap()) return "a map";
  if (node.IsSequence()) return "a list";
  if (!node.IsScalar()) return "nothing";
  return (quotedInFile(node) ? "the text " : "") + inQuotes(node.Scalar());
}

std::string lineOf(const std::string& file, const YAML::Mark& mark) {
  return mark.is_null() ? file : file + ":" + std::to_string(mark.line + 1);
}

const Setting* byKey(const std::string& key) {
  for (const auto& setting : allSettings())
    if (setting.key == key) return &setting;
  return nullptr;
}

Error unknownKey(const std::string& where, const std::string& key) {
  for (const auto& flag : programFlags())
    if (key == flag.flag) return invalid(where + ": " + key + " is a flag only, not a key of this file");
  std::vector<std::string> names;
  for (const auto& setting : allSettings()) names.push_back(setting.key);
  const std::string near = nearest(key, names);
  return invalid(where + ": unknown key " + inQuotes(key) +
                 (near.empty() ? "; --help lists all" : "; did you mean " + near + "?"));
}

Error wrongType(const Given& given, const YAML::Node& node) {
  const char* wrap = given.setting->shape == Shape::List ? "a list of " : "";
  return invalid(given.where + ": expected " + wrap + given.setting->expected + ", found " + found(node));
}

Status readValue(const YAML::Node& node, Given& given) {
  const Shape shape = given.setting->shape;
  if (shape == Shape::List) {
    if (!node.IsSequence()) return wrongType(given, node);
    for (const YAML::Node& item : node) {
      if (!item.IsScalar()) return wrongType(given, item);
      given.words.push_back(item.Scalar());
    }
    return Ok{};
  }
  const bool mayBeQuoted = shape == Shape::Text;
  if (!node.IsScalar() || (!mayBeQuoted && quotedInFile(node))) return wrongType(given, node);
  given.words = {node.Scalar()};
  return Ok{};
}

class Document {
 public:
  explicit Document(const std::string& file) : file_(file) {}

  Status read(const YAML::Node& root) {
    if (root.IsNull()) return Ok{};
    if (!root.IsMap())
      return invalid(lineOf(file_, root.Mark()) + ": expected a map of settings, found " + found(root));
    for (const auto& entry : root)
      if (auto done = readEntry(entry.first, entry.second); !done.ok()) return done;
    return Ok{};
  }
  std::vector<Given> take() { return std::move(given_); }

 private:
  Status readEntry(const YAML::Node& key, const YAML::Node& value) {
    const std::string where = lineOf(file_, key.Mark());
    if (!key.IsScalar()) return invalid(where + ": expected the name of a setting as key, found " + found(key));
    const std::string& name = key.Scalar();
    const Setting* setting = byKey(name);
    if (setting == nullptr) return unknownKey(where, name);
    const auto [first, isNew] = lines_.emplace(name, key.Mark().line + 1);
    if (!isNew)
      return invalid(where + ": " + name + ": expected once, but it is also on line " + std::to_string(first->second));
    if (value.IsNull()) return Ok{};  // "key:" alone: as if it were not there
    Given given{setting, {}, lineOf(file_, value.Mark()) + ": " + name};
    if (auto done = readValue(value, given); !done.ok()) return done;
    given_.push_back(std::move(given));
    return Ok{};
  }

  const std::string& file_;
  std::map<std::string, int> lines_;
  std::vector<Given> given_;
};

}  // namespace

Result<std::vector<Given>> readSettingsFile(const std::string& text, const std::string& file) {
  try {
    if (const auto more = kube::secondDocument(text))
      return invalid(lineOf(file, *more) + ": expected one YAML document, found more");
    Document document(file);
    if (auto done = document.read(YAML::Load(text)); !done.ok()) return std::move(done).error();
    return document.take();
  } catch (const YAML::Exception& e) {
    return invalid(lineOf(file, e.mark) + ": expected YAML: " + e.msg);
  }
}

}  // namespace baton::app
