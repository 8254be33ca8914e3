#include "facades/signing.h"

#include <algorithm>
#include <charconv>

#include "base/crypto.h"
#include "facades/common.h"

namespace baton::facades {
namespace {

constexpr std::string_view kSdk = "SDK-HMAC-SHA256", kAcs3 = "ACS3-HMAC-SHA256";

std::vector<std::string> split(std::string_view s, char by) {
  std::vector<std::string> parts;
  for (;;) {
    const size_t at = s.find(by);
    parts.emplace_back(trimmed(s.substr(0, at)));
    if (at == std::string_view::npos) return parts;
    s.remove_prefix(at + 1);
  }
}

/// What follows the scheme: "Access=AK, SignedHeaders=a;b, Signature=00".
struct Parts {
  std::string access, credential, signature;
  std::vector<std::string> signedHeaders;

  bool covers(std::string_view header) const {
    return std::any_of(signedHeaders.begin(), signedHeaders.end(), [&](const auto& h) { return sameWord(h, header); });
  }
};

Parts partsOf(std::string_view text) {
  Parts p;
  for (const std::string& one : split(text, ',')) {
    const size_t equals = one.find('=');
    if (equals == std::string::npos) continue;
    const std::string key = one.substr(0, equals), value = one.substr(equals + 1);
    if (key == "Access") p.access = value;
    if (key == "Credential") p.credential = value;
    if (key == "Signature") p.signature = value;
    if (key == "SignedHeaders") p.signedHeaders = split(value, ';');
  }
  return p;
}

constexpr size_t kMostSignedHeaders = 64, kLongestNonce = 256;

/// "name:value\n" for each; nothing when one of them did not come, comes twice, or they are more than any client signs:
/// what is built here is as long as the caller likes, who is not known yet.
std::optional<std::string> canonicalHeaders(const Call& call, const Parts& p) {
  std::vector<std::string> names = p.signedHeaders;
  std::sort(names.begin(), names.end());
  if (names.size() > kMostSignedHeaders || std::adjacent_find(names.begin(), names.end()) != names.end())
    return std::nullopt;
  std::string all;
  for (const auto& name : p.signedHeaders) {
    const auto value = call.header(name);
    if (!value) return std::nullopt;
    all += name + ":" + std::string(trimmed(*value)) + "\n";
  }
  return all;
}

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const auto& w : words) all += (all.empty() ? "" : ";") + w;
  return all;
}

/// One that comes twice could be read in another order than it was signed.
bool ambiguous(const http::Parameters& parameters) {
  std::vector<std::string> names;
  for (const auto& p : parameters) names.push_back(p.first);
  std::sort(names.begin(), names.end());
  return std::adjacent_find(names.begin(), names.end()) != names.end();
}

/// Sorted by name and then value as they were before they were encoded.
std::string canonicalQuery(http::Parameters parameters) {
  std::sort(parameters.begin(), parameters.end());
  std::string all;
  for (const auto& [key, value] : parameters)
    all += (all.empty() ? "" : "&") + http::encode(key) + "=" + http::encode(value);
  return all;
}

std::string canonicalPath(const Call& call) {
  std::string path;
  for (const auto& segment : call.segments) path += "/" + http::encode(segment);
  return path;
}

/// The key of SDK-HMAC-SHA256: the secret itself, or with a scope one that is derived from both.
std::string sdkKey(const std::string& secret, const std::string& scope) {
  if (scope.empty()) return secret;
  std::string key = "SDK" + secret;
  for (const auto& part : split(scope, '/')) key = hmacSha256(key, part);
  return key;
}

/// Of SDK-HMAC-SHA256, both forms.
struct SdkRequest {
  std::string date, scope;  // scope: "yyyymmdd/region/service/sdk_request", empty in Huawei's form
  std::string canonical;

  std::string toSign() const {
    return std::string(kSdk) + "\n" + date + "\n" + (scope.empty() ? "" : scope + "\n") + hex(sha256(canonical));
  }
};

/// The payload's hash; nothing when what the client says of it is not true.
std::optional<std::string> payloadHash(const Call& call, std::string_view header, const std::string& payload) {
  const std::string real = hex(sha256(payload));
  const auto said = call.header(header);
  if (!said) return real;
  if (sameWord(*said, real)) return std::string(*said);
  if (*said == "UNSIGNED-PAYLOAD" && payload.empty()) return std::string(*said);
  return std::nullopt;
}

Claim sdkClaimOf(const Call& call, const Parts& p) {
  const auto date = call.header("X-Sdk-Date");
  if (!date || !p.covers("x-sdk-date")) return BadClaim{"header X-Sdk-Date must be there and be signed"};
  const auto headers = canonicalHeaders(call, p);
  if (!headers) return BadClaim{"SignedHeaders must name headers of the request, each once, and 64 at most"};
  SdkRequest request{std::string(*date), "", ""};
  std::string keyId = p.access, query = canonicalQuery(call.query), payload = call.body;
  if (keyId.empty()) {
    const size_t slash = p.credential.find('/');
    keyId = p.credential.substr(0, slash);
    if (slash == std::string::npos || !p.credential.ends_with("/sdk_request"))
      return BadClaim{"Credential must be KEY/yyyymmdd/region/service/sdk_request"};
    request.scope = p.credential.substr(slash + 1);
    // This form signs the query as the payload of a POST that has none.
    if (call.method == http::Method::Post && payload.empty()) payload = std::exchange(query, "");
  }
  const auto hash = payloadHash(call, "X-Sdk-Content-Sha256", payload);
  if (!hash) return BadClaim{"X-Sdk-Content-Sha256 is not the hash of the body"};
  std::string path = canonicalPath(call);
  if (!path.ends_with('/')) path += '/';
  request.canonical = std::string(http::name(call.method)) + "\n" + path + "\n" + query + "\n" + *headers + "\n" +
                      joined(p.signedHeaders) + "\n" + *hash;
  const auto when = compactTime(*date);
  if (!when) return BadClaim{"X-Sdk-Date must be like 20060102T150405Z"};
  const std::string toSign = request.toSign();
  return SignatureClaim{keyId,
                        p.signature,
                        [scope = request.scope, toSign](const std::string& secret) {
                          return hex(hmacSha256(sdkKey(secret, scope), toSign));
                        },
                        toSign,
                        when,
                        ""};
}

