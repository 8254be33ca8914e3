#include "mechanisms/label_patch.h"

#include <charconv>

#include "api/json.h"
#include "api/meta.h"

namespace baton::mechanisms {

Labelling labelling(const ha::Effect& effect, const api::HaGroup& group) {
  const bool primary = effect.id.kind == ha::EffectId::Kind::SetPrimary;
  Labelling l;
  l.key = group.spec->roleKey;
  l.value = primary ? group.spec->primaryValue : group.spec->standbyValue;
  l.group = group.meta.name;
  const bool followed = effect.id.kind == ha::EffectId::Kind::MarkFollowed;
  if (primary || followed) l.epoch = effect.epoch;
  if (followed) l.ends = effect.listener.ends;
  return l;
}

bool has(const api::Pod& pod, const Labelling& wanted) {
  const std::string* label = pod.label(wanted.key);
  return label && *label == wanted.value && pod.groupAnnotation.get() == wanted.group &&
         (!wanted.epoch || pod.epochAnnotation == std::to_string(*wanted.epoch)) &&
         (!wanted.ends || pod.endsWhenFollowed == *wanted.ends);
}

std::string labelPatch(const api::Pod& pod, const Labelling& wanted) {
  api::Json metadata = {{"uid", pod.meta.uid},
                        {"labels", {{wanted.key, wanted.value}}},
                        {"annotations", {{api::kGroupAnnotation, wanted.group}}}};
  if (wanted.epoch) metadata["annotations"][api::kEpochAnnotation] = std::to_string(*wanted.epoch);
  if (wanted.ends) metadata["annotations"][api::kContainerEndsAnnotation] = std::to_string(*wanted.ends);
  if (pod.meta.resourceVersion != 0) metadata["resourceVersion"] = std::to_string(pod.meta.resourceVersion);
  return api::Json{{"metadata", std::move(metadata)}}.dump();
}

std::optional<int64_t> newerEpoch(const api::Pod& pod, int64_t epoch) {
  const std::string& word = pod.epochAnnotation;
  int64_t n = 0;
  const auto [stop, error] = std::from_chars(word.data(), word.data() + word.size(), n);
  if (error != std::errc() || stop != word.data() + word.size() || n <= epoch) return std::nullopt;
  return n;
}

}  // namespace baton::mechanisms
