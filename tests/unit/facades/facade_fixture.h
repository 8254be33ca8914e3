// Calls, groups and outcomes as the gateway would hand them to a facade, and what tests ask of the answers.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "api/json.h"
#include "base/crypto.h"
#include "facades/facade.h"

namespace baton::facades {

using api::Json;
using api::Reason;
using http::Method;
using Kind = Outcome::Kind;

inline const std::string kHost = "ha.example.com";
inline const std::string kCallId = "925B84D9-CA72-432C-95CF-738C22A1B2C3";

/// All reasons by which a request can be refused or fail; GroupNotFound is what NoGroup says.
inline const std::vector<Reason> kReasons = {Reason::NotSupported,
                                             Reason::Disabled,
                                             Reason::Paused,
                                             Reason::Busy,
                                             Reason::NoPrimary,
                                             Reason::NoCandidate,
                                             Reason::CandidateNotFound,
                                             Reason::CandidateNotEligible,
                                             Reason::AlreadyPrimary,
                                             Reason::UnexpectedPrimary,
                                             Reason::TooFrequent,
                                             Reason::UnhealthyReplication,
                                             Reason::InvalidSpec,
                                             Reason::StartDeadlineExceeded,
                                             Reason::TimedOut,
                                             Reason::CatchUpTimedOut,
                                             Reason::HookFailed,
                                             Reason::FencingFailed,
                                             Reason::PodGone,
                                             Reason::CancelledByUser,
                                             Reason::SplitBrain};
/// Ways in which credentials don't do.
inline const std::vector<AuthFault> kFaults = {AuthFault::Missing,  AuthFault::Malformed, AuthFault::Unknown,
                                               AuthFault::Wrong,    AuthFault::Expired,   AuthFault::Stale,
                                               AuthFault::Replayed, AuthFault::TooMany};

/// Over TLS, to port 8443 of kHost when `headers` has no other Host.
inline Call call(Method method, const std::string& target, http::Headers headers = {}, const std::string& body = "") {
  Call c;
  c.method = method;
  const auto [path, query] = http::splitTarget(target);
  c.path = path;
  c.rawQuery = query;
  c.segments = http::segments(path).value();
  c.query = http::parameters(query).value();
  if (!http::find(headers, "Host")) headers.emplace_back("Host", kHost + ":8443");
  c.headers = std::move(headers);
  c.host = http::hostName(*c.header("Host"));
  c.body = body;
  c.tls = true;
  c.id = kCallId;
  c.received = parseTime("2026-01-01T00:00:30Z").value();
  return c;
}

/// "orders" in "shop": a is primary in z1; b in z2 and c in z1 could take over.
inline Group group() {
  Group g;
  g.ns = "shop";
  g.name = "orders";
  g.primary = "a";
  g.originalZone = "z1";
  g.members = {{"b", "z2", "standby", 1, true, "pi-b"},
               {"c", "z1", "standby", 1, true, "pi-c"},
               {"a", "z1", "primary", 1, false, "pi-a"}};
  return g;
}
/// The same, called by the host of one member.
inline Group groupAt(const std::string& addressed) {
  Group g = group();
  g.addressed = addressed;
  return g;
}
/// The same with another primary.
inline Group groupOf(const std::string& primary) {
  Group g = group();
  g.primary = primary;
  for (auto& m : g.members) {
    m.role = m.pod == primary ? "primary" : "standby";
    m.eligible = m.pod != primary;
  }
  return g;
}
/// The same, but nobody could take over.
inline Group groupWithoutCandidates() {
  Group g = group();
  for (auto& m : g.members) m.eligible = false;
  return g;
}

inline Outcome outcome(Kind kind, Reason reason = Reason::None, const std::string& message = "") {
  Outcome o;
  o.kind = kind;
  o.reason = reason;
  o.message = message;
  if (kind == Kind::Accepted || kind == Kind::Succeeded || kind == Kind::Failed) {
    o.request = "shop/orders-1";
    o.task = "6f9619ff-8b86-d011-b42d-00cf4fc964ff";
  }
  return o;
}
inline Outcome unauthenticated(AuthFault fault) {
  Outcome o = outcome(Kind::Unauthenticated);
  o.fault = fault;
  return o;
}

inline Plan planOf(const Facade& f, const Call& c) {
  const auto plan = f.plan(c);
  if (!plan) ADD_FAILURE() << "not its own: " << http::name(c.method) << " " << c.path;
  return plan.value_or(Plan{});
}
template <class T>
T claimOf(const Facade& f, const Call& c) {
  const Plan plan = planOf(f, c);
  if (plan.answer) ADD_FAILURE() << "answered with " << plan.answer->status << ": " << plan.answer->body;
  if (const T* claim = std::get_if<T>(&plan.claim)) return *claim;
  ADD_FAILURE() << "another kind of claim: " << plan.claim.index();
  return {};
}
/// Is its claim of this kind? Not when the plan is an answer.
template <class T>
bool claims(const Facade& f, const Call& c) {
  const Plan plan = planOf(f, c);
  return !plan.answer && std::holds_alternative<T>(plan.claim);
}

/// What it asks of Baton.
inline Intent intentOf(const Facade& f, const Call& c, const Group& g = group()) {
  const Plan plan = planOf(f, c);
  EXPECT_EQ(plan.wants, Wants::Switch);
  if (plan.answer) {
    ADD_FAILURE() << "answered with " << plan.answer->status << ": " << plan.answer->body;
    return {};
  }
  const auto decided = f.decide(c, plan, g);
  if (const auto* intent = std::get_if<Intent>(&decided)) return *intent;
  ADD_FAILURE() << "refused: " << std::get<http::Response>(decided).body;
  return {};
}
/// The answer that it gives by itself, whether or not it has to see the group for that.
inline http::Response answerOf(const Facade& f, const Call& c, const Group& g = group()) {
  const Plan plan = planOf(f, c);
  if (plan.answer) return *plan.answer;
  const auto decided = f.decide(c, plan, g);
  if (const auto* answer = std::get_if<http::Response>(&decided)) return *answer;
  ADD_FAILURE() << "asks Baton for a switch";
  return {};
}
inline http::Response render(const Facade& f, const Call& c, const Outcome& o) { return f.render(c, planOf(f, c), o); }
/// The answer when Baton would refuse for `reason`, whether the facade sees that itself or leaves it to Baton.
inline http::Response answerOrRefusal(const Facade& f, const Call& c, const Group& g, Reason reason) {
  const Plan plan = planOf(f, c);
  if (plan.answer) return *plan.answer;
  const auto decided = f.decide(c, plan, g);
  if (const auto* answer = std::get_if<http::Response>(&decided)) return *answer;
  return f.render(c, plan, outcome(Kind::Refused, reason, "m"));
}

inline std::string header(const http::Response& r, const std::string& name) {
  return std::string(http::find(r.headers, name).value_or(""));
}
/// Content-Type without parameters.
inline std::string mediaType(const http::Response& r) {
  const std::string type = header(r, "Content-Type");
  return type.substr(0, type.find_first_of("; "));
}
inline Json json(const http::Response& r) {
  EXPECT_EQ(mediaType(r), "application/json");
  Json j = Json::parse(r.body, nullptr, false);
  if (j.is_discarded()) ADD_FAILURE() << "not JSON: " << r.body;
  return j;
}
/// Without what a writer of XML may choose: blanks between tags and in empty ones.
inline std::string xml(const http::Response& r) {
  EXPECT_EQ(mediaType(r), "application/xml");
  std::string compact;
  for (size_t i = 0; i < r.body.size(); ++i) {
    const size_t next = r.body.find_first_not_of(" \r\n\t", i);
    if (next == std::string::npos) break;
    const bool between = next > i && i > 0 && r.body[i - 1] == '>' && r.body[next] == '<';
    if (between || r.body.compare(next, 2, "/>") == 0) i = next;
    compact += r.body[i];
  }
  return compact;
}

inline bool allows(const http::Response& r, const std::string& method) {
  std::string allow = header(r, "Allow");
  std::replace(allow.begin(), allow.end(), ',', ' ');
  std::istringstream words(allow);
  for (std::string word; words >> word;)
    if (word == method) return true;
  return false;
}
/// 405, and Allow names `allowed` but not the method itself.
inline void expectNoSuchMethod(const Facade& f, const Call& c, const std::vector<std::string>& allowed) {
  SCOPED_TRACE(std::string(http::name(c.method)) + " " + c.path);
  const Plan plan = planOf(f, c);
  ASSERT_TRUE(plan.answer);
  EXPECT_EQ(plan.answer->status, 405);
  for (const auto& method : allowed) EXPECT_TRUE(allows(*plan.answer, method)) << header(*plan.answer, "Allow");
  EXPECT_FALSE(allows(*plan.answer, http::name(c.method))) << header(*plan.answer, "Allow");
}
/// Whatever else becomes of it.
inline void expectNoSwitch(const Facade& f, const Call& c) {
  const auto plan = f.plan(c);
  if (plan && !plan->answer) {
    EXPECT_NE(plan->wants, Wants::Switch) << http::name(c.method) << " " << c.path;
  }
}

/// A switching call of each path.
inline std::vector<std::pair<const Facade*, Call>> switchingCalls() {
  return {{&connector(), call(Method::Post, "/api/v1/configuration/connector/haRole", {}, "\"shadow\"")},
          {&dcs(), call(Method::Post, "/v2/p1/instances/i1/swap")},
          {&hcx(), call(Method::Post, "/hybridity/api/interconnect/appliances/ha/groups/g1/forceFailover")},
          {&sbc(), call(Method::Post, "/rest/v1.2/admin/switchover")},
          {&polardb(), call(Method::Post, "/?Action=FailoverDBCluster&Version=2017-08-01&DBClusterId=pc-1")}};
}
/// It has a plan for its own switching call, and for nobody else's.
inline void expectOnlyItsOwn(const Facade& f) {
  for (const auto& [owner, c] : switchingCalls()) EXPECT_EQ(f.plan(c).has_value(), owner == &f) << c.path;
  EXPECT_FALSE(f.plan(call(Method::Get, "/unknown")));
  EXPECT_FALSE(f.plan(call(Method::Post, "/unknown/path")));
}

}  // namespace baton::facades
