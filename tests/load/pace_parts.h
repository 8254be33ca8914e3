// What load_pace is told, and what it tells; PURE but for the request's file.
#pragma once

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace baton::load {

[[noreturn]] inline void die(const std::string& why) {
  std::fprintf(stderr, "load_pace: %s\n", why.c_str());
  std::exit(2);
}

struct Options {
  std::string address = "127.0.0.1", request, body;
  std::vector<std::string> sources;
  uint16_t port = 0;
  size_t connections = 8;
  double rate = 0, seconds = 0;  // 0: none
  size_t count = 0;              // 0: no limit
};

inline std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> all;
  std::istringstream in(text);
  for (std::string one; std::getline(in, one, ',');) all.push_back(one);
  return all;
}

inline Options parse(int argc, char** argv) {
  std::map<std::string, std::string> given;
  for (int i = 1; i < argc; i += 2) {
    if (i + 1 >= argc || std::strncmp(argv[i], "--", 2) != 0) die(std::string("expected --name value at ") + argv[i]);
    given[argv[i] + 2] = argv[i + 1];
  }
  Options o;
  for (const auto& [name, value] : given) {
    if (name == "port")
      o.port = static_cast<uint16_t>(std::stoul(value));
    else if (name == "address")
      o.address = value;
    else if (name == "sources")
      o.sources = split(value);
    else if (name == "connections")
      o.connections = std::stoul(value);
    else if (name == "rate")
      o.rate = std::stod(value);
    else if (name == "seconds")
      o.seconds = std::stod(value);
    else if (name == "count")
      o.count = std::stoul(value);
    else if (name == "body")
      o.body = value;
    else if (name == "request")
      o.request = value;
    else
      die("there is no --" + name);
  }
  std::ifstream file(o.request, std::ios::binary);
  o.request = std::string(std::istreambuf_iterator<char>(file), {});
  if (o.port == 0 || o.request.empty() || o.connections == 0) die("--port, --request and --connections are needed");
  return o;
}

struct Results {
  std::vector<uint32_t> microseconds;
  size_t wrong = 0, dropped = 0, refused = 0, unanswered = 0;
  std::string firstWrong;
};

inline nlohmann::json toJson(Results r, double seconds) {
  auto& all = r.microseconds;
  std::sort(all.begin(), all.end());
  const auto quantile = [&](double share) {
    if (all.empty()) return 0.0;
    const auto rank = static_cast<size_t>(share * static_cast<double>(all.size()) + 0.999999);
    return all[std::min(std::max<size_t>(rank, 1), all.size()) - 1] / 1000.0;
  };
  return {{"answered", all.size()},
          {"wrong", r.wrong},
          {"dropped", r.dropped},
          {"refused", r.refused},
          {"unanswered", r.unanswered},
          {"seconds", seconds},
          {"perSecond", seconds > 0 ? static_cast<double>(all.size()) / seconds : 0.0},
          {"p50", quantile(0.5)},
          {"p99", quantile(0.99)},
          {"p999", quantile(0.999)},
          {"max", quantile(1)},
          {"firstWrong", r.firstWrong}};
}

struct Answer {
  size_t size = 0;  // of head and body
  std::string body;
  bool ok = false, close = false;
};

/// Nothing: there is more to come.
inline std::optional<Answer> answerIn(const std::string& in) {
  const size_t end = in.find("\r\n\r\n");
  if (end == std::string::npos) return std::nullopt;
  std::string head = in.substr(0, end + 2);
  std::transform(head.begin(), head.end(), head.begin(), [](unsigned char c) { return std::tolower(c); });
  const size_t at = head.find("\r\ncontent-length:");
  const size_t length = at == std::string::npos ? 0 : std::strtoul(head.c_str() + at + 17, nullptr, 10);
  if (in.size() < end + 4 + length) return std::nullopt;
  Answer a;
  a.size = end + 4 + length;
  a.body = in.substr(end + 4, length);
  a.ok = head.starts_with("http/1.1 200 ");
  a.close = head.find("\r\nconnection: close\r\n") != std::string::npos;
  return a;
}

}  // namespace baton::load
