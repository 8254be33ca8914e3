// Addresses to listen on, as people write them: HOST:PORT, [IPV6]:PORT, or :PORT for all interfaces.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace baton::app {

struct Address {
  std::string host;  // without brackets; empty: all interfaces
  uint16_t port = 0;

  /// Whether only this machine can reach it: 127.0.0.0/8, ::1 or localhost.
  bool loopback() const;
};

/// Nothing when the text is no address.
std::optional<Address> parseAddress(std::string_view text);

}  // namespace baton::app
