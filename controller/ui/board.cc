#include "ui/board.h"

#include <utility>

#include "facades/common.h"
#include "ui/view.h"

namespace baton::ui {
namespace {

using api::Json;

std::pair<std::string, std::string> split(const std::string& key) {
  const size_t slash = key.find('/');
  return {key.substr(0, slash), key.substr(slash + 1)};
}
std::string namespaceOf(const std::string& key) { return split(key).first; }

Text shared(std::string text) { return std::make_shared<const std::string>(std::move(text)); }

}  // namespace

Json seen(const Source& source, const api::HaGroup& group, Right right, bool history) {
  const std::string& active = group.status.activeRequest;
  return toJson(group, right.requests && !active.empty() ? source.request(group.meta.ns, active) : nullptr, history);
}

std::set<std::string> namespacesOf(const Source& source) {
  std::set<std::string> all;
  for (const auto& g : source.groups()) all.insert(g->meta.ns);
  return all;
}

void Board::changed(const std::string& key, Card& card) {
  changes_.erase(card.number);
  card.number = ++now_;
  changes_[card.number] = key;
}

void Board::look(const std::string& key) {
  const auto [ns, name] = split(key);
  const auto group = source_.group(ns, name);
  const auto known = cards_.find(key);
  if (!group) {
    if (known == cards_.end() || !known->second.full) return;
    known->second.full = known->second.limited = nullptr;
    return changed(key, known->second);
  }
  auto full = shared(facades::textOf(seen(source_, *group, {true, true, true}, false)));
  Card& card = cards_[key];
  if (card.full && *card.full == *full) return;
  const bool active = !group->status.activeRequest.empty();
  card.limited = active ? shared(facades::textOf(seen(source_, *group, {true, false, false}, false))) : full;
  card.full = std::move(full);
  changed(key, card);
}

void Board::lookAtRequest(const std::string& request, const std::string& group) {
  look(group);
  auto& number = requestNumbers_[request];
  requests_.erase(number);
  number = ++now_;
  requests_[number] = {request, group};
}

void Board::lookAtAll() {
  std::set<std::string> keys;
  for (const auto& g : source_.groups()) keys.insert(g->meta.key());
  for (const auto& [key, card] : cards_) keys.insert(key);  // it may be gone
  for (const auto& key : keys) look(key);
}

std::set<std::string> Board::namespaces(const Rights& rights) const {
  std::set<std::string> all;
  for (const auto& [key, card] : cards_)
    if (std::string ns = namespaceOf(key); card.full && rights.in(ns).groups) all.insert(std::move(ns));
  return all;
}

Text Board::everything(const Rights& rights) const {
  Json namespaces = Json::object();
  for (const auto& ns : this->namespaces(rights)) {
    const Right right = rights.in(ns);
    namespaces[ns] = {{"requests", right.requests}, {"switch", right.change}};
  }
  std::string all = R"({"version":)" + facades::textOf(version_) + R"(,"namespaces":)" + facades::textOf(namespaces) +
                    R"(,"groups":[)";
  bool first = true;
  for (const auto& [key, card] : cards_) {
    const Right right = rights.in(namespaceOf(key));
    if (!card.full || !right.groups) continue;
    if (!std::exchange(first, false)) all += ",";
    all += right.requests ? *card.full : *card.limited;
  }
  return shared(all + "]}");
}

/// As it is now: news of one may have come in another order than its versions.
std::string Board::requestEvent(const RequestNews& news) const {
  const auto [ns, name] = split(news.key);
  const auto request = source_.request(ns, name);
  return event("request", facades::textOf({{"namespace", ns},
                                           {"name", name},
                                           {"group", split(news.group).second},
                                           {"phase", request ? api::name(request->status.phase) : ""}}));
}

Board::News Board::since(uint64_t number, const Rights& rights, const std::set<std::string>& toldOf) const {
  News news;
  for (auto change = changes_.upper_bound(number); change != changes_.end(); ++change) {
    const auto [ns, name] = split(change->second);
    const Card& card = cards_.at(change->second);
    if (!rights.knows(ns)) news.unknown.insert(ns);
    const Right right = rights.in(ns);
    if (!right.groups) continue;
    news.tooNew |= card.full && !toldOf.contains(ns);
    news.events += card.full ? event("group", right.requests ? *card.full : *card.limited)
                             : event("gone", facades::textOf({{"namespace", ns}, {"name", name}}));
  }
  for (auto request = requests_.upper_bound(number); request != requests_.end(); ++request) {
    const Right right = rights.in(namespaceOf(request->second.key));
    if (right.groups && right.requests) news.events += requestEvent(request->second);
  }
  return news;
}

void Board::clear() {
  cards_.clear();
  changes_.clear();
  requests_.clear();
  requestNumbers_.clear();
}

void Board::forget(uint64_t number) {
  for (auto change = changes_.begin(); change != changes_.end() && change->first <= number;) {
    const auto card = cards_.find(change->second);
    if (!card->second.full) cards_.erase(card);
    change = changes_.erase(change);
  }
  for (auto request = requests_.begin(); request != requests_.end() && request->first <= number;) {
    requestNumbers_.erase(request->second.key);
    request = requests_.erase(request);
  }
}

}  // namespace baton::ui
