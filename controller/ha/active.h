// Which request a group shows as the one that is being carried out.
#pragma once

#include "api/hagroup.h"
#include "api/switchover.h"

namespace baton::ha {

/// That very request: another one of the same name, made later, is not meant.
inline bool shows(const api::HaGroupStatus& g, const api::SwitchoverRequest& r) {
  return g.activeRequest == r.meta.name && (g.activeRequestUid.empty() || g.activeRequestUid == r.meta.uid);
}

inline void show(api::HaGroupStatus& g, const api::SwitchoverRequest& r) {
  g.activeRequest = r.meta.name;
  g.activeRequestUid = r.meta.uid;
}

inline void showNone(api::HaGroupStatus& g) {
  g.activeRequest.clear();
  g.activeRequestUid.clear();
}

}  // namespace baton::ha
