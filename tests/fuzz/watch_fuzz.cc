// A watch as it comes from the API server: pieces to lines, lines to events, whole bodies to lists.
#include <algorithm>

#include "fuzz/fuzz.h"
#include "kube/json_decoder.h"
#include "kube/lean_json.h"
#include "kube/line_splitter.h"
#include "reconcile/decoders.h"

namespace baton::fuzz {
namespace {

using kube::EventType;
using kube::LineSplitter;

constexpr size_t kLongestLine = 100000;

/// All lines of a text that comes in pieces of that size; nothing when one of them was too long.
std::optional<std::vector<std::string>> linesOf(std::string_view text, size_t piece) {
  LineSplitter splitter(kLongestLine);
  std::vector<std::string> lines;
  const auto take = [&](std::string_view line) {
    lines.emplace_back(line);
    return true;
  };
  for (size_t at = 0; at < text.size(); at += piece)
    if (splitter.feed(text.substr(at, piece), take) == LineSplitter::End::Overflow) return std::nullopt;
  return lines;
}

template <class T>
void checkEvent(const kube::Decoder<T>& decoder, const std::string& line) {
  const auto event = decoder.decodeEvent(line);
  if (!event) return check(!event.error().message.empty(), "an error says something");
  const EventType type = event->head.type;
  const bool carries = type == EventType::Added || type == EventType::Modified || type == EventType::Deleted;
  check(carries == (event->object != nullptr), "an event has an object when it is about one");
  check((type == EventType::Error) == event->head.error.has_value(), "an ERROR event has an error");
  if (type == EventType::Error) check(!event->head.error->message.empty(), "an error says something");
}

template <class T>
void checkList(const kube::Decoder<T>& decoder, const std::string& body) {
  const auto page = decoder.decodeList(body);
  if (!page) return;
  for (const auto& item : page->items) check(item != nullptr, "a list has objects");
}

void checkKey(const std::string& line) {
  const auto key = kube::modifiedKey(line);
  const auto event = kube::parseJsonEvent(line);
  if (!key || !event || key->uid.empty() || key->version == 0) return;
  if (line.find('\\') != line.npos) return;  // a word may be written in two ways, and a word may come twice
  check(event->head.type == EventType::Modified || std::count(line.begin(), line.end(), '"') > 14,
        "the key is of an event of type MODIFIED");
}

}  // namespace
}  // namespace baton::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace baton::fuzz;
  namespace reconcile = baton::reconcile;
  static const auto groups = reconcile::groupDecoder(true);
  static const auto requests = reconcile::requestDecoder();
  static const auto pods = reconcile::podDecoder();
  static const auto nodes = reconcile::nodeDecoder();
  static const auto services = reconcile::serviceDecoder();
  const std::string text = unfolded(textOf(data, size));
  const auto lines = linesOf(text, text.size() + 1);
  check(lines == linesOf(text, 7) && (size > 2000 || lines == linesOf(text, 1)), "lines do not depend on their pieces");
  for (const auto& line : lines.value_or(std::vector<std::string>())) {
    check(!line.empty() && line.find('\n') == line.npos, "a line is one line");
    checkEvent(groups, line);
    checkEvent(requests, line);
    checkEvent(pods, line);
    checkEvent(nodes, line);
    checkEvent(services, line);
    checkKey(line);
  }
  checkList(groups, text);
  checkList(requests, text);
  checkList(pods, text);
  checkList(nodes, text);
  return 0;
}
