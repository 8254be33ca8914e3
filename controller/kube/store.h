// The objects of one list+watch, by namespace and name. NOT safe for threads: its owner guards it.
//
// One Store belongs to one Reflector: its rules rest on all its events coming from one watch, in order. Objects are
// immutable and shared, so that a reader keeps what it took. A key is not stored besides its object: the hash set
// looks into the object's own meta (9,000 pods: about 40 bytes each on top of the pods).
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "kube/watch_event.h"

namespace baton::kube {

enum class ChangeType { Added, Updated, Deleted };

/// What became different. Updated may bring another uid: the object was deleted and made anew under its name.
template <class T>
struct Change {
  ChangeType type = ChangeType::Added;
  Object<T> before;  // null when Added
  Object<T> after;   // null when Deleted
};

template <class T>
class Store {
 public:
  /// Takes a whole list of that version (0: not known). Returns what is different now, deletions that no watch event
  /// told of among it. An own write newer than the list stays. When the list is older than events that were applied
  /// before, the server's data were set back (etcd restored from a backup): the list then wins over everything.
  std::vector<Change<T>> replace(std::vector<Object<T>> items, uint64_t version);

  /// Takes one watch event (Added, Modified, Deleted; others change nothing). An object as new as the stored one, or
  /// older, changes nothing. A deletion always counts for the uid that it names, and never for another.
  std::optional<Change<T>> apply(EventType type, Object<T> object);

  /// Takes what the server answered to our own write, before its watch event comes; that event is then no change.
  /// Without effect when the watch has got further than this write, or has told of this uid's deletion.
  std::optional<Change<T>> putOwnWrite(Object<T> object);

  /// The event of an own write has come, and is of the very version that is stored: noted as apply() would. False, and
  /// nothing noted, for any other.
  bool confirm(const EventKey& key);
  /// Own writes whose events have not come.
  bool awaitsOwn() const { return !own_.empty(); }

  /// Null when there is none.
  Object<T> get(std::string_view ns, std::string_view name) const;
  template <class F>
  void forEach(F&& f) const {
    for (const auto& o : objects_) f(o);
  }
  size_t size() const { return objects_.size(); }
  /// The newest version that a list or an event brought; 0 before the first.
  uint64_t version() const { return seen_; }
  /// Empties the store and hands out what it held.
  std::vector<Object<T>> take();

 private:
  struct Key {
    std::string_view ns, name;
    bool operator==(const Key&) const = default;
  };
  static Key keyOf(const Object<T>& o) { return {o->meta.ns, o->meta.name}; }
  struct Hash {
    using is_transparent = void;
    size_t operator()(const Key& k) const {
      const std::hash<std::string_view> h;
      return h(k.name) * 31 + h(k.ns);
    }
    size_t operator()(const Object<T>& o) const { return (*this)(keyOf(o)); }
  };
  struct Same {
    using is_transparent = void;
    bool operator()(const Object<T>& a, const Object<T>& b) const { return keyOf(a) == keyOf(b); }
    bool operator()(const Key& a, const Object<T>& b) const { return a == keyOf(b); }
    bool operator()(const Object<T>& a, const Key& b) const { return keyOf(a) == b; }
  };
  using Set = std::unordered_set<Object<T>, Hash, Same>;

  static bool newer(const T& a, const T& than) {
    return a.meta.resourceVersion == 0 || a.meta.resourceVersion > than.meta.resourceVersion;
  }
  std::optional<Change<T>> put(Object<T> object);
  std::optional<Change<T>> remove(const T& object);
  /// Is this stored object an own write that a list of that version could not yet show?
  bool survives(const T& stored, uint64_t version) const;
  void forgetOwn(const std::string& uid) { own_.erase(uid); }
  void buryUid(const std::string& uid);
  bool buried(const std::string& uid) const;

