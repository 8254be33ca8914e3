// Every JSON that differs from a good one by one value of a wrong type.
#pragma once

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace baton::api::test {

/// Calls f with `good` in which one value, at every place in turn, is replaced by one of every other type.
inline void forEachSpoiled(const nlohmann::json& good, const std::function<void(const nlohmann::json&)>& f) {
  static const std::vector<nlohmann::json> wrong = {nullptr,
                                                    true,
                                                    7,
                                                    -1,
                                                    9223372036854775807LL,
                                                    18446744073709551615ULL,
                                                    1e300,
                                                    "x",
                                                    "",
                                                    std::string(70000, 'y'),
                                                    nlohmann::json::array(),
                                                    nlohmann::json::array({nullptr, 1, "a", {{"k", 1}}}),
                                                    nlohmann::json::object(),
                                                    {{"x", {{"y", nlohmann::json::array({1})}}}}};
  const nlohmann::json flat = good.flatten();
  std::vector<std::string> places = {""};
  for (const auto& [path, value] : flat.items())
    for (std::string p = path; !p.empty(); p = p.substr(0, p.rfind('/')))
      if (std::find(places.begin(), places.end(), p) == places.end()) places.push_back(p);
  for (const auto& place : places)
    for (const auto& w : wrong) {
      nlohmann::json spoiled = good;
      spoiled[nlohmann::json::json_pointer(place)] = w;
      f(spoiled);
    }
}

}  // namespace baton::api::test
