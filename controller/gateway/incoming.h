// What every call to the API address begins with, whoever answers it, and how a file of the program is answered. PURE.
#pragma once

#include <string>
#include <string_view>

#include "facades/call.h"
#include "http/server.h"

namespace baton::gateway {

/// The request, taken apart. `random`: 16 bytes, of which its id is made.
facades::Call incoming(http::Request request, const http::Peer& peer, std::string random, Time now);

/// Was it made by a browser for another site's page? A browser says where a page is from:
/// https://www.w3.org/TR/fetch-metadata/ and https://fetch.spec.whatwg.org/#origin-header
bool fromAnotherSite(const facades::Call& call);

/// A text that is part of the program.
struct File {
  std::string_view content;
  std::string type;  // of media
  std::string tag;   // tagOf(content)
};
/// An entity tag: https://www.rfc-editor.org/rfc/rfc9110#name-etag
std::string tagOf(std::string_view content);
/// 200, 304 when the caller has it, or 405.
http::Response fileAnswer(const facades::Call& call, const File& file);

}  // namespace baton::gateway
