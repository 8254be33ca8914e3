// Base64 in both alphabets, hexadecimal digits, and tokens of a log-in.
#include "gateway/tokens.h"

#include "api/apis.h"
#include "base/crypto.h"
#include "base/text.h"
#include "fuzz/fuzz.h"
#include "kube/base64.h"

namespace baton::fuzz {
namespace {

constexpr std::string_view kKey = "key";
const Time kNow = *parseTime("2026-01-01T00:00:00Z");

void codes(const std::string& bytes) {
  check(fromBase64(base64(bytes)) == bytes, "base64 decodes to what was encoded");
  check(fromBase64Url(base64Url(bytes)) == bytes, "base64url decodes to what was encoded");
  check(kube::base64Decode(kube::base64Encode(bytes) + "\r\n") == bytes, "line ends are no part of base64");
  check(hex(bytes).size() == 2 * bytes.size(), "a byte is two digits");
  // Bits that stand for nothing may differ, so that it is the bytes that are compared.
  if (const auto decoded = fromBase64(bytes)) {
    check(base64(*decoded).size() == bytes.size(), "base64 has one length for each count of bytes");
    check(fromBase64(base64(*decoded)) == decoded, "what was decoded encodes");
  }
  if (const auto decoded = fromBase64Url(bytes))
    check(base64Url(*decoded).size() == bytes.size(), "base64url has one length for each count of bytes");
}

/// Only who has the key can make a token; what the signature stands behind is the whole rest.
void foreign(const std::string& token) {
  gateway::Session session;
  const auto fault = gateway::readToken(token, kKey, kNow, session);
  if (fault == gateway::TokenFault::NotOurs || fault == gateway::TokenFault::Wrong) return;
  const size_t dot = token.rfind('.');
  check(fromBase64Url(token.substr(dot + 1)) == hmacSha256(kKey, token.substr(0, dot)), "a token is signed");
}

/// One of our own, and one with a byte changed.
void own(const std::string& bytes) {
  if (bytes.size() < 4 || !isUtf8(bytes)) return;
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const gateway::Session said{bytes, std::string(name(api::kApiKinds[byte(0) % 5])),
                              kNow + std::chrono::minutes(byte(1) - 128)};
  std::string token = gateway::signToken(said, bytes, kKey);
  gateway::Session read;
  const auto expected = said.expires > kNow ? gateway::TokenFault::None : gateway::TokenFault::Expired;
  check(gateway::readToken(token, kKey, kNow, read) == expected, "a token is good until it expires");
  check(read.user == said.user && read.path == said.path && read.expires == said.expires, "a token says what it said");
  check(gateway::readToken(token, "another", kNow, read) == gateway::TokenFault::Wrong, "another key takes no token");
  const size_t at = (byte(2) * 256U + byte(3)) % (token.size() - 1);  // the last character has bits that say nothing
  token[at] = token[at] == 'A' ? 'B' : 'A';
  const auto fault = gateway::readToken(token, kKey, kNow, read);
  check(fault != gateway::TokenFault::None && fault != gateway::TokenFault::Expired, "a changed token is none");
}

/// Signed in another way than signToken does: any text for a payload.
void payload(const std::string& text) {
  const std::string body = "bt1." + base64Url(text);
  gateway::Session session;
  (void)gateway::readToken(body + "." + base64Url(hmacSha256(kKey, body)), kKey, kNow, session);
}

}  // namespace
}  // namespace baton::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text = baton::fuzz::textOf(data, size);
  baton::fuzz::codes(text);
  baton::fuzz::foreign(text);
  baton::fuzz::own(text);
  baton::fuzz::payload(text);
  return 0;
}