std::optional<Time> isoTime(std::string_view s) { return s.size() == 20 ? parseTime(std::string(s)) : std::nullopt; }

}  // namespace

std::optional<Time> compactTime(std::string_view s) {
  if (s.size() != 16) return std::nullopt;
  const std::string t(s);
  return parseTime(t.substr(0, 4) + "-" + t.substr(4, 2) + "-" + t.substr(6, 5) + ":" + t.substr(11, 2) + ":" +
                   t.substr(13));
}

std::optional<Claim> sdkClaim(const Call& call) {
  const auto authorization = call.header("Authorization");
  const auto text = authorization ? afterScheme(*authorization, kSdk) : std::nullopt;
  if (!text) return std::nullopt;
  const Parts p = partsOf(*text);
  if (p.signature.empty() || p.signedHeaders.empty() || (p.access.empty() && p.credential.empty()))
    return BadClaim{"Authorization needs Access or Credential, SignedHeaders and Signature"};
  return sdkClaimOf(call, p);
}

std::optional<Claim> acs3Claim(const Call& call) {
  const auto authorization = call.header("Authorization");
  const auto text = authorization ? afterScheme(*authorization, kAcs3) : std::nullopt;
  if (!text) return std::nullopt;
  const Parts p = partsOf(*text);
  const auto date = call.header("x-acs-date"), nonce = call.header("x-acs-signature-nonce");
  if (p.credential.empty() || p.signature.empty() || !date || !nonce)
    return BadClaim{"Authorization, x-acs-date and x-acs-signature-nonce are needed"};
  for (const auto& [name, value] : call.headers)
    if (name.size() > 6 && sameWord(std::string_view(name).substr(0, 6), "x-acs-") && !p.covers(name))
      return BadClaim{"header " + name + " is not signed"};
  if (ambiguous(call.query)) return BadClaim{"a parameter comes twice"};
  if (nonce->size() > kLongestNonce) return BadClaim{"x-acs-signature-nonce is too long"};
  const auto headers = canonicalHeaders(call, p);
  const auto hash = payloadHash(call, "x-acs-content-sha256", call.body);
  if (!headers || !hash || !call.header("x-acs-content-sha256"))
    return BadClaim{"a signed header is missing, or x-acs-content-sha256 is not the hash of the body"};
  const std::string canonical = std::string(http::name(call.method)) + "\n" + canonicalPath(call) + "\n" +
                                canonicalQuery(call.query) + "\n" + *headers + "\n" + joined(p.signedHeaders) + "\n" +
                                *hash;
  const std::string toSign = std::string(kAcs3) + "\n" + hex(sha256(canonical));
  const auto when = isoTime(*date);
  if (!when) return BadClaim{"x-acs-date must be like 2006-01-02T15:04:05Z"};
  return SignatureClaim{
      p.credential, p.signature, [toSign](const std::string& secret) { return hex(hmacSha256(secret, toSign)); },
      toSign,       when,        std::string(*nonce)};
}

std::optional<Claim> acs1Claim(const Call& call, const http::Parameters& parameters) {
  const auto signature = http::parameter(parameters, "Signature");
  if (!signature) return std::nullopt;
  const auto key = http::parameter(parameters, "AccessKeyId"), date = http::parameter(parameters, "Timestamp"),
             nonce = http::parameter(parameters, "SignatureNonce");
  if (!key || !date || !nonce) return BadClaim{"AccessKeyId, Timestamp and SignatureNonce are needed"};
  if (http::parameter(parameters, "SignatureMethod").value_or("HMAC-SHA1") != "HMAC-SHA1")
    return BadClaim{"SignatureMethod must be HMAC-SHA1"};
  if (ambiguous(parameters)) return BadClaim{"a parameter comes twice"};
  if (nonce->size() > kLongestNonce) return BadClaim{"SignatureNonce is too long"};
  http::Parameters without;
  for (const auto& p : parameters)
    if (p.first != "Signature") without.push_back(p);
  const std::string toSign = std::string(http::name(call.method)) + "&%2F&" + http::encode(canonicalQuery(without));
  const auto when = isoTime(*date);
  if (!when) return BadClaim{"Timestamp must be like 2006-01-02T15:04:05Z"};
  return SignatureClaim{std::string(*key),
                        std::string(*signature),
                        [toSign](const std::string& secret) { return base64(hmacSha1(secret + "&", toSign)); },
                        toSign,
                        when,
                        std::string(*nonce)};
}

}  // namespace baton::facades
