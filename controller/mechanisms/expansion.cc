#include "mechanisms/expansion.h"

namespace baton::mechanisms {

std::string expand(std::string_view text, const Variables& variables) {
  std::string out;
  while (!text.empty()) {
    const size_t dollar = text.find('$');
    if (dollar == text.npos || dollar + 1 == text.size()) return out.append(text);
    out.append(text.substr(0, dollar));
    text.remove_prefix(dollar + 1);
    const size_t close = text.front() == '(' ? text.find(')') : text.npos;
    if (close != text.npos) {
      const std::string_view name = text.substr(1, close - 1);
      if (const auto value = variables(name))
        out.append(*value);
      else
        out.append("$(").append(name).append(")");
      text.remove_prefix(close + 1);
      continue;
    }
    // "$$" is an escaped "$"; "$" before anything else means itself. Both end behind that next character.
    if (text.front() != '$') out += '$';
    out += text.front();
    text.remove_prefix(1);
  }
  return out;
}

}  // namespace baton::mechanisms
