// Reading the Prometheus text format.
#pragma once

#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "reconcile/metrics.h"

namespace baton::reconcile {

inline std::vector<std::string> linesOf(const std::string& text) {
  std::vector<std::string> all;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) all.push_back(line);
  return all;
}

/// Of a series, such as `workqueue_depth{name="hagroup"}`; nothing when the text has none of that name and labels.
inline std::optional<double> valueOf(const std::string& text, const std::string& series) {
  for (const auto& line : linesOf(text))
    if (line.starts_with(series + " ")) return std::stod(line.substr(series.size() + 1));
  return std::nullopt;
}

/// Without groups.
inline std::string textOf(Metrics& metrics) {
  return metrics.text([](const auto&) {}, 0);
}

}  // namespace baton::reconcile
