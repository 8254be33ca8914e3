// Signed requests: what is to be signed depends on the request alone, and not on how its query is written.
#include "facades/signing.h"

#include <algorithm>

#include "base/crypto.h"
#include "fuzz/call.h"
#include "fuzz/fuzz.h"

namespace baton::fuzz {
namespace {

using namespace baton::facades;

enum class Form { Sdk, Acs3, Acs1 };

http::Parameters formOf(const Call& call) {
  http::Parameters all = call.query;
  if (const auto form = http::parameters(call.body)) all.insert(all.end(), form->begin(), form->end());
  return all;
}

std::optional<Claim> claimOf(Form form, const Call& call) {
  switch (form) {
    case Form::Sdk:
      return sdkClaim(call);
    case Form::Acs3:
      return acs3Claim(call);
    case Form::Acs1:
      return acs1Claim(call, formOf(call));
  }
  return std::nullopt;
}

bool isHex(const std::string& s) {
  return s.size() == 64 && s.find_first_not_of("0123456789abcdef") == std::string::npos;
}

void checkSignature(Form form, const Call& call, const SignatureClaim& claim) {
  for (const std::string secret : {"", "secret", "\xff/+ &%\n"}) {
    const std::string expected = claim.expected(secret);
    check(expected == claim.expected(secret), "a request has one signature");
    if (form == Form::Acs1)
      check(expected.size() == 28 && fromBase64(expected), "a signature of the first form is base64 of SHA-1");
    else
      check(isHex(expected), "a signature is 64 hexadecimal digits");
  }
  check(claim.date.has_value(), "a signature has a date");
  check(!claim.signedText.empty(), "something is signed");
  Call turned = call;
  std::reverse(turned.query.begin(), turned.query.end());
  const auto again = claimOf(form, turned);
  const auto* same = again ? std::get_if<SignatureClaim>(&*again) : nullptr;
  check(same && same->signedText == claim.signedText, "the order of the query is not signed");
  Call other = call;
  other.method = call.method == http::Method::Get ? http::Method::Put : http::Method::Get;
  if (call.method != http::Method::Post) {
    const auto changed = claimOf(form, other);
    const auto* another = changed ? std::get_if<SignatureClaim>(&*changed) : nullptr;
    check(another && another->signedText != claim.signedText, "the method is signed");
  }
}

void checkClaim(Form form, const Call& call) {
  const auto claim = claimOf(form, call);
  if (!claim) return;
  check(std::holds_alternative<BadClaim>(*claim) || std::holds_alternative<SignatureClaim>(*claim),
        "a signature is read or refused");
  if (const auto* signature = std::get_if<SignatureClaim>(&*claim)) checkSignature(form, call, *signature);
}

void checkTime(const std::string& text) {
  const auto time = compactTime(text);
  if (!time) return;
  std::string again = formatTimeSeconds(*time);
  std::erase_if(again, [](char c) { return c == '-' || c == ':'; });
  std::string said = text;
  std::transform(said.begin(), said.end(), said.begin(), [](char c) { return c == 't' ? 'T' : c == 'z' ? 'Z' : c; });
  check(again == said || said.substr(13, 2) == "60", "a date is read as it is written");
}

}  // namespace
}  // namespace baton::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace baton::fuzz;
  const std::string text = textOf(data, size);
  checkTime(text);
  const auto call = callOf(text);
  if (!call) return 0;
  if (const auto date = call->header("X-Sdk-Date")) checkTime(std::string(*date));
  for (const Form form : {Form::Sdk, Form::Acs3, Form::Acs1}) checkClaim(form, *call);
  return 0;
}
