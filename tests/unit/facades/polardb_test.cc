// The path of Alibaba's PolarDB: FailoverDBCluster, RPC style. Signatures: polardb_signing_test.cc.
#include "unit/facades/facade_fixture.h"

namespace baton::facades {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

http::Parameters signedWith(const std::string& nonce, const std::string& timestamp = "2026-01-01T00:00:00Z") {
  return {{"AccessKeyId", "AK1"},    {"SignatureMethod", "HMAC-SHA1"}, {"SignatureVersion", "1.0"},
          {"SignatureNonce", nonce}, {"Timestamp", timestamp},         {"Signature", "c2ln" + nonce}};
}
std::string encoded(const http::Parameters& all) {
  std::string text;
  for (const auto& [name, value] : all)
    text += (text.empty() ? "" : "&") + http::encode(name) + "=" + http::encode(value);
  return text;
}
http::Parameters operator+(http::Parameters left, const http::Parameters& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}
const http::Parameters kAction = {{"Action", "FailoverDBCluster"}, {"Version", "2017-08-01"}};
const http::Parameters kCluster = {{"DBClusterId", "pc-1"}};

Call inQuery(const http::Parameters& all) { return call(Method::Post, "/?" + encoded(all)); }
Call split(const http::Parameters& query, const http::Parameters& form) {
  return call(Method::Post, query.empty() ? "/" : "/?" + encoded(query),
              {{"Content-Type", "application/x-www-form-urlencoded"}}, encoded(form));
}
/// A complete call, with these parameters besides.
Call failover(const http::Parameters& more = {}, const std::string& nonce = "n1") {
  return inQuery(kAction + kCluster + signedWith(nonce) + more);
}

/// The vendor's error; its message.
std::string errorOf(const http::Response& r, int status, const std::string& code) {
  EXPECT_EQ(r.status, status) << r.body;
  const Json body = json(r);
  EXPECT_EQ(body.size(), 5U) << body;
  EXPECT_EQ(api::text(body, "RequestId"), kCallId);
  EXPECT_EQ(api::text(body, "Code"), code);
  for (const char* key : {"HostId", "Message", "Recommend"})
    EXPECT_TRUE(body.contains(key) && body[key].is_string()) << key << " in " << body;
  return api::text(body, "Message");
}
/// Some error of the vendor's form, for which the contract names no code; its code.
std::string someError(const http::Response& r) {
  EXPECT_EQ(r.status / 100, 4) << r.body;
  const std::string code = api::text(json(r), "Code");
  EXPECT_NE(code, "");
  EXPECT_NE(errorOf(r, r.status, code), "");
  return code;
}

/// A row of the document's table of errors.
struct Row {
  int status;
  std::string code, message;
};
const Row kHaStatus{400, "HaStatusNotSupport", "Current DB instance HA status does not support this operation."};
const Row kNode{400, "InvalidDBNodeId.Malformed", "The specified parameter DBNodeId is not valid."};
const Row kType{400, "InvalidDBType.Malformed", "The Specified DBType is not valid."};
const Row kFrequent{400, "UnsupportHighFrequenceSwitchOver",
                    "The instance has switch over too frequent within ten minutes."};
const Row kReplication{400, "UnsupportWitchUnhealthyReplication",
                       "The action is unsupported with unhealthy replication."};
const Row kNodeType{403, "OperationDenied.DBNodeType", "The operation is not permitted due to type of node."};
const Row kCategory{403, "OperationDenied.ClusterCategory", "The operation is not permitted due to cluster category."};
const Row kNoCluster{404, "InvalidDBCluster.NotFound", "The DBClusterId provided does not exist in our records."};
const Row kBadCluster{404, "InvalidDBClusterId.Malformed", "The specified parameter DBClusterId is not valid."};

void expectRow(const http::Response& r, const Row& row) { EXPECT_EQ(errorOf(r, row.status, row.code), row.message); }

std::string zoneOf(const Intent& intent) {
  const Member* named = group().member(intent.candidate);
  return named ? named->zone : intent.candidateZone;
}

TEST(Polardb, TheRootIsItsOwn) {
  EXPECT_EQ(polardb().kind(), api::ApiKind::Polardb);
  expectOnlyItsOwn(polardb());
  EXPECT_FALSE(polardb().plan(call(Method::Post, "/x?" + encoded(kAction + kCluster + signedWith("n1")))));
}

TEST(Polardb, TheParametersSayWhichClusterIsMeant) {
  EXPECT_EQ(planOf(polardb(), failover()).wants, Wants::Switch);
  EXPECT_EQ(planOf(polardb(), failover()).identity, (api::ApiIdentity{api::ApiKind::Polardb, "pc-1", ""}));
}

TEST(Polardb, ParametersComeInQueryOrFormOrBoth) {
  const http::Parameters target = {{"TargetDBNodeId", "pi-c"}};
  const auto all = kAction + kCluster + signedWith("n1") + target;
  for (const Call& c : {inQuery(all), split({}, all), split(kAction + signedWith("n1"), kCluster + target),
                        split(kCluster + target, kAction + signedWith("n1")), call(Method::Get, "/?" + encoded(all))}) {
    EXPECT_EQ(planOf(polardb(), c).identity.id, "pc-1") << c.rawQuery << " " << c.body;
    EXPECT_EQ(intentOf(polardb(), c).candidate, "c") << c.rawQuery << " " << c.body;
  }
}

TEST(Polardb, OtherMethodsAreNotAllowed) {
  for (const Method m : {Method::Put, Method::Patch, Method::Delete})
    expectNoSuchMethod(polardb(), call(m, "/?" + encoded(kAction + kCluster)), {"GET", "POST"});
}

TEST(Polardb, HeadAndOptionsNeverSwitch) {
  for (const Method m : {Method::Head, Method::Options})
    expectNoSwitch(polardb(), call(m, "/?" + encoded(kAction + kCluster + signedWith("n1"))));
}

TEST(Polardb, AFailoverIsPlannedAndNotWaitedFor) {
  const Intent intent = intentOf(polardb(), failover());
  EXPECT_EQ(intent.mode, api::Mode::Planned);
  EXPECT_NE(intent.candidate, "a");
  EXPECT_FALSE(intent.waitForEnd);
  EXPECT_EQ(planOf(polardb(), failover()).idempotency, "");
}

TEST(Polardb, ANodeIsACandidate) {
  const Intent intent = intentOf(polardb(), failover({{"TargetDBNodeId", "pi-c"}}));
  EXPECT_EQ(intent.candidate, "c");
  EXPECT_EQ(intent.candidateZone, "");
}

TEST(Polardb, AZoneTypeIsRelativeToThePrimary) {
  EXPECT_EQ(zoneOf(intentOf(polardb(), failover({{"TargetZoneType", "Primary"}}))), "z1");
  EXPECT_EQ(zoneOf(intentOf(polardb(), failover({{"TargetZoneType", "Standby"}}))), "z2");
  EXPECT_EQ(zoneOf(intentOf(polardb(), failover({{"TargetZoneType", "Standby"}}), groupOf("b"))), "z1");
}

TEST(Polardb, AZoneTypeIsNeverAskedOfThePrimary) {
  EXPECT_NE(intentOf(polardb(), failover({{"TargetZoneType", "Primary"}})).candidate, "a");
}

TEST(Polardb, RollBackForDisasterIsFailBack) {
  for (const char* yes : {"true", "True"}) {
    const Intent intent = intentOf(polardb(), failover({{"RollBackForDisaster", yes}}), groupOf("b"));
    EXPECT_TRUE(intent.failBack) << yes;
    EXPECT_EQ(intent.candidate + intent.candidateZone, "") << "it says what comes after, not where to go now";
  }
  for (const char* no : {"false", "False"})
    EXPECT_FALSE(intentOf(polardb(), failover({{"RollBackForDisaster", no}}), groupOf("b")).failBack) << no;
  EXPECT_FALSE(intentOf(polardb(), failover(), groupOf("b")).failBack);
}

TEST(Polardb, TheOnlyOtherZoneIsAskedForAndTheMemberLeftOpen) {
  const Intent intent = intentOf(polardb(), failover({{"TargetZoneType", "Standby"}}), groupOf("b"));
  EXPECT_EQ(intent.candidateZone, "z1");
  EXPECT_EQ(intent.candidate, "");
}

TEST(Polardb, AClientTokenMakesItIdempotent) {
  const auto idempotency = [](const std::string& token) {
    return planOf(polardb(), failover({{"ClientToken", token}})).idempotency;
  };
  EXPECT_NE(idempotency("t1"), "");
  EXPECT_EQ(idempotency("t1"), idempotency("t1"));
  EXPECT_NE(idempotency("t1"), idempotency("t2"));
  EXPECT_NE(idempotency("t1"), idempotency("T1"));
  EXPECT_NE(idempotency(std::string(64, 't')), "");
}

TEST(Polardb, TheFingerprintIsOfWhatIsAskedNotOfHowItIsSigned) {
  const http::Parameters asked = {{"ClientToken", "t1"}, {"TargetDBNodeId", "pi-c"}};
  const auto first = planOf(polardb(), failover(asked));
  const auto later = signedWith("n2", "2026-01-01T00:00:20Z");
  EXPECT_NE(first.fingerprint, "");
  for (const Call& again : {inQuery(kAction + kCluster + asked + later), split(kAction + later, kCluster + asked),
                            split(asked, later + kCluster + kAction)}) {
    EXPECT_EQ(planOf(polardb(), again).fingerprint, first.fingerprint) << again.rawQuery;
    EXPECT_EQ(planOf(polardb(), again).idempotency, first.idempotency) << again.rawQuery;
  }
}

TEST(Polardb, OtherParametersHaveAnotherFingerprint) {
  const http::Parameters token = {{"ClientToken", "t1"}};
  std::vector<std::string> seen;
  for (const http::Parameters& asked :
       {http::Parameters{}, http::Parameters{{"TargetDBNodeId", "pi-c"}}, http::Parameters{{"TargetDBNodeId", "pi-b"}},
        http::Parameters{{"TargetZoneType", "Primary"}}, http::Parameters{{"TargetZoneType", "Standby"}},
        http::Parameters{{"RollBackForDisaster", "true"}}}) {
    const std::string print = planOf(polardb(), failover(token + asked)).fingerprint;
    EXPECT_EQ(std::count(seen.begin(), seen.end(), print), 0) << encoded(asked);
    seen.push_back(print);
  }
}

TEST(Polardb, AcceptedIsARequestId) {
  const auto answer = render(polardb(), failover(), outcome(Kind::Accepted));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(json(answer), Json::object({{"RequestId", kCallId}}));
}

TEST(Polardb, TheSameCallAgainHasTheFirstOnesRequestId) {
  Outcome o = outcome(Kind::Accepted);
  o.callId = "00000000-0000-4000-8000-00000000000A";
  const auto answer = render(polardb(), failover({{"ClientToken", "t1"}}), o);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(json(answer), Json::object({{"RequestId", o.callId}}));
}

TEST(Polardb, FormatXmlGetsXml) {
  const Call c = failover({{"Format", "XML"}});
  const auto good = render(polardb(), c, outcome(Kind::Accepted));
  EXPECT_EQ(good.status, 200);
  EXPECT_THAT(header(good, "Content-Type"), HasSubstr("xml"));
  EXPECT_THAT(good.body, HasSubstr("<RequestId>" + kCallId + "</RequestId>"));
  const auto bad = render(polardb(), c, outcome(Kind::Refused, Reason::Busy, "m"));
  EXPECT_EQ(bad.status, 400);
  EXPECT_THAT(header(bad, "Content-Type"), HasSubstr("xml"));
  EXPECT_THAT(bad.body, HasSubstr("<RequestId>" + kCallId + "</RequestId>"));
  EXPECT_THAT(bad.body, HasSubstr("<Code>HaStatusNotSupport</Code>"));
  EXPECT_THAT(bad.body, HasSubstr("<Message>" + kHaStatus.message + "</Message>"));
}

TEST(Polardb, FormatXmlIsEscaped) {
  Outcome o = unauthenticated(AuthFault::Wrong);
  o.signedText = "POST&%2F&a<b";
  EXPECT_THAT(render(polardb(), failover({{"Format", "XML"}}), o).body, HasSubstr("POST&amp;%2F&amp;a&lt;b"));
}

TEST(Polardb, FormatMayStandInTheFormAndJsonIsJson) {
  const Call form = split(kAction + signedWith("n1"), kCluster + http::Parameters{{"Format", "XML"}});
  EXPECT_THAT(render(polardb(), form, outcome(Kind::NoGroup)).body,
              HasSubstr("<Code>InvalidDBCluster.NotFound</Code>"));
  expectRow(render(polardb(), failover({{"Format", "JSON"}}), outcome(Kind::NoGroup)), kNoCluster);
}

TEST(Polardb, RefusalsAreRowsOfTheDocument) {
  for (const auto& [reason, row] : std::vector<std::pair<Reason, Row>>{{Reason::Busy, kHaStatus},
                                                                       {Reason::Paused, kHaStatus},
                                                                       {Reason::NoPrimary, kHaStatus},
                                                                       {Reason::CandidateNotFound, kNode},
                                                                       {Reason::AlreadyPrimary, kNodeType},
                                                                       {Reason::TooFrequent, kFrequent},
                                                                       {Reason::UnhealthyReplication, kReplication},
                                                                       {Reason::Disabled, kCategory},
                                                                       {Reason::NotSupported, kCategory}}) {
    SCOPED_TRACE(api::name(reason));
    expectRow(render(polardb(), failover(), outcome(Kind::Refused, reason, "m")), row);
  }
}

// Which of the two depends on what is known of the lag; nothing else fits.
TEST(Polardb, WithoutACandidateTheStateOrTheReplicationIsToBlame) {
  const auto answer = render(polardb(), failover(), outcome(Kind::Refused, Reason::NoCandidate, "m"));
  const bool replication = api::text(json(answer), "Code") == kReplication.code;
  expectRow(answer, replication ? kReplication : kHaStatus);
}

TEST(Polardb, UnknownClustersAndThoseOfOthersAreRowsOfTheDocument) {
  expectRow(render(polardb(), failover(), outcome(Kind::NoGroup)), kNoCluster);
  expectRow(render(polardb(), failover(), outcome(Kind::AnotherApi)), kType);
}

TEST(Polardb, AnIdThatCannotBeOneIsMalformed) {
  for (const std::string& id : {std::string("pc_1"), std::string("pc 1"), std::string("pc.1"), std::string("pc/1"),
                                std::string("pc-é"), std::string(65, 'p')})
    expectRow(answerOf(polardb(), inQuery(kAction + signedWith("n1") + http::Parameters{{"DBClusterId", id}})),
              kBadCluster);
  for (const std::string& id : {std::string(64, 'p'), std::string("PC-1a"), std::string("1")})
    intentOf(polardb(), inQuery(kAction + signedWith("n1") + http::Parameters{{"DBClusterId", id}}));
}

TEST(Polardb, AnUnknownNodeIsMalformed) {
  expectRow(answerOrRefusal(polardb(), failover({{"TargetDBNodeId", "pi-z"}}), group(), Reason::CandidateNotFound),
            kNode);
}

TEST(Polardb, ThePrimaryIsOfTheWrongType) {
  expectRow(answerOrRefusal(polardb(), failover({{"TargetDBNodeId", "pi-a"}}), group(), Reason::AlreadyPrimary),
            kNodeType);
}

TEST(Polardb, ANodeOfPriorityZeroIsOfTheWrongType) {
  Group g = group();
  g.members[1].priority = 0;
  g.members[1].eligible = false;
  expectRow(answerOrRefusal(polardb(), failover({{"TargetDBNodeId", "pi-c"}}), g, Reason::CandidateNotEligible),
            kNodeType);
}

TEST(Polardb, AnotherRequestUnderTheSameTokenIsAMismatch) {
  const auto answer = render(polardb(), failover({{"ClientToken", "t1"}}), outcome(Kind::Mismatch));
  EXPECT_NE(errorOf(answer, 400, "IdempotentParameterMismatch"), "");
}

TEST(Polardb, WithoutAClusterAParameterIsMissing) {
  EXPECT_THAT(someError(answerOf(polardb(), inQuery(kAction + signedWith("n1")))), StartsWith("MissingParameter"));
}

TEST(Polardb, AnUnknownActionIsNotFound) {
  for (const char* action : {"DescribeDBClusters", "failoverdbcluster"}) {
    const http::Parameters other = {{"Action", action}, {"Version", "2017-08-01"}};
    const auto answer = answerOf(polardb(), inQuery(other + kCluster + signedWith("n1")));
    EXPECT_EQ(someError(answer), "InvalidAction.NotFound");
  }
}

TEST(Polardb, AnotherVersionIsRefused) {
  for (const char* version : {"2014-05-26", "2017-08-02", "1"}) {
    const http::Parameters other = {{"Action", "FailoverDBCluster"}, {"Version", version}};
    someError(answerOf(polardb(), inQuery(other + kCluster + signedWith("n1"))));
  }
}

TEST(Polardb, ABadClientTokenIsRefused) {
  for (const std::string& token : {std::string(65, 't'), std::string("é")})
    someError(answerOf(polardb(), failover({{"ClientToken", token}})));
}

TEST(Polardb, AnotherZoneTypeIsRefused) { someError(answerOf(polardb(), failover({{"TargetZoneType", "Elsewhere"}}))); }

TEST(Polardb, FaultsOfASignatureHaveTheVendorsCodes) {
  const Call c = failover();
  EXPECT_NE(errorOf(render(polardb(), c, unauthenticated(AuthFault::Unknown)), 404, "InvalidAccessKeyId.NotFound"), "");
  EXPECT_EQ(someError(render(polardb(), c, unauthenticated(AuthFault::Stale))), "InvalidTimeStamp.Expired");
  EXPECT_EQ(someError(render(polardb(), c, unauthenticated(AuthFault::Replayed))), "SignatureNonceUsed");
  for (const AuthFault fault : {AuthFault::Missing, AuthFault::Malformed})
    someError(render(polardb(), c, unauthenticated(fault)));
}

TEST(Polardb, AWrongSignatureIsToldWhatWasToBeSigned) {
  Outcome o = unauthenticated(AuthFault::Wrong);
  o.signedText = "POST&%2F&AccessKeyId%3DAK1";
  EXPECT_THAT(errorOf(render(polardb(), failover(), o), 400, "SignatureDoesNotMatch"),
              EndsWith("server string to sign is:POST&%2F&AccessKeyId%3DAK1"));
}

TEST(Polardb, WhoMayNotIsForbidden) {
  const auto answer = render(polardb(), failover(), outcome(Kind::Forbidden, Reason::None, "u may not"));
  EXPECT_EQ(answer.status, 403);
  someError(answer);
}

TEST(Polardb, AnApiServerThatCannotBeAskedIsAnErrorOfTheServer) {
  const auto answer = render(polardb(), failover(), outcome(Kind::Unavailable, Reason::None, "no answer"));
  EXPECT_EQ(answer.status / 100, 5);
  errorOf(answer, answer.status, api::text(json(answer), "Code"));
}

}  // namespace
}  // namespace baton::facades
