#include <condition_variable>
#include <map>
#include <mutex>

#include "cli/commands.h"
#include "kube/reflector.h"
#include "reconcile/decoders.h"

namespace baton::cli {
namespace {

using api::Json;
using Groups = std::map<std::string, std::shared_ptr<const api::HaGroup>>;  // by key
using Requests = std::map<std::string, std::shared_ptr<const api::SwitchoverRequest>>;

std::string scope(const Options& o, const Cluster& cluster) { return o.allNamespaces ? "" : cluster.ns(); }

std::string message(const api::HaGroup& g, const Requests& requests) {
  const auto found = requests.find(g.meta.ns + "/" + g.status.activeRequest);
  if (found == requests.end()) return "";
  const auto& st = found->second->status;
  return std::string(api::name(st.phase)) + (st.message.empty() ? "" : ", " + st.message);
}

std::string page(const Options& o, const Groups& groups, const Requests& requests, Time now, const Paint& paint) {
  std::string all;
  for (const auto& [key, g] : groups) {
    if (!o.group.empty() && g->meta.name != o.group) continue;
    all += (all.empty() ? "" : "\n") + tree(*g, message(*g, requests), now, o.output == Output::Wide, paint);
  }
  return all;
}

template <class T>
std::map<std::string, std::shared_ptr<const T>> byKey(std::vector<kube::Object<T>> items) {
  std::map<std::string, std::shared_ptr<const T>> all;
  for (auto& item : items) all[item->meta.key()] = std::move(item);
  return all;
}

/// What two watches tell, and that something has changed.
struct Seen {
  std::mutex mutex;
  std::condition_variable changed;
  bool dirty = false;
  Groups groups;
  Requests requests;

  template <class T>
  kube::Sink<T> sink(std::map<std::string, std::shared_ptr<const T>> Seen::*all) {
    kube::Sink<T> sink;
    sink.replace = [this, all](std::vector<kube::Object<T>> items, uint64_t) {
      const std::lock_guard lock(mutex);
      this->*all = byKey<T>(std::move(items));
      tell();
    };
    sink.apply = [this, all](kube::EventType type, kube::Object<T> object) {
      const std::lock_guard lock(mutex);
      if (type == kube::EventType::Deleted)
        (this->*all).erase(object->meta.key());
      else
        (this->*all)[object->meta.key()] = std::move(object);
      tell();
    };
    return sink;
  }

 private:
  void tell() {
    dirty = true;
    changed.notify_one();
  }
};

kube::ReflectorOptions watching(const kube::Resource& r, const std::string& ns) {
  kube::ReflectorOptions options;
  options.watch.resource = r;
  options.watch.ns = ns;
  return options;
}

/// Until it is interrupted.
int watch(const Options& o, Cluster& cluster) {
  Seen seen;
  const std::string ns = scope(o, cluster);
  kube::Reflector<api::HaGroup> groups(cluster.client(), cluster.timers(), Clock::real(),
                                       watching(kube::resources::haGroups, ns), reconcile::groupDecoder(false),
                                       seen.sink(&Seen::groups));
  kube::Reflector<api::SwitchoverRequest> requests(cluster.client(), cluster.timers(), Clock::real(),
                                                   watching(kube::resources::switchoverRequests, ns),
                                                   reconcile::requestDecoder(), seen.sink(&Seen::requests));
  groups.start();
  requests.start();
  Live live(stdout);
  const Paint paint(useColors(o.color, stdout));
  for (;;) {
    std::string text;
    {
      std::unique_lock lock(seen.mutex);
      seen.changed.wait_for(lock, std::chrono::seconds(live.terminal() ? 1 : 3600), [&] { return seen.dirty; });
      if (!seen.dirty && !live.terminal()) continue;
      seen.dirty = false;
      text = page(o, seen.groups, seen.requests, Clock::real().now(), paint);
    }
    // On a terminal ages go on by themselves; what could not be kept up to date is said.
    if (const auto trouble = groups.lastError(); trouble && live.terminal())
      text += paint(Ink::Bad, "not up to date: ") + trouble->message + "\n";
    live.show(text.empty() ? "no groups\n" : text + (live.terminal() ? "" : "\n"));
  }
}

Result<Json> read(const Options& o, Cluster& cluster) {
  if (!o.group.empty()) return cluster.get(kube::resources::haGroups, cluster.ns(), o.group);
  return cluster.list(kube::resources::haGroups, scope(o, cluster));
}

Requests activeRequests(Cluster& cluster, const Groups& groups) {
  Requests all;
  for (const auto& [key, g] : groups) {
    if (g->status.activeRequest.empty()) continue;
    auto found = cluster.get(kube::resources::switchoverRequests, g->meta.ns, g->status.activeRequest);
    if (!found) continue;  // it has ended and is gone: the group will say so
    auto r = std::make_shared<api::SwitchoverRequest>(api::switchoverFromJson(*found));
    all[r->meta.key()] = std::move(r);
  }
  return all;
}

}  // namespace

int status(const Options& o, Cluster& cluster) {
  if (o.allNamespaces && !o.group.empty())
    return failed(invalid("--all-namespaces and a group's name: only one of the two"));
  if (o.watch) return watch(o, cluster);
  auto found = read(o, cluster);
  if (!found) return failed(found.error());
  if (o.output == Output::Json || o.output == Output::Yaml) {
    std::fputs(printed(*found, o.output).c_str(), stdout);
    return kDone;
  }
  Groups groups;
  const Json items = o.group.empty() ? api::array(*found, "items") : Json::array({*found});
  for (const auto& item : items) {
    auto g = std::make_shared<api::HaGroup>(api::haGroupFromJson(item));
    groups[g->meta.key()] = std::move(g);
  }
  const Paint paint(useColors(o.color, stdout));
  const std::string text = page(o, groups, activeRequests(cluster, groups), Clock::real().now(), paint);
  if (text.empty())
    std::fprintf(stderr, "there is no HaGroup in %s\n",
                 o.allNamespaces ? "any namespace" : ("namespace " + cluster.ns()).c_str());
  std::fputs(text.c_str(), stdout);
  return kDone;
}

}  // namespace baton::cli
