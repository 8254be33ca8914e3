// Both forms in which calls to PolarDB are signed: version 1 (HMAC-SHA1 over parameters) and ACS3-HMAC-SHA256.
#include "unit/facades/facade_fixture.h"

namespace baton::facades {
namespace {

using testing::HasSubstr;

// -- Version 1
// ----------------------------------------------------------------------------------------------------------

const std::string kRest =
    "DBClusterId=pc-1&Format=JSON&OwnerAccount=&SignatureMethod=HMAC-SHA1&SignatureNonce=n-1&SignatureVersion=1.0&"
    "Timestamp=2026-01-01T00%3A00%3A00Z&Version=2017-08-01";
const std::string kUnsigned =
    "AccessKeyId=AK1&Action=FailoverDBCluster&ClientToken=a%20b%2Bc%2A~%28d%29%21%27&" + kRest;
const std::string kToSign =
    "&%2F&AccessKeyId%3DAK1%26Action%3DFailoverDBCluster%26ClientToken%3Da%2520b%252Bc%252A~%2528d%2529%2521%2527%26"
    "DBClusterId%3Dpc-1%26Format%3DJSON%26OwnerAccount%3D%26SignatureMethod%3DHMAC-SHA1%26SignatureNonce%3Dn-1%26"
    "SignatureVersion%3D1.0%26Timestamp%3D2026-01-01T00%253A00%253A00Z%26Version%3D2017-08-01";
const std::string kSignature = "&Signature=c2lnbmF0%2BXJl%2Fw%3D%3D";
const http::Headers kForm = {{"Content-Type", "application/x-www-form-urlencoded"}};

SignatureClaim claimed(const Call& c) { return claimOf<SignatureClaim>(polardb(), c); }

TEST(PolardbSigning, Version1SignsTheParameters) {
  const auto claim = claimed(call(Method::Post, "/?" + kUnsigned + kSignature));
  EXPECT_EQ(claim.keyId, "AK1");
  EXPECT_EQ(claim.signature, "c2lnbmF0+XJl/w==");
  EXPECT_EQ(claim.signedText, "POST" + kToSign);
  EXPECT_EQ(claim.expected("secret"), base64(hmacSha1("secret&", "POST" + kToSign)));
  EXPECT_EQ(claim.date, parseTime("2026-01-01T00:00:00Z"));
  EXPECT_THAT(claim.nonce, HasSubstr("n-1"));
}

TEST(PolardbSigning, Version1SignsTheMethod) {
  EXPECT_EQ(claimed(call(Method::Get, "/?" + kUnsigned + kSignature)).signedText, "GET" + kToSign);
}

TEST(PolardbSigning, Version1SignsTheFormAsTheQuery) {
  const std::string query = kUnsigned.substr(0, kUnsigned.find("&DBClusterId"));
  for (const Call& c : {call(Method::Post, "/", kForm, kUnsigned + kSignature),
                        call(Method::Post, "/?" + query, kForm, kRest + kSignature),
                        call(Method::Post, "/?" + kRest + kSignature, kForm, query)})
    EXPECT_EQ(claimed(c).signedText, "POST" + kToSign) << c.rawQuery;
}

// Clients differ in what they escape, and in the order of what they send.
TEST(PolardbSigning, Version1DecodesAndEncodesAgain) {
  for (const char* token : {"a+b%2Bc*~(d)!'", "a%20b%2bc%2a%7e%28d%29%21%27", "%61%20b%2Bc*%7E(d%29!%27"})
    EXPECT_EQ(claimed(call(Method::Post, "/?" + kRest + kSignature + "&ClientToken=" + token +
                                             "&Action=FailoverDBCluster&AccessKeyId=AK1"))
                  .signedText,
              "POST" + kToSign)
        << token;
}

TEST(PolardbSigning, Version1SortsByTheDecodedNames) {
  const std::string text = claimed(call(Method::Post, "/?X%3A=1&X0=2&" + kUnsigned + kSignature)).signedText;
  EXPECT_THAT(text, HasSubstr("%26X0%3D2%26X%253A%3D1"));
}

TEST(PolardbSigning, Version1SignsHeadersInNoWay) {
  const Call c = call(Method::Post, "/?" + kUnsigned + kSignature,
                      {{"Host", "other.example.com"}, {"x-acs-action", "FailoverDBCluster"}, {"Accept", "*/*"}});
  EXPECT_EQ(claimed(c).signedText, "POST" + kToSign);
}

TEST(PolardbSigning, Version1TakesASecurityToken) {
  const auto claim = claimed(call(Method::Post, "/?" + kUnsigned + "&SecurityToken=st-1" + kSignature));
  EXPECT_THAT(claim.signedText, HasSubstr("%26SecurityToken%3Dst-1%26SignatureMethod"));
}

TEST(PolardbSigning, WithoutSignatureNothingIsProved) {
  for (const auto& query : {kUnsigned, kUnsigned.substr(kUnsigned.find("&") + 1) + kSignature})
    EXPECT_FALSE(claims<SignatureClaim>(polardb(), call(Method::Post, "/?" + query))) << query;
}

// -- ACS3-HMAC-SHA256
// ---------------------------------------------------------------------------------------------------

const std::string kNothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";  // sha256 of ""
const std::string kNames = "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version";

std::string authorization(const std::string& names = kNames) {
  return "ACS3-HMAC-SHA256 Credential=AK1,SignedHeaders=" + names + ",Signature=0a1b2c";
}
http::Headers acsHeaders(const std::string& bodyHash) {
  return {{"Host", "polardb.example.com:8443"}, {"x-acs-action", "FailoverDBCluster"},
          {"x-acs-version", "2017-08-01"},      {"x-acs-date", "2026-01-01T00:00:00Z"},
          {"x-acs-signature-nonce", "n-1"},     {"x-acs-content-sha256", bodyHash},
          {"Authorization", authorization()}};
}
Call acs(const std::string& query, const std::string& form = "", http::Headers more = {}) {
  http::Headers headers = std::move(more);
  const http::Headers usual = acsHeaders(hex(sha256(form)));
  headers.insert(headers.end(), usual.begin(), usual.end());
  if (!form.empty()) headers.insert(headers.end(), kForm.begin(), kForm.end());
  return call(Method::Post, query.empty() ? "/" : "/?" + query, headers, form);
}
std::string headerLines(const std::string& bodyHash) {
  return "host:polardb.example.com:8443\nx-acs-action:FailoverDBCluster\nx-acs-content-sha256:" + bodyHash +
         "\nx-acs-date:2026-01-01T00:00:00Z\nx-acs-signature-nonce:n-1\nx-acs-version:2017-08-01\n";
}
std::string signatureOf(const std::string& canonical) {
  return hex(hmacSha256("secret", "ACS3-HMAC-SHA256\n" + hex(sha256(canonical))));
}

TEST(PolardbSigning, Acs3SignsAQuery) {
  const auto claim = claimed(acs("DBClusterId=pc-1&ClientToken=t1"));
  EXPECT_EQ(claim.keyId, "AK1");
  EXPECT_EQ(claim.signature, "0a1b2c");
  EXPECT_EQ(claim.date, parseTime("2026-01-01T00:00:00Z"));
  EXPECT_THAT(claim.nonce, HasSubstr("n-1"));
  EXPECT_EQ(claim.expected("secret"), signatureOf("POST\n/\nClientToken=t1&DBClusterId=pc-1\n" + headerLines(kNothing) +
                                                  "\n" + kNames + "\n" + kNothing));
}

TEST(PolardbSigning, Acs3SignsAFormByItsHash) {
  const std::string form = "DBClusterId=pc-1&TargetDBNodeId=pi-c", hash = hex(sha256(form));
  const std::string rest = headerLines(hash) + "\n" + kNames + "\n" + hash;
  EXPECT_EQ(claimed(acs("", form)).expected("secret"), signatureOf("POST\n/\n\n" + rest));
  EXPECT_EQ(claimed(acs("RegionId=r-1", form)).expected("secret"), signatureOf("POST\n/\nRegionId=r-1\n" + rest));
}

TEST(PolardbSigning, Acs3TakesActionAndVersionFromHeaders) {
  const Call c = acs("", "DBClusterId=pc-1&TargetDBNodeId=pi-c");
  EXPECT_EQ(planOf(polardb(), c).identity.id, "pc-1");
  EXPECT_EQ(intentOf(polardb(), c).candidate, "c");
}

TEST(PolardbSigning, TheTypeOfASignedBodyDecidesNothing) {
  Call c = acs("", "DBClusterId=pc-1&TargetDBNodeId=pi-c");
  for (auto& [name, value] : c.headers)
    if (name == "Content-Type") value = "text/plain";
  EXPECT_EQ(intentOf(polardb(), c).candidate, "c");
}

TEST(PolardbSigning, OfTheFirstFormNoHeaderIsSignedSoNoneNamesTheAction) {
  const Call c = call(Method::Post, "/?DBClusterId=pc-1&Signature=x", {{"x-acs-action", "FailoverDBCluster"}});
  EXPECT_NE(answerOf(polardb(), c).status, 200);
}

TEST(PolardbSigning, Acs3KnowsNoOtherActionEither) {
  Call c = acs("DBClusterId=pc-1");
  for (auto& [name, value] : c.headers)
    if (name == "x-acs-action") value = "DescribeDBClusters";
  EXPECT_EQ(api::text(json(answerOf(polardb(), c)), "Code"), "InvalidAction.NotFound");
}

TEST(PolardbSigning, Acs3DecodesAndEncodesTheQueryAgain) {
  const std::string expected =
      signatureOf("POST\n/\nClientToken=a%20b%2Bc%2A~%28d%29%21%27&DBClusterId=pc-1&OwnerAccount=\n" +
                  headerLines(kNothing) + "\n" + kNames + "\n" + kNothing);
  for (const char* query : {"DBClusterId=pc-1&OwnerAccount=&ClientToken=a+b%2Bc*~(d)!'",
                            "OwnerAccount=&ClientToken=a%20b%2bc%2a%7e%28d%29%21%27&DBClusterId=pc-1"})
    EXPECT_EQ(claimed(acs(query)).expected("secret"), expected) << query;
}

TEST(PolardbSigning, Acs3SignsTrimmedValues) {
  Call c = acs("DBClusterId=pc-1", "", {{"x-acs-security-token", "  st-1 "}});
  const std::string names =
      "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-security-token;x-acs-signature-nonce;x-acs-version";
  for (auto& [name, value] : c.headers)
    if (name == "Authorization") value = authorization(names);
  EXPECT_EQ(claimed(c).expected("secret"),
            signatureOf("POST\n/\nDBClusterId=pc-1\nhost:polardb.example.com:8443\nx-acs-action:FailoverDBCluster\n"
                        "x-acs-content-sha256:" +
                        kNothing +
                        "\nx-acs-date:2026-01-01T00:00:00Z\nx-acs-security-token:st-1\nx-acs-signature-nonce:n-1\n"
                        "x-acs-version:2017-08-01\n\n" +
                        names + "\n" + kNothing));
}

TEST(PolardbSigning, Acs3BelievesNoHashThatIsNotTheBodys) {
  Call c = acs("", "DBClusterId=pc-1");
  c.body = "DBClusterId=pc-2";
  EXPECT_FALSE(claims<SignatureClaim>(polardb(), c));
}

TEST(PolardbSigning, Acs3InPiecesIsNoSignature) {
  for (const char* value : {"ACS3-HMAC-SHA256", "ACS3-HMAC-SHA256 Credential=AK1,SignedHeaders=host;x-acs-date",
                            "ACS3-HMAC-SHA256 SignedHeaders=host;x-acs-date,Signature=0a",
                            "ACS3-HMAC-SHA256 Credential=AK1,Signature=0a"}) {
    Call c = acs("DBClusterId=pc-1");
    for (auto& [name, text] : c.headers)
      if (name == "Authorization") text = value;
    EXPECT_FALSE(claims<SignatureClaim>(polardb(), c)) << value;
  }
}

}  // namespace
}  // namespace baton::facades
