// The address of a server: scheme, host and port of "https://host:port".
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace baton::http {

struct Url {
  bool tls = false;
  std::string host;  // without brackets: "fd00::1"
  uint16_t port = 0;
  bool literal = false;  // host is an IPv4 or IPv6 address

  /// "host:port" as in a Host header; the port is left out when it is the scheme's own.
  std::string authority() const;
};

/// Reads "http[s]://host[:port]", with at most a "/" behind it.
Result<Url> parseUrl(const std::string& url);

}  // namespace baton::http
