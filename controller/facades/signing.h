// Signatures over a request, in the forms that two vendors use. PURE: what the signature must be, given the secret.
//   SDK-HMAC-SHA256   Huawei: https://support.huaweicloud.com/intl/en-us/api-sdk-signature/
//                     and Open Telekom Cloud, which derives a key and signs a scope with it
//   ACS3-HMAC-SHA256  Alibaba:
//   https://www.alibabacloud.com/help/en/sdk/product-overview/v3-request-structure-and-signature V1, HMAC-SHA1 Alibaba:
//   https://www.alibabacloud.com/help/en/sdk/product-overview/rpc-mechanism
// Queries are decoded and encoded again, as clients differ in how they encode.
#pragma once

#include "facades/call.h"

namespace baton::facades {

/// From "SDK-HMAC-SHA256 Access=..., SignedHeaders=..., Signature=..." or "... Credential=..."; nothing when the header
/// is of another scheme. BadClaim: it is of this scheme and can't be read, or does not sign what it must.
std::optional<Claim> sdkClaim(const Call& call);

/// The same for "ACS3-HMAC-SHA256 Credential=...".
std::optional<Claim> acs3Claim(const Call& call);

/// From the parameters of query and form; nothing when there is no Signature among them.
std::optional<Claim> acs1Claim(const Call& call, const http::Parameters& parameters);

/// "20060102T150405Z" and "2006-01-02T15:04:05Z".
std::optional<Time> compactTime(std::string_view s);

}  // namespace baton::facades
