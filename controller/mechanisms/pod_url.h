// PURE: where an HTTP hook of a pod is, and how its certificate is checked.
#pragma once

#include <string>

#include "api/hook.h"
#include "api/pod.h"
#include "base/result.h"
#include "http/transport.h"

namespace baton::mechanisms {

/// "https://10.0.0.7:8443". Invalid: the pod has no address (yet), no port of that name, or an IPv6 address, which
/// cpprestsdk cannot connect to.
Result<std::string> podUrl(const api::HttpAction& action, const api::Pod& pod);

/// The pod's certificate must be valid for the pod's name ("redis-0" as DNS name; sent as SNI too), and come from
/// caBundle, or when there is none, the system's CAs. Not for the IP address: a pod gets it only when it starts and
/// loses it with every restart, so no certificate made beforehand can hold it, while the names of a StatefulSet's
/// pods are known. With insecureSkipVerify, as with the kubelet's HTTPS probes, nothing is checked.
http::Tls podTls(const api::HttpAction& action, const api::Pod& pod);

}  // namespace baton::mechanisms
