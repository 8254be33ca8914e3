// The codes and messages of PolarDB and of its gateway, and the bodies that carry them.
// https://www.alibabacloud.com/help/en/polardb/api-polardb-2017-08-01-failoverdbcluster (the seed) and the vendor's
// common error codes.
#pragma once

#include <string>

#include "facades/call.h"

namespace baton::facades::alibaba {

struct Code {
  int status;
  std::string code, message;
};

// Of the action.
extern const Code kHaStatus, kNodeId, kDbType, kTooFrequent, kUnhealthy, kNodeType, kCategory, kClusterNotFound,
    kClusterIdMalformed;
// Of the gateway, common to all actions.
extern const Code kInvalidAction, kInvalidVersion, kInvalidParameter, kMethod, kForbidden, kMismatch, kThrottled,
    kUnavailable, kInternal;
Code missing(const std::string& parameter);
Code malformed(const std::string& parameter);
Code ofFault(const Outcome& o);
Code ofReason(api::Reason reason);

/// Recommend says why in Baton's own words. XML when the call has Format=XML. requestId: of the call that made the
/// request; empty: of this one.
http::Response errorAnswer(const Call& call, const Code& code, const std::string& why,
                           const std::string& requestId = {});
http::Response success(const Call& call, const std::string& requestId);

}  // namespace baton::facades::alibaba
