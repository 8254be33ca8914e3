// Signatures: the vendors' own examples, and what must not pass.
#include "facades/signing.h"

#include <gtest/gtest.h>

#include "base/crypto.h"

namespace baton::facades {
namespace {

Call callOf(http::Method method, const std::string& target, http::Headers headers, const std::string& body = "") {
  Call c;
  c.method = method;
  const auto [path, query] = http::splitTarget(target);
  c.path = path;
  c.rawQuery = query;
  c.segments = *http::segments(path);
  c.query = *http::parameters(query);
  c.headers = std::move(headers);
  c.body = body;
  return c;
}

const SignatureClaim& signature(const std::optional<Claim>& claim) { return std::get<SignatureClaim>(*claim); }
bool bad(const std::optional<Claim>& claim) { return claim && std::holds_alternative<BadClaim>(*claim); }

// The example of Alibaba's page on its RPC mechanism.
const char* const kDescribeRegions =
    "/?Timestamp=2016-02-23T12%3A46%3A24Z&Format=XML&AccessKeyId=testid&Action=DescribeRegions&SignatureMethod=HMAC-"
    "SHA1"
    "&SignatureNonce=3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf&Version=2014-05-26&SignatureVersion=1.0"
    "&Signature=OLeaidS1JvxuMvnyHOwuJ%2BuX5qY%3D";

TEST(Signing, AlibabasFirstForm) {
  const Call call = callOf(http::Method::Get, kDescribeRegions, {});
  const auto claim = acs1Claim(call, call.query);
  EXPECT_EQ(signature(claim).keyId, "testid");
  EXPECT_EQ(signature(claim).signature, "OLeaidS1JvxuMvnyHOwuJ+uX5qY=");
  EXPECT_EQ(signature(claim).expected("testsecret"), "OLeaidS1JvxuMvnyHOwuJ+uX5qY=");
  EXPECT_NE(signature(claim).expected("another"), "OLeaidS1JvxuMvnyHOwuJ+uX5qY=");
  EXPECT_EQ(signature(claim).nonce, "3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf");
  EXPECT_EQ(signature(claim).date, parseTime("2016-02-23T12:46:24Z"));
}

TEST(Signing, WhatIsEncodedAnotherWayIsTheSame) {
  std::string target = kDescribeRegions;
  target.replace(target.find("DescribeRegions"), 15, "Describe%52egions");
  const Call call = callOf(http::Method::Get, target, {});
  EXPECT_EQ(signature(acs1Claim(call, call.query)).expected("testsecret"), "OLeaidS1JvxuMvnyHOwuJ+uX5qY=");
}

TEST(Signing, AnotherMethodOrParameterIsAnotherSignature) {
  const Call post = callOf(http::Method::Post, kDescribeRegions, {});
  EXPECT_NE(signature(acs1Claim(post, post.query)).expected("testsecret"), "OLeaidS1JvxuMvnyHOwuJ+uX5qY=");
  const Call more = callOf(http::Method::Get, std::string(kDescribeRegions) + "&x=", {});
  EXPECT_NE(signature(acs1Claim(more, more.query)).expected("testsecret"), "OLeaidS1JvxuMvnyHOwuJ+uX5qY=");
}

TEST(Signing, OfTheFirstFormNothingMayBeMissingOrComeTwice) {
  for (const char* query : {"/?Signature=x", "/?Signature=x&AccessKeyId=k&Timestamp=2016-02-23T12:46:24Z",
                            "/?Signature=x&AccessKeyId=k&SignatureNonce=n&Timestamp=yesterday",
                            "/?Signature=x&AccessKeyId=k&SignatureNonce=n&Timestamp=2016-02-23T12:46:24Z&a=1&a=2",
                            "/?Signature=x&AccessKeyId=k&SignatureNonce=n&Timestamp=2016-02-23T12:46:24Z"
                            "&SignatureMethod=HMAC-MD5"}) {
    const Call call = callOf(http::Method::Get, query, {});
    EXPECT_TRUE(bad(acs1Claim(call, call.query))) << query;
  }
  const Call none = callOf(http::Method::Get, "/?a=b", {});
  EXPECT_FALSE(acs1Claim(none, none.query));
}

// The example of Alibaba's page on its third version.
http::Headers acs3Headers(const std::string& authorization) {
  return {{"Authorization", authorization},
          {"host", "ecs.cn-shanghai.aliyuncs.com"},
          {"x-acs-action", "RunInstances"},
          {"x-acs-content-sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
          {"x-acs-date", "2023-10-26T10:22:32Z"},
          {"x-acs-signature-nonce", "3156853299f313e23d1673dc12e1703d"},
          {"x-acs-version", "2014-05-26"}};
}
const std::string kAcs3Headers =
    "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version";
const char* const kAcs3Target = "/?ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai";
const std::string kAcs3Signature = "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0";

TEST(Signing, AlibabasThirdForm) {
  const Call call = callOf(http::Method::Post, kAcs3Target,
                           acs3Headers("ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=" + kAcs3Headers +
                                       ",Signature=" + kAcs3Signature));
  const auto claim = acs3Claim(call);
  EXPECT_EQ(signature(claim).keyId, "YourAccessKeyId");
  EXPECT_EQ(signature(claim).expected("YourAccessKeySecret"), kAcs3Signature);
}

TEST(Signing, OfTheThirdFormEveryHeaderOfTheirsIsSigned) {
  const std::string fewer = "host;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version";
  EXPECT_TRUE(
      bad(acs3Claim(callOf(http::Method::Post, kAcs3Target,
                           acs3Headers("ACS3-HMAC-SHA256 Credential=k,SignedHeaders=" + fewer + ",Signature=0")))));
}

TEST(Signing, OfTheThirdFormTheBodyIsWhatItsHashSays) {
  EXPECT_TRUE(bad(acs3Claim(callOf(
      http::Method::Post, kAcs3Target,
      acs3Headers("ACS3-HMAC-SHA256 Credential=k,SignedHeaders=" + kAcs3Headers + ",Signature=0"), "RegionId=other"))));
}

// Huawei's form, made by hand from its description.
http::Headers huaweiHeaders(const std::string& authorization) {
  return {{"Host", "dcs.example.com"}, {"X-Sdk-Date", "20260102T030405Z"}, {"Authorization", authorization}};
}

TEST(Signing, HuaweisForm) {
  const Call call = callOf(http::Method::Post, "/v2/p/instances/i/swap?b=2&a=1",
                           huaweiHeaders("SDK-HMAC-SHA256 Access=AK, SignedHeaders=host;x-sdk-date, Signature=00"));
  const std::string canonical =
      "POST\n/v2/p/instances/i/swap/\na=1&b=2\nhost:dcs.example.com\nx-sdk-date:20260102T030405Z\n\nhost;x-sdk-date\n" +
      hex(sha256(""));
  const std::string toSign = "SDK-HMAC-SHA256\n20260102T030405Z\n" + hex(sha256(canonical));
  const auto claim = sdkClaim(call);
  EXPECT_EQ(signature(claim).keyId, "AK");
  EXPECT_EQ(signature(claim).signedText, toSign);
  EXPECT_EQ(signature(claim).expected("secret"), hex(hmacSha256("secret", toSign)));
  EXPECT_EQ(signature(claim).date, parseTime("2026-01-02T03:04:05Z"));
}

TEST(Signing, TelekomsFormSignsTheQueryAsPayload) {
  const Call call = callOf(http::Method::Post, "/v2/p/instances/i/swap?b=2",
                           huaweiHeaders("SDK-HMAC-SHA256 Credential=AK/20260102/eu-de/dcs/sdk_request, "
                                         "SignedHeaders=x-sdk-date, Signature=00"));
  const std::string canonical =
      "POST\n/v2/p/instances/i/swap/\n\nx-sdk-date:20260102T030405Z\n\nx-sdk-date\n" + hex(sha256("b=2"));
  const std::string scope = "20260102/eu-de/dcs/sdk_request";
  const std::string toSign = "SDK-HMAC-SHA256\n20260102T030405Z\n" + scope + "\n" + hex(sha256(canonical));
  std::string key = hmacSha256("SDKsecret", "20260102");
  for (const char* part : {"eu-de", "dcs", "sdk_request"}) key = hmacSha256(key, part);
  EXPECT_EQ(signature(sdkClaim(call)).expected("secret"), hex(hmacSha256(key, toSign)));
  EXPECT_EQ(signature(sdkClaim(call)).keyId, "AK");
}

TEST(Signing, ADateThatIsNotSignedIsRefused) {
  for (const char* authorization :
       {"SDK-HMAC-SHA256 Access=AK, SignedHeaders=host, Signature=00", "SDK-HMAC-SHA256 Access=AK, Signature=00",
        "SDK-HMAC-SHA256 SignedHeaders=x-sdk-date, Signature=00", "SDK-HMAC-SHA256 ",
        "SDK-HMAC-SHA256 Credential=AK, SignedHeaders=x-sdk-date, Signature=00",
        "SDK-HMAC-SHA256 Access=AK, SignedHeaders=x-sdk-date;x-missing, Signature=00"})
    EXPECT_TRUE(bad(sdkClaim(callOf(http::Method::Post, "/v2/p/instances/i/swap", huaweiHeaders(authorization)))))
        << authorization;
  EXPECT_FALSE(sdkClaim(callOf(http::Method::Post, "/", {{"Authorization", "Basic eA=="}})));
}

TEST(Signing, ManySignedHeadersAreNoneThatAClientSigns) {
  std::string names = "x-sdk-date";
  http::Headers headers = huaweiHeaders("");
  headers.emplace_back("a", std::string(16000, 'x'));
  const auto claim = [&] {
    headers[2].second = "SDK-HMAC-SHA256 Access=AK, SignedHeaders=" + names + ", Signature=00";
    return sdkClaim(callOf(http::Method::Post, "/v2/p/instances/i/swap", headers));
  };
  EXPECT_FALSE(bad(claim()));
  names += ";a;a";
  EXPECT_TRUE(bad(claim())) << "twice";
  names = "x-sdk-date";
  for (int i = 0; i < 64; ++i) {
    names += ";h" + std::to_string(i);
    headers.emplace_back("h" + std::to_string(i), "v");
  }
  EXPECT_TRUE(bad(claim()));
}

TEST(Signing, CompactTimes) {
  EXPECT_EQ(compactTime("20260102T030405Z"), parseTime("2026-01-02T03:04:05Z"));
  for (const char* wrong : {"", "20260102T0304", "2026-01-02T03:04", "20261302T030405Z", "20260102 030405Z"})
    EXPECT_EQ(compactTime(wrong), std::nullopt) << wrong;
}

}  // namespace
}  // namespace baton::facades
