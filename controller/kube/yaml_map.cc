#include "kube/yaml_map.h"

#include <yaml-cpp/eventhandler.h>

#include <sstream>
#include <utility>

#include "kube/base64.h"

namespace baton::kube {
namespace {

constexpr int kDeepest = 32;
constexpr int kMostNodes = 10000;

const char* kindOf(const YAML::Node& node) {
  switch (node.Type()) {
    case YAML::NodeType::Map:
      return "a map";
    case YAML::NodeType::Sequence:
      return "a list";
    case YAML::NodeType::Scalar:
      return "a single value";
    default:
      return "nothing";
  }
}

std::string place(const std::string& file, const YAML::Mark& mark) {
  return mark.is_null() ? file : file + ":" + std::to_string(mark.line + 1);
}

/// An unquoted scalar as YAML's core schema and Go's reader see it.
nlohmann::json scalarToJson(const YAML::Node& node) {
  const std::string& text = node.Scalar();
  if (node.Tag() == "!") return text;  // quoted
  if (text == "true") return true;
  if (text == "false") return false;
  // Only what JSON, too, writes as a number: 007 or 1_000 stay words.
  auto number = nlohmann::json::parse(text, nullptr, false);
  return number.is_number() ? number : nlohmann::json(text);
}

/// What the parser says, without the words of the file with which some of its messages end.
std::string complaint(const std::string& message) {
  for (const char* fixed : {YAML::ErrorMsg::UNKNOWN_ANCHOR, YAML::ErrorMsg::YAML_VERSION,
                            YAML::ErrorMsg::INVALID_UNICODE, YAML::ErrorMsg::INVALID_ESCAPE})
    if (message.starts_with(fixed)) return message.substr(0, std::string_view(fixed).find(':'));
  return message;
}

nlohmann::json toJson(const YAML::Node& node, int depth, int& left) {
  if (depth > kDeepest || --left < 0) throw YamlFault("is too large or too deep");
  if (node.IsScalar()) return scalarToJson(node);
  nlohmann::json j;
  if (node.IsSequence()) {
    j = nlohmann::json::array();
    for (const YAML::Node& item : node) j.push_back(toJson(item, depth + 1, left));
  } else if (node.IsMap()) {
    j = nlohmann::json::object();
    for (const auto& entry : node) {
      if (!entry.first.IsScalar()) throw YamlFault("has a key that is not a string");
      j[entry.first.Scalar()] = toJson(entry.second, depth + 1, left);
    }
  }
  return j;
}

/// Is there anything in a document?
class Look final : public YAML::EventHandler {
 public:
  bool any = false;
  YAML::Mark begin;

  void OnDocumentStart(const YAML::Mark& mark) override { begin = mark; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override { any = true; }
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override { any = true; }
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
    any = true;
  }
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
    any = true;
  }
  void OnMapEnd() override {}
};

}  // namespace

std::optional<YAML::Mark> secondDocument(const std::string& text) {
  std::istringstream in(text);
  YAML::Parser parser(in);
  Look first, second;
  if (!parser.HandleNextDocument(first) || !parser.HandleNextDocument(second)) return std::nullopt;
  // The last line may be "---".
  return second.any || parser ? std::optional(second.begin) : std::nullopt;
}

YamlMap::YamlMap(YAML::Node node, std::string file, std::string name)
    : node_(std::move(node)), file_(std::move(file)), name_(std::move(name)) {
  if (!node_.IsMap() && !node_.IsNull()) expected("a map", node_, name_.empty() ? "the document" : name_);
}

YamlMap YamlMap::document(const std::string& text, const std::string& file) {
  try {
    if (const auto more = secondDocument(text))
      throw YamlFault(place(file, *more) + ": expected one YAML document, found more");
    return YamlMap(YAML::Load(text), file, "");
  } catch (const YAML::Exception& e) {
    throw YamlFault(place(file, e.mark) + ": expected YAML: " + complaint(e.msg));
  }
}

