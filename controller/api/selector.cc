#include "api/selector.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

namespace baton::api {
namespace {

bool holds(const Requirement& r, const std::string* value) {
  const bool in = value && std::find(r.values.begin(), r.values.end(), *value) != r.values.end();
  switch (r.op) {
    case Requirement::Operator::In:
      return in;
    case Requirement::Operator::NotIn:
      return !in;
    case Requirement::Operator::Exists:
      return value != nullptr;
    case Requirement::Operator::DoesNotExist:
      return value == nullptr;
  }
  return false;
}

std::optional<Requirement::Operator> operatorOf(const std::string& s) {
  if (s == "In") return Requirement::Operator::In;
  if (s == "NotIn") return Requirement::Operator::NotIn;
  if (s == "Exists") return Requirement::Operator::Exists;
  if (s == "DoesNotExist") return Requirement::Operator::DoesNotExist;
  return std::nullopt;
}

Result<Requirement> parseExpression(const nlohmann::json& e) {
  Requirement r;
  if (!e.is_object() || !e.contains("key") || !e["key"].is_string() || !e.contains("operator") ||
      !e["operator"].is_string())
    return invalid("selector.matchExpressions: each needs a key and an operator");
  r.key = e["key"].get<std::string>();
  const auto op = operatorOf(e["operator"].get<std::string>());
  if (!op)
    return invalid("selector.matchExpressions: operator of key " + r.key +
                   " must be In, NotIn, Exists or DoesNotExist");
  r.op = *op;
  if (const auto v = e.find("values"); v != e.end() && v->is_array())
    for (const auto& x : *v)
      if (x.is_string()) r.values.push_back(x.get<std::string>());
  const bool needs = r.op == Requirement::Operator::In || r.op == Requirement::Operator::NotIn;
  if (needs == r.values.empty())
    return invalid("selector.matchExpressions: key " + r.key +
                   (needs ? " needs values with In and NotIn" : " takes no values with Exists and DoesNotExist"));
  return r;
}

}  // namespace

bool Selector::matches(const std::function<const std::string*(std::string_view)>& value) const {
  return !requirements.empty() && std::all_of(requirements.begin(), requirements.end(),
                                              [&](const Requirement& r) { return holds(r, value(r.key)); });
}

std::pair<std::string, std::string> Selector::indexPair() const {
  // Labels that an application's groups share select less well than those that tell instances apart.
  static const std::vector<std::string> common = {"app.kubernetes.io/name", "app.kubernetes.io/component",
                                                  "app.kubernetes.io/managed-by", "app.kubernetes.io/part-of"};
  const Requirement* best = nullptr;
  for (const auto& r : requirements) {
    if (r.op != Requirement::Operator::In || r.values.size() != 1) continue;
    const bool shared = std::find(common.begin(), common.end(), r.key) != common.end();
    if (!best || !shared) best = &r;
    if (!shared) break;
  }
  if (!best) return {};
  return {best->key, best->values.front()};
}

Result<Selector> parseSelector(const nlohmann::json& j) {
  Selector s;
  if (!j.is_object()) return invalid("selector: must be an object with matchLabels or matchExpressions");
  if (const auto labels = j.find("matchLabels"); labels != j.end() && labels->is_object())
    for (const auto& [k, v] : labels->items()) {
      if (!v.is_string()) return invalid("selector.matchLabels: value of " + k + " must be a string");
      s.requirements.push_back({k, Requirement::Operator::In, {v.get<std::string>()}});
    }
  if (const auto expressions = j.find("matchExpressions"); expressions != j.end() && expressions->is_array())
    for (const auto& e : *expressions) {
      auto r = parseExpression(e);
      if (!r) return std::move(r).error();
      s.requirements.push_back(std::move(*r));
    }
  if (s.requirements.empty()) return invalid("selector: must name at least one label");
  return s;
}

}  // namespace baton::api
