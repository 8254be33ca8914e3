#include "ui/page.h"

#include <map>

#include "facades/common.h"
#include "gateway/incoming.h"

namespace baton::ui {
namespace {

std::string typeOf(std::string_view name) {
  if (name.ends_with(".html")) return "text/html; charset=utf-8";
  if (name.ends_with(".js")) return "text/javascript; charset=utf-8";
  if (name.ends_with(".css")) return "text/css; charset=utf-8";
  if (name.ends_with(".svg")) return "image/svg+xml";
  return "text/plain; charset=utf-8";
}

const std::map<std::string_view, gateway::File>& files() {
  static const auto all = [] {
    std::map<std::string_view, gateway::File> made;
    for (const auto& f : pageFiles())
      made[f.name] = gateway::File{f.content, typeOf(f.name), gateway::tagOf(f.content)};
    return made;
  }();
  return all;
}

}  // namespace

std::optional<http::Response> pageAnswer(const facades::Call& call) {
  // Relative, so that it is right behind a proxy that serves it below another path.
  if (facades::isPath(call, {"ui"})) return http::Response{308, {{"Location", "ui/"}}, ""};
  if (call.segments.size() != 2 || call.segments[0] != "ui") return std::nullopt;
  const auto found = files().find(call.segments[1].empty() ? "index.html" : call.segments[1]);
  if (found == files().end()) return std::nullopt;
  return gateway::fileAnswer(call, found->second);
}

/// https://www.w3.org/TR/CSP3/
http::Response guarded(http::Response response) {
  response.headers.emplace_back(
      "Content-Security-Policy",
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; "
      "form-action 'none'; frame-ancestors 'none'");
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  response.headers.emplace_back("Referrer-Policy", "no-referrer");
  if (!http::find(response.headers, "Cache-Control")) response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

}  // namespace baton::ui