YAML::Node YamlMap::child(const char* key) const {
  if (!node_.IsMap()) return YAML::Node(YAML::NodeType::Null);
  const YAML::Node& map = node_;
  const YAML::Node found = map[std::string(key)];
  return found.IsDefined() ? found : YAML::Node(YAML::NodeType::Null);
}

void YamlMap::expected(const char* what, const YAML::Node& node, const std::string& name) const {
  throw YamlFault(place(file_, node.Mark()) + ": " + name + ": expected " + what + ", found " + kindOf(node));
}

std::string YamlMap::scalar(const YAML::Node& node, const std::string& name) const {
  if (node.IsNull()) return {};
  if (!node.IsScalar()) expected("a string", node, name);
  return node.Scalar();
}

std::vector<std::string> YamlMap::scalars(const YAML::Node& node, const std::string& name) const {
  std::vector<std::string> all;
  if (node.IsNull()) return all;
  if (!node.IsSequence()) expected("a list of strings", node, name);
  for (const YAML::Node& item : node) all.push_back(scalar(item, name + "[" + std::to_string(all.size()) + "]"));
  return all;
}

std::vector<std::string> YamlMap::keys() const {
  std::vector<std::string> all;
  if (!node_.IsMap()) return all;
  for (const auto& entry : node_) all.push_back(scalar(entry.first, name_ + " (a key)"));
  return all;
}

std::string YamlMap::string(const char* key) const { return scalar(child(key), nameOf(key)); }

bool YamlMap::boolean(const char* key) const {
  const YAML::Node node = child(key);
  if (node.IsNull()) return false;
  bool value = false;
  if (!node.IsScalar() || !YAML::convert<bool>::decode(node, value)) expected("true or false", node, nameOf(key));
  return value;
}

std::vector<std::string> YamlMap::strings(const char* key) const { return scalars(child(key), nameOf(key)); }

std::string YamlMap::base64(const char* key) const {
  const YAML::Node node = child(key);
  auto bytes = base64Decode(scalar(node, nameOf(key)));
  if (!bytes)
    throw YamlFault(place(file_, node.Mark()) + ": " + nameOf(key) + ": expected base64, found other characters");
  return std::move(*bytes);
}

std::optional<YamlMap> YamlMap::map(const char* key) const {
  const YAML::Node node = child(key);
  if (node.IsNull()) return std::nullopt;
  return YamlMap(node, file_, nameOf(key));
}

std::vector<YamlMap> YamlMap::maps(const char* key) const {
  std::vector<YamlMap> all;
  const YAML::Node node = child(key);
  if (node.IsNull()) return all;
  if (!node.IsSequence()) expected("a list of maps", node, nameOf(key));
  for (const YAML::Node& item : node)
    all.push_back(YamlMap(item, file_, nameOf(key) + "[" + std::to_string(all.size()) + "]"));
  return all;
}

std::vector<std::pair<std::string, std::vector<std::string>>> YamlMap::listsByKey() const {
  std::vector<std::pair<std::string, std::vector<std::string>>> all;
  if (!node_.IsMap()) return all;
  for (const auto& entry : node_) {
    const std::string key = scalar(entry.first, name_ + " (a key)");
    all.emplace_back(key, scalars(entry.second, nameOf(key.c_str())));
  }
  return all;
}

nlohmann::json YamlMap::json(const char* key) const {
  const YAML::Node node = child(key);
  int left = kMostNodes;
  try {
    return toJson(node, 0, left);
  } catch (const YamlFault& fault) {
    throw YamlFault(place(file_, node.Mark()) + ": " + nameOf(key) + ": " + fault.what());
  }
}

YamlMap YamlMap::named(std::string name) const {
  YamlMap copy = *this;
  copy.name_ = std::move(name);
  return copy;
}

std::string YamlMap::where() const { return place(file_, node_.Mark()) + ": " + name_; }

}  // namespace baton::kube
