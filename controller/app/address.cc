#include "app/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace baton::app {
namespace {

bool isIp(int family, const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  return inet_pton(family, host.c_str(), bytes.data()) == 1;
}

bool isNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

/// A DNS name; what looks like an IPv4 address has to be one.
bool isName(const std::string& host) {
  const bool numeric = std::all_of(host.begin(), host.end(), [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
  return !numeric && host.size() <= 253 && std::all_of(host.begin(), host.end(), isNameCharacter) &&
         host.front() != '-' && host.front() != '.' && host.back() != '-' && host.find("..") == std::string::npos;
}

std::optional<uint16_t> parsePort(std::string_view text) {
  uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, port);
  if (error != std::errc() || stop != end) return std::nullopt;
  return port;
}

}  // namespace

bool Address::loopback() const {
  return host == "localhost" || host == "::1" || (host.starts_with("127.") && isIp(AF_INET, host));
}

std::optional<Address> parseAddress(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port = parsePort(text.substr(colon + 1));
  if (!port) return std::nullopt;
  Address address{std::string(text.substr(0, colon)), *port};
  if (address.host.empty()) return address;
  if (address.host.starts_with('[') && address.host.ends_with(']')) {
    address.host = address.host.substr(1, address.host.size() - 2);
    return isIp(AF_INET6, address.host) ? std::optional(address) : std::nullopt;
  }
  return isIp(AF_INET, address.host) || isName(address.host) ? std::optional(address) : std::nullopt;
}

}  // namespace baton::app
