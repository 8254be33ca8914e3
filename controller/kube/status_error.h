// What the API server says when it refuses, as an Error:
// https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/
#pragma once

#include <string_view>

#include "base/result.h"
#include "http/message.h"

namespace baton::kube {

/// The error of an answer with a status of 300 or more. The body is a Status object, or whatever a proxy on the way
/// wrote; then the start of it is quoted.
Error statusError(int httpStatus, const http::Headers& headers, std::string_view body);
Error statusError(const http::Response& response);

/// The error of a Status object that came inside a stream: the `object` of a watch event of type ERROR, or exec's
/// channel 3. httpStatus becomes its `code`.
Error statusObjectError(std::string_view json);

}  // namespace baton::kube
