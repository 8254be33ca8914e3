// A Decoder for small kinds, by nlohmann::json. metadata.managedFields, often half of an object, is dropped while
// parsing. Big kinds (pods) bring a decoder of their own.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "kube/watch_event.h"

namespace baton::kube {

/// A watch line as its head and, for Added, Modified and Deleted, the object's JSON (else null).
struct JsonEvent {
  EventHead head;
  nlohmann::json object;
};
struct JsonList {
  PageHead head;
  nlohmann::json items;  // an array; apiVersion and kind are not in the items
};
Result<JsonEvent> parseJsonEvent(std::string_view line);
Result<JsonList> parseJsonList(std::string_view body);
/// "namespace/name" of an object, as far as it has one; for messages.
std::string describeObject(const nlohmann::json& object);
/// The error that says which object could not be read; catches what nlohmann throws.
template <class T>
Result<Object<T>> readObject(const std::function<Result<T>(const nlohmann::json&)>& fromJson,
                             const nlohmann::json& object) {
  try {
    Result<T> value = fromJson(object);
    if (!value.ok()) return std::move(value).error().within(describeObject(object));
    return Object<T>(std::make_shared<const T>(std::move(value).value()));
  } catch (const nlohmann::json::exception& e) {
    return invalid(describeObject(object) + ": " + e.what());
  }
}

template <class T>
Decoder<T> jsonDecoder(std::function<Result<T>(const nlohmann::json&)> fromJson) {
  Decoder<T> decoder;
  decoder.decodeEvent = [fromJson](std::string_view line) -> Result<WatchEvent<T>> {
    Result<JsonEvent> e = parseJsonEvent(line);
    if (!e.ok()) return std::move(e).error();
    if (e->object.is_null()) return WatchEvent<T>{std::move(e->head), nullptr};
    Result<Object<T>> object = readObject<T>(fromJson, e->object);
    if (!object.ok()) return std::move(object).error();
    return WatchEvent<T>{std::move(e->head), std::move(object).value()};
  };
  decoder.decodeList = [fromJson](std::string body) -> Result<ListPage<T>> {
    Result<JsonList> list = parseJsonList(body);
    std::string().swap(body);
    if (!list.ok()) return std::move(list).error();
    ListPage<T> page{std::move(list->head), {}, {}};
    page.items.reserve(list->items.size());
    for (const auto& item : list->items) {
      Result<Object<T>> object = readObject<T>(fromJson, item);
      if (object.ok())
        page.items.push_back(std::move(object).value());
      else
        page.skipped.push_back(std::move(object).error());
    }
    return page;
  };
  return decoder;
}

}  // namespace baton::kube
