// Both forms of SDK-HMAC-SHA256 with which calls to DCS are signed.
#include "unit/facades/facade_fixture.h"

namespace baton::facades {
namespace {

const std::string kSecret = "secret/Key+1";
const std::string kNothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";  // sha256 of ""

Call swap(const std::string& authorization, http::Headers more = {}, const std::string& query = "") {
  http::Headers headers = {
      {"Host", "dcs.example.com"}, {"X-Sdk-Date", "20260101T000000Z"}, {"Authorization", authorization}};
  headers.insert(headers.end(), more.begin(), more.end());
  return call(Method::Post, "/v2/p1/instances/i1/swap" + query, headers);
}
std::string huawei(const std::string& signedHeaders) {
  return "SDK-HMAC-SHA256 Access=AK1, SignedHeaders=" + signedHeaders + ", Signature=0a1b2c";
}
std::string otc(const std::string& signedHeaders, const std::string& scope = "20260101/eu-de/dcs/sdk_request") {
  return "SDK-HMAC-SHA256 Credential=AK1/" + scope + ", SignedHeaders=" + signedHeaders + ", Signature=0a1b2c";
}

/// As Huawei's SDKs sign it.
std::string signatureOf(const std::string& canonical) {
  return hex(hmacSha256(kSecret, "SDK-HMAC-SHA256\n20260101T000000Z\n" + hex(sha256(canonical))));
}
/// As OTC's do.
std::string scopedSignatureOf(const std::string& canonical, const std::string& region, const std::string& service) {
  std::string key = "SDK" + kSecret;
  for (const std::string& step : {std::string("20260101"), region, service, std::string("sdk_request")})
    key = hmacSha256(key, step);
  const std::string scope = "20260101/" + region + "/" + service + "/sdk_request";
  return hex(hmacSha256(key, "SDK-HMAC-SHA256\n20260101T000000Z\n" + scope + "\n" + hex(sha256(canonical))));
}
std::string expectedOf(const Call& c) { return claimOf<SignatureClaim>(dcs(), c).expected(kSecret); }

TEST(DcsSigning, TheClaimSaysWhoAndWhen) {
  for (const auto& authorization : {huawei("host;x-sdk-date"), otc("host;x-sdk-date")}) {
    const auto claim = claimOf<SignatureClaim>(dcs(), swap(authorization));
    EXPECT_EQ(claim.keyId, "AK1");
    EXPECT_EQ(claim.signature, "0a1b2c");
    EXPECT_EQ(claim.date, parseTime("2026-01-01T00:00:00Z"));
  }
}

TEST(DcsSigning, HuaweiSignsWithTheSecretItself) {
  EXPECT_EQ(expectedOf(swap(huawei("host;x-sdk-date"))),
            signatureOf("POST\n/v2/p1/instances/i1/swap/\n\nhost:dcs.example.com\nx-sdk-date:20260101T000000Z\n\n"
                        "host;x-sdk-date\n" +
                        kNothing));
}

TEST(DcsSigning, AnotherSecretGivesAnotherSignature) {
  const auto claim = claimOf<SignatureClaim>(dcs(), swap(huawei("x-sdk-date")));
  EXPECT_NE(claim.expected(kSecret), claim.expected("other"));
}

TEST(DcsSigning, OnlyTheDateMustBeSigned) {
  const std::string canonical =
      "POST\n/v2/p1/instances/i1/swap/\n\nx-sdk-date:20260101T000000Z\n\nx-sdk-date\n" + kNothing;
  EXPECT_EQ(expectedOf(swap(huawei("x-sdk-date"))), signatureOf(canonical));
  EXPECT_EQ(expectedOf(swap(otc("x-sdk-date"))), scopedSignatureOf(canonical, "eu-de", "dcs"));
  for (const auto& authorization : {huawei("host"), otc("host")})
    EXPECT_FALSE(claims<SignatureClaim>(dcs(), swap(authorization)));
}

TEST(DcsSigning, WithoutADateNothingIsSigned) {
  for (const auto& authorization : {huawei("x-sdk-date"), otc("x-sdk-date")})
    EXPECT_FALSE(claims<SignatureClaim>(
        dcs(), call(Method::Post, "/v2/p1/instances/i1/swap", {{"Authorization", authorization}})));
}

TEST(DcsSigning, ASecurityTokenMayBeSignedOrNot) {
  const http::Headers token = {{"X-Security-Token", "st-1"}};
  EXPECT_EQ(expectedOf(swap(huawei("x-sdk-date"), token)),
            signatureOf("POST\n/v2/p1/instances/i1/swap/\n\nx-sdk-date:20260101T000000Z\n\nx-sdk-date\n" + kNothing));
  EXPECT_EQ(expectedOf(swap(huawei("x-sdk-date;x-security-token"), token)),
            signatureOf("POST\n/v2/p1/instances/i1/swap/\n\nx-sdk-date:20260101T000000Z\nx-security-token:st-1\n\n"
                        "x-sdk-date;x-security-token\n" +
                        kNothing));
}

TEST(DcsSigning, ABodyHashThatIsSentIsTaken) {
  const http::Headers hash = {{"X-Sdk-Content-Sha256", "UNSIGNED-PAYLOAD"}};
  EXPECT_EQ(expectedOf(swap(huawei("x-sdk-date"), hash)),
            signatureOf("POST\n/v2/p1/instances/i1/swap/\n\nx-sdk-date:20260101T000000Z\n\nx-sdk-date\n"
                        "UNSIGNED-PAYLOAD"));
}

TEST(DcsSigning, ABodyIsSigned) {
  Call c = swap(huawei("x-sdk-date"));
  c.body = "{}";
  EXPECT_EQ(expectedOf(c),
            signatureOf("POST\n/v2/p1/instances/i1/swap/\n\nx-sdk-date:20260101T000000Z\n\nx-sdk-date\n" +
                        hex(sha256("{}"))));
}

TEST(DcsSigning, HuaweiKeepsTheQueryInItsPlace) {
  EXPECT_EQ(
      expectedOf(swap(huawei("x-sdk-date"), {}, "?limit=1")),
      signatureOf("POST\n/v2/p1/instances/i1/swap/\nlimit=1\nx-sdk-date:20260101T000000Z\n\nx-sdk-date\n" + kNothing));
}

TEST(DcsSigning, OtcHashesTheQueryInsteadOfAnEmptyBody) {
  EXPECT_EQ(expectedOf(swap(otc("x-sdk-date"), {}, "?limit=1")),
            scopedSignatureOf("POST\n/v2/p1/instances/i1/swap/\n\nx-sdk-date:20260101T000000Z\n\nx-sdk-date\n" +
                                  hex(sha256("limit=1")),
                              "eu-de", "dcs"));
}

TEST(DcsSigning, OtcDerivesAKeyFromTheScope) {
  const std::string canonical =
      "POST\n/v2/p1/instances/i1/swap/\n\nhost:dcs.example.com\nx-sdk-date:20260101T000000Z\n\nhost;x-sdk-date\n" +
      kNothing;
  for (const auto& [region, service] :
       std::vector<std::pair<std::string, std::string>>{{"eu-de", "dcs"}, {"", "dcs"}, {"eu-de", ""}, {"", ""}}) {
    const Call c = swap(otc("host;x-sdk-date", "20260101/" + region + "/" + service + "/sdk_request"));
    EXPECT_EQ(claimOf<SignatureClaim>(dcs(), c).keyId, "AK1");
    EXPECT_EQ(expectedOf(c), scopedSignatureOf(canonical, region, service)) << region << "/" << service;
  }
}

TEST(DcsSigning, AnAuthorizationInPiecesIsNoSignature) {
  for (const char* value :
       {"SDK-HMAC-SHA256", "SDK-HMAC-SHA256 ", "SDK-HMAC-SHA256 Access=AK1, SignedHeaders=x-sdk-date",
        "SDK-HMAC-SHA256 SignedHeaders=x-sdk-date, Signature=0a", "SDK-HMAC-SHA256 Access=AK1, Signature=0a",
        "SDK-HMAC-SHA256 Credential=AK1, SignedHeaders=x-sdk-date, Signature=0a",
        "SDK-HMAC-SHA256 Credential=AK1/20260101/eu-de, SignedHeaders=x-sdk-date, Signature=0a"})
    EXPECT_FALSE(claims<SignatureClaim>(dcs(), swap(value))) << value;
}

}  // namespace
}  // namespace baton::facades
