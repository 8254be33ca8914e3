#include "http/url.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <charconv>

namespace baton::http {

std::string Url::authority() const {
  std::string out = host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (port != (tls ? 443 : 80)) out += ":" + std::to_string(port);
  return out;
}

Result<Url> parseUrl(const std::string& url) {
  Url out;
  std::string_view rest = url;
  if (rest.starts_with("https://")) {
    out.tls = true;
    rest.remove_prefix(8);
  } else if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
  } else {
    return invalid("'" + url + "' is not an http:// or https:// address");
  }
  if (rest.ends_with('/')) rest.remove_suffix(1);
  const bool bracket = rest.starts_with('[');
  const size_t hostEnd = std::min(bracket ? rest.find(']') : rest.find(':'), rest.size());
  if (bracket && hostEnd == rest.size()) return invalid("'" + url + "' has no valid host");
  out.host = bracket ? rest.substr(1, hostEnd - 1) : rest.substr(0, hostEnd);
  rest.remove_prefix(bracket ? hostEnd + 1 : hostEnd);
  out.port = out.tls ? 443 : 80;
  if (!rest.empty()) {
    const char* end = rest.data() + rest.size();
    const auto [stop, error] = std::from_chars(rest.data() + 1, end, out.port);
    if (rest.front() != ':' || error != std::errc() || stop != end) return invalid("'" + url + "' has no valid port");
  }
  boost::system::error_code notAddress;
  boost::asio::ip::make_address(out.host, notAddress);
  out.literal = !notAddress;
  const bool odd = out.host.find_first_of("/?#@ \t\r\n%") != std::string::npos;
  if (out.host.empty() || odd || (bracket && !out.literal)) return invalid("'" + url + "' has no valid host");
  return out;
}

}  // namespace baton::http
