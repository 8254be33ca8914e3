// How the watched kinds are read from JSON.
#pragma once

#include "api/core.h"
#include "api/hagroup.h"
#include "api/pod.h"
#include "api/switchover.h"
#include "kube/watch_event.h"

namespace baton::reconcile {

/// multiTenant: a group whose hooks need rights, and that names no account to take them from, is invalid.
kube::Decoder<api::HaGroup> groupDecoder(bool multiTenant);
kube::Decoder<api::SwitchoverRequest> requestDecoder();
kube::Decoder<api::Pod> podDecoder();
kube::Decoder<api::Node> nodeDecoder();
kube::Decoder<api::Service> serviceDecoder();

}  // namespace baton::reconcile
