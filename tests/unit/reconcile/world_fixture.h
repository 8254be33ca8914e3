// A World that the test tells of objects as its watches would, and the keys that became dirty by that.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "reconcile/world.h"
#include "unit/reconcile/objects.h"

namespace baton::reconcile {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class WorldTest : public testing::Test {
 protected:
  using Keys = std::set<std::string>;

  /// The watch tells of it, in a newer version than all before. Returns what became dirty.
  template <class T>
  Keys told(T object) {
    return apply(kube::EventType::Modified, std::move(object));
  }
  template <class T>
  Keys gone(T object) {
    return apply(kube::EventType::Deleted, std::move(object));
  }
  /// The API server answers to an own write with it.
  template <class T>
  Keys learned(T object) {
    object.meta.resourceVersion = ++version_;
    world_.learned(shared(std::move(object)));
    return std::exchange(dirty_, {});
  }
  /// The watch tells of a version that the server made before.
  template <class T>
  Keys toldLate(T object, uint64_t version) {
    object.meta.resourceVersion = version;
    sink(object).apply(kube::EventType::Modified, shared(std::move(object)));
    return std::exchange(dirty_, {});
  }

  View view(const std::string& name = "orders") const { return world_.view("shop", name, begin()).value(); }
  ha::Member member(const std::string& name = "orders-0") const {
    const auto v = view();
    const ha::Member* m = v.snapshot.member(name);
    return m ? *m : ha::Member();
  }
  std::vector<std::string> members(const std::string& group = "orders") const {
    std::vector<std::string> names;
    for (const auto& m : view(group).snapshot.members) names.push_back(m.name);
    return names;
  }
  std::vector<std::string> requests() const {
    std::vector<std::string> names;
    for (const auto& r : view().snapshot.requests) names.push_back(r.meta.name);
    return names;
  }

  std::vector<std::string> services() const {
    std::vector<std::string> names;
    for (const auto& s : view().services) names.push_back(s->meta.name);
    return names;
  }

  kube::Sink<api::HaGroup> sink(const api::HaGroup&) { return world_.groups(); }
  kube::Sink<api::SwitchoverRequest> sink(const api::SwitchoverRequest&) { return world_.requests(); }
  kube::Sink<api::Pod> sink(const api::Pod&) { return world_.pods(); }
  kube::Sink<api::Node> sink(const api::Node&) { return world_.nodes(); }
  kube::Sink<api::Service> sink(const api::Service&) { return world_.services(); }

  uint64_t version_ = 0;
  Keys dirty_;
  World world_{[this](const std::string& key) { dirty_.insert(key); }};

 private:
  template <class T>
  Keys apply(kube::EventType type, T object) {
    object.meta.resourceVersion = ++version_;
    sink(object).apply(type, shared(std::move(object)));
    return std::exchange(dirty_, {});
  }
};

}  // namespace baton::reconcile
