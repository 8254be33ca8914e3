// Objects of the API server: two readers of JSON that must agree, and every kind out of any JSON.
#include <algorithm>

#include "api/core.h"
#include "api/hagroup.h"
#include "api/pod.h"
#include "api/switchover.h"
#include "facades/common.h"
#include "fuzz/fuzz.h"
#include "kube/json_decoder.h"
#include "kube/lean_json.h"
#include "ui/asked.h"
#include "ui/view.h"

namespace baton::fuzz {
namespace {

using api::Json;

/// nlohmann's reading of a text.
struct Plain {
  Json tree;  // discarded when it is no JSON
  int depth = 0;
  size_t keys = 0;  // each as often as it comes
};
Plain plainOf(const std::string& text) {
  Plain p;
  const auto seen = [&](int depth, Json::parse_event_t event, Json&) {
    p.depth = std::max(p.depth, depth);
    p.keys += event == Json::parse_event_t::key ? 1 : 0;
    return true;
  };
  p.tree = Json::parse(text, seen, false);
  if (p.depth > 100) p.tree = Json(Json::value_t::discarded);  // what goes through a tree would need too much stack
  return p;
}

/// Takes out what lean JSON leaves out; gives the number of keys before.
size_t trim(Json& j) {
  size_t keys = j.is_object() ? j.size() : 0;
  for (auto it = j.begin(); j.is_structured() && it != j.end(); ++it) {
    keys += trim(*it);
    if (j.is_object() && it.key() == "metadata" && it->is_object()) it->erase("managedFields");
  }
  return keys;
}

bool bigNumber(const std::string& text) {
  size_t run = 0;
  for (const char c : text) {
    run = c >= '0' && c <= '9' ? run + 1 : 0;
    if (run > 18) return true;  // beyond 64 bits the two differ: nlohmann makes a double of it
  }
  return false;
}

/// There a text ends for nlohmann.
bool hasZero(const std::string& text) { return text.find('\0') != text.npos; }

void compareReaders(const std::string& text, const Json& plain, int depth) {
  const Json lean = kube::parseLean(text);
  const bool leavesOut = text.find("managedFields") != text.npos || text.find("\\u") != text.npos;
  if (leavesOut && plain.is_discarded()) return;  // what is left out is not looked at
  if (!lean.is_discarded()) check(lean == plain, "lean JSON is what nlohmann reads");
  const bool odd = bigNumber(text) || text.starts_with("\xef") || hasZero(text);
  const bool readable = plain.is_structured() && depth <= 60 && !odd;
  check(!readable || !lean.is_discarded(), "what nlohmann reads is lean JSON");
}

void groups(const Json& j) {
  const api::HaGroup group = api::haGroupFromJson(j);
  check(group.spec && group.spec->hooks, "a group has a spec with hooks");
  check(!group.spec->error.empty() || !group.spec->selector.requirements.empty(), "a spec without error selects");
  for (const auto kind : api::kHookKinds) {
    const auto* hook = group.spec->hook(kind);
    const auto* http = hook ? std::get_if<api::HttpAction>(&hook->action) : nullptr;
    const auto* port = http ? std::get_if<int>(&http->port) : nullptr;
    const Json& said =
        api::object(api::object(api::object(api::object(j, "spec"), "hooks"), name(kind).data()), "http");
    check(!port || !group.spec->error.empty() || said.at("port") == *port, "a hook's port is the one that is said");
  }
  const Json stored = api::toJson(group.status);
  const api::HaGroupStatus read = api::statusFromJson(stored);
  check(api::toJson(read) == stored, "a status is read as it is stored");
  check(api::mergeDiff(stored, stored).empty(), "nothing differs from itself");
}

void requests(const Json& j) {
  const api::SwitchoverRequest request = api::switchoverFromJson(j);
  const Json stored = api::toJson(request.status);
  const api::SwitchoverRequest read = api::switchoverFromJson({{"status", stored}});
  check(api::toJson(read.status) == stored, "a request's status is read as it is stored");
  check(!stored.dump().empty(), "a status can be sent");
  (void)kube::describeObject(j);
}

void others(const Json& j) {
  const api::Node node = api::nodeFromJson(j);
  check(api::sameToUs(node, api::nodeFromJson(j)), "a node is the same as itself");
  (void)api::serviceFromJson(j);
  const api::Endpoints endpoints = api::endpointsFromJson(j);
  check(endpoints.ready.size() <= endpoints.all.size(), "who is ready is an endpoint");
}

void checkSame(const api::Pod& a, const api::Pod& b) {
  check(api::sameToUs(a, b) && a.meta.name == b.meta.name && a.meta.ns == b.meta.ns &&
            a.meta.resourceVersion == b.meta.resourceVersion && a.firstContainer == b.firstContainer,
        "a pod is the same alone, in an event and in a list");
}

void pods(const std::string& text, const Json& plain, bool keysOnce) {
  const auto pod = api::decodePod(text);
  if (!pod) return;
  if (plain.is_object() && keysOnce) {
    const api::Meta meta = api::metaFromJson(api::object(plain, "metadata"));
    check(meta.name == pod->meta.name && meta.ns == pod->meta.ns && meta.uid == pod->meta.uid &&
              meta.created == pod->meta.created && meta.deleted == pod->meta.deleted &&
              meta.resourceVersion == pod->meta.resourceVersion,
          "a pod's metadata is what nlohmann reads");
  }
  // What is not looked at is not checked; and a text that ends for nlohmann at a zero byte goes on inside of another.
  if (plain.is_discarded() || hasZero(text)) return;
  const auto event = api::decodePodEvent(R"({"type":"ADDED","object":)" + text + "}");
  check(event.ok(), "a pod can come in an event");
  checkSame(*pod, event->pod);
  const auto list = api::decodePodList(R"({"metadata":{"resourceVersion":"7"},"items":[)" + text + "," + text + "]}");
  check(list.ok() && list->items.size() == 2 && list->resourceVersion == 7, "a pod can come in a list");
  checkSame(*pod, list->items[0]);
  checkSame(*pod, list->items[1]);
  (void)api::withMetadata(*pod, text);
}

/// The same texts as what a page sends, and as what it is told.
void page(const std::string& text, const Json& j) {
  (void)ui::readSignIn(text);
  if (const auto made = ui::readSwitchover(text, "shop", "orders", "ui-1", "admin")) {
    const Json& spec = (*made)["spec"];
    check(spec.at("groupRef") == Json{{"name", "orders"}}, "a switchover is for the group of its path");
    for (const char* word : {"cancel", "failBack", "scheduledAt"}) check(!spec.contains(word), "nothing else is asked");
    check(!made->dump(-1, ' ', false, Json::error_handler_t::replace).empty(), "what is asked can be sent");
  }
  const auto active = std::make_shared<const api::SwitchoverRequest>(api::switchoverFromJson(j));
  const std::string event = ui::event("group", facades::textOf(ui::toJson(api::haGroupFromJson(j), active, true)));
  check(event.find('\n') + 1 == event.find("data: ") && event.find('\n', event.find("data: ")) == event.size() - 2,
        "an event is two lines and an empty one");
}

}  // namespace
}  // namespace baton::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace baton::fuzz;
  const std::string text = unfolded(textOf(data, size));
  const Plain plain = plainOf(text);
  Json trimmed = plain.tree;
  const bool keysOnce = trim(trimmed) == plain.keys;
  compareReaders(text, trimmed, plain.depth);
  pods(text, plain.tree, keysOnce);
  groups(plain.tree);
  requests(plain.tree);
  others(plain.tree);
  page(text, plain.tree);
  return 0;
}