  Set objects_;
  uint64_t seen_ = 0;
  std::unordered_map<std::string, uint64_t> own_;  // uid → version of an own write whose event has not come
  // Hashes of the uids deleted last. A watch with a selector calls an object deleted when it leaves the selection; an
  // own write still under way must not bring it back. Should two hashes be equal, a write merely shows by its event.
  std::array<size_t, 256> buried_{};
  size_t nextBuried_ = 0;
};

template <class T>
std::optional<Change<T>> Store<T>::put(Object<T> object) {
  const auto found = objects_.find(object);
  if (found == objects_.end()) {
    objects_.insert(object);
    return Change<T>{ChangeType::Added, nullptr, std::move(object)};
  }
  if (!newer(*object, **found)) return std::nullopt;
  // The key views point into the object, so that it is replaced in its node: same key, same hash.
  auto node = objects_.extract(found);
  Object<T> before = std::exchange(node.value(), object);
  objects_.insert(std::move(node));
  if (before->meta.uid != object->meta.uid) forgetOwn(before->meta.uid);
  return Change<T>{ChangeType::Updated, std::move(before), std::move(object)};
}

template <class T>
std::optional<Change<T>> Store<T>::remove(const T& object) {
  const auto found = objects_.find(Key{object.meta.ns, object.meta.name});
  if (found == objects_.end() || (*found)->meta.uid != object.meta.uid) return std::nullopt;
  Change<T> change{ChangeType::Deleted, *found, nullptr};
  objects_.erase(found);
  return change;
}

template <class T>
std::optional<Change<T>> Store<T>::apply(EventType type, Object<T> object) {
  if (!object) return std::nullopt;
  const uint64_t version = object->meta.resourceVersion;
  seen_ = std::max(seen_, version);
  if (type == EventType::Deleted) {
    buryUid(object->meta.uid);
    forgetOwn(object->meta.uid);
    return remove(*object);
  }
  if (type != EventType::Added && type != EventType::Modified) return std::nullopt;
  const auto own = own_.find(object->meta.uid);
  if (own != own_.end() && own->second <= version) own_.erase(own);
  return put(std::move(object));
}

template <class T>
std::optional<Change<T>> Store<T>::putOwnWrite(Object<T> object) {
  if (!object || object->meta.resourceVersion <= seen_ || buried(object->meta.uid)) return std::nullopt;
  auto change = put(object);
  if (change) own_[object->meta.uid] = object->meta.resourceVersion;
  return change;
}

template <class T>
bool Store<T>::confirm(const EventKey& key) {
  const auto own = own_.find(key.uid);
  if (own == own_.end() || own->second != key.version) return false;
  own_.erase(own);
  seen_ = std::max(seen_, key.version);
  return true;
}

template <class T>
bool Store<T>::survives(const T& stored, uint64_t version) const {
  const auto own = own_.find(stored.meta.uid);
  return own != own_.end() && own->second > version;
}

template <class T>
std::vector<Change<T>> Store<T>::replace(std::vector<Object<T>> items, uint64_t version) {
  const bool setBack = version < seen_;
  Set before = std::exchange(objects_, {});
  objects_.reserve(items.size());
  std::vector<Change<T>> changes;
  for (auto& item : items) {
    const auto old = before.find(item);
    if (old == before.end()) {
      if (auto change = put(std::move(item))) changes.push_back(std::move(*change));
      continue;
    }
    auto node = before.extract(old);
    const bool taken =
        setBack ? item->meta.resourceVersion != node.value()->meta.resourceVersion : newer(*item, *node.value());
    if (taken) changes.push_back({ChangeType::Updated, std::exchange(node.value(), item), item});
    objects_.insert(std::move(node));
  }
  for (const auto& old : before) {
    if (!setBack && survives(*old, version))
      objects_.insert(old);
    else
      changes.push_back({ChangeType::Deleted, old, nullptr});
  }
  std::erase_if(own_, [&](const auto& own) { return setBack || own.second <= version; });
  seen_ = version;
  return changes;
}

template <class T>
Object<T> Store<T>::get(std::string_view ns, std::string_view name) const {
  const auto found = objects_.find(Key{ns, name});
  return found == objects_.end() ? nullptr : *found;
}

template <class T>
std::vector<Object<T>> Store<T>::take() {
  std::vector<Object<T>> all(objects_.begin(), objects_.end());
  *this = Store();
  return all;
}

template <class T>
void Store<T>::buryUid(const std::string& uid) {
  buried_[nextBuried_] = std::hash<std::string>()(uid);
  nextBuried_ = (nextBuried_ + 1) % buried_.size();
}

template <class T>
bool Store<T>::buried(const std::string& uid) const {
  return std::find(buried_.begin(), buried_.end(), std::hash<std::string>()(uid)) != buried_.end();
}

}  // namespace baton::kube
