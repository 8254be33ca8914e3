// Targets, percent-encoding, forms, hosts and addresses.
#include "app/address.h"
#include "fuzz/fuzz.h"
#include "http/message.h"
#include "http/status_error.h"
#include "http/uri.h"
#include "http/url.h"
#include "kube/kubeconfig_resolve.h"

namespace baton::fuzz {
namespace {

void target(std::string_view text) {
  const auto [path, query] = http::splitTarget(text);
  check(path.find('?') == path.npos && path.size() + query.size() <= text.size(), "a path ends at the question mark");
  const auto words = http::segments(path);
  check(words.has_value() == http::decode(path).has_value(), "a path can be decoded when its segments can");
  if (!words) return;
  std::string again;
  for (const auto& word : *words) again += "/" + http::encode(word);
  check(http::segments(again) == words, "encoded segments decode to what they were");
}

void form(std::string_view text) {
  const auto all = http::parameters(text);
  if (!all) return;
  std::string again;
  for (const auto& [key, value] : *all) again += http::encode(key) + "=" + http::encode(value) + "&";
  check(http::parameters(again) == all, "encoded parameters decode to what they were");
  for (const auto& [key, value] : *all)
    check(http::parameter(*all, key).has_value(), "a parameter is found by its name");
}

void percent(std::string_view text) {
  const std::string encoded = http::encode(text);
  check(http::decode(encoded) == text, "what was encoded decodes to itself");
  const auto decoded = http::decode(text);
  check(!decoded || decoded->size() <= text.size(), "decoding makes nothing longer");
  check(decoded || text.find('%') != text.npos, "only a percent sign can be wrong");
}

void host(std::string_view text) {
  check(http::hostName(text) == http::hostName(http::hostName(text) + ":8443") || text.find('[') != text.npos,
        "a name without its port has none");
  if (text.find_first_of(":[]") == text.npos)
    check(http::hostName(std::string(text) + ":8443") == http::hostName(text), "a host is the same with a port");
}

void addresses(const std::string& text) {
  if (const auto url = http::parseUrl(text)) {
    check(!url->host.empty(), "a URL has a host");
    const auto again = http::parseUrl((url->tls ? "https://" : "http://") + url->authority());
    check(again && again->host == url->host && again->port == url->port, "a URL is read as it is written");
  }
  if (const auto server = kube::parseServer(text))
    check(!hasControl(server->server) && text.starts_with(server->server + server->pathPrefix),
          "a server is of its URL");
  if (const auto address = app::parseAddress(text)) check(text.find(':') != text.npos, "an address has a port");
  const http::Headers headers = {{text, text}};
  if (http::wellFormed(headers)) check(!hasControl(text) && !text.empty(), "a header holds no control character");
}

}  // namespace
}  // namespace baton::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text = baton::fuzz::textOf(data, size);
  baton::fuzz::target(text);
  baton::fuzz::form(text);
  baton::fuzz::percent(text);
  baton::fuzz::host(text);
  baton::fuzz::addresses(text);
  return 0;
}
