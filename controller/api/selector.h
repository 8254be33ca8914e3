// Label selectors: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace baton::api {

struct Requirement {
  enum class Operator { In, NotIn, Exists, DoesNotExist };
  std::string key;
  Operator op = Operator::In;
  std::vector<std::string> values;
};

/// matchLabels are kept as `In` with one value.
struct Selector {
  std::vector<Requirement> requirements;

  /// `value(key)` gives a label's value, or nullptr when the object has no such label. An empty selector matches
  /// nothing: a group of every pod in the namespace is never what is meant.
  bool matches(const std::function<const std::string*(std::string_view key)>& value) const;
  /// A key and value that every match must carry, good for an index; empty when there is none.
  std::pair<std::string, std::string> indexPair() const;
};

Result<Selector> parseSelector(const nlohmann::json& j);

}  // namespace baton::api
