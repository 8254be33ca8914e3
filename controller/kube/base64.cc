#include "kube/base64.h"

#include "base/crypto.h"

namespace baton::kube {

std::string base64Encode(std::string_view bytes) { return base64(bytes); }

std::optional<std::string> base64Decode(std::string_view text) {
  std::string line;
  line.reserve(text.size());
  for (const char c : text)
    if (c != '\n' && c != '\r') line += c;
  return fromBase64(line);
}

}  // namespace baton::kube
