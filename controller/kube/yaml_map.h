// Typed reading of YAML that says where it went wrong. For kubeconfig and credentials files.
#pragma once

#include <yaml-cpp/yaml.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace baton::kube {

/// Thrown by YamlMap and caught by its user; what(): "FILE:LINE: FIELD: expected ..., found ...".
class YamlFault : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Where a second document begins, or what yaml-cpp would never get past; nothing when there is none. Its own LoadAll
/// makes documents without end of a text like ",". Throws YAML::Exception when the text is no YAML.
std::optional<YAML::Mark> secondDocument(const std::string& text);

/// A map of a document. What isn't there, or is null, reads as empty; what is of another type throws. Error messages
/// never quote values, which may be secrets.
class YamlMap {
 public:
  /// The document of a file. Throws when it is no YAML, or not a map; an empty document is an empty map.
  static YamlMap document(const std::string& text, const std::string& file);

  std::vector<std::string> keys() const;
  std::string string(const char* key) const;
  bool boolean(const char* key) const;
  std::vector<std::string> strings(const char* key) const;
  std::string base64(const char* key) const;  // decoded
  std::optional<YamlMap> map(const char* key) const;
  std::vector<YamlMap> maps(const char* key) const;
  /// Every key with the strings of its list.
  std::vector<std::pair<std::string, std::vector<std::string>>> listsByKey() const;
  /// Anything as JSON. Throws when it is very large or deep, as aliases can make it.
  nlohmann::json json(const char* key) const;

  /// The same map, called so in messages.
  YamlMap named(std::string name) const;
  /// "FILE:LINE: NAME".
  std::string where() const;

 private:
  YamlMap(YAML::Node node, std::string file, std::string name);
  YAML::Node child(const char* key) const;
  std::string nameOf(const char* key) const { return name_.empty() ? key : name_ + "." + key; }
  std::string scalar(const YAML::Node& node, const std::string& name) const;
  std::vector<std::string> scalars(const YAML::Node& node, const std::string& name) const;
  [[noreturn]] void expected(const char* what, const YAML::Node& node, const std::string& name) const;

  YAML::Node node_;
  std::string file_;
  std::string name_;
};

}  // namespace baton::kube
