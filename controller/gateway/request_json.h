// The SwitchoverRequest that stands for a REST call. PURE.
#pragma once

#include <string>

#include "api/apis.h"
#include "facades/call.h"

namespace baton::gateway {

/// What is written on it besides its spec, so that any replica can answer for the call.
struct Origin {
  api::ApiKind api = api::ApiKind::Connector;  // becomes the trigger
  std::string user;                            // of the credentials file
  std::string callId;                          // of the call that made it
  std::string identity;                        // what the call called the group
  std::string fingerprint;                     // of its parameters
};

/// Equal calls give equal names: of the idempotency token or the nonce, hence never longer than 63 characters.
std::string requestName(api::ApiKind api, const std::string& ns, const std::string& group, const std::string& what);

/// The object to be created.
std::string requestBody(const std::string& ns, const std::string& name, const std::string& group,
                        const facades::Intent& intent, const Origin& origin);

/// What requestBody wrote, from the object as the API server has it.
Origin originOf(const api::Json& object);

}  // namespace baton::gateway
