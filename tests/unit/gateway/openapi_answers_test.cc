// The answers of docs/openapi.json are those that the facades give, and no others: whatever comes of a call.
#include "unit/gateway/openapi_document.h"

namespace baton::gateway {
namespace {

using facades::AuthFault;
using facades::Call;
using facades::Outcome;
using facades::Wants;
using Kind = Outcome::Kind;
using Operation = Document::Operation;

const facades::Facade& facadeOf(const Call& call) {
  for (const auto* facade : facades::all())
    if (facade->plan(call)) return *facade;
  throw std::logic_error("no facade has " + call.path);
}

/// The calls of an operation, one for each form that the answer may have; all could succeed.
std::vector<Call> callsOf(const Document& document, const Operation& o) {
  const std::string target = document.target(o.path);
  if (o.path == "/") {
    const std::string query = "/?Action=FailoverDBCluster&Version=2017-08-01&DBClusterId=pc-1&Format=";
    return {facades::call(o.method, query + "JSON"), facades::call(o.method, query + "XML")};
  }
  std::vector<Call> all;
  for (const auto* accept : {"*/*", "application/json"})
    all.push_back(facades::call(o.method, target, {{"Accept", accept}}, "\"shadow\""));
  return all;
}

/// With each reason that it can have.
void add(std::vector<Outcome>& all, Kind kind) {
  const bool reasoned = kind == Kind::Refused || kind == Kind::Failed;
  if (!reasoned || kind == Kind::Failed) all.push_back(facades::outcome(kind, api::Reason::None, "why"));
  for (const auto reason : reasoned ? facades::kReasons : std::vector<api::Reason>())
    all.push_back(facades::outcome(kind, reason, "why"));
}

/// How a task stands.
void addTasks(std::vector<Outcome>& all) {
  for (const auto phase :
       {api::Phase::None, api::Phase::Pending, api::Phase::Demoting, api::Phase::Succeeded, api::Phase::Failed}) {
    Outcome o = facades::outcome(Kind::Task);
    o.task = o.groupId = "t";
    o.status = api::SwitchoverStatus{};
    o.status->phase = phase;
    o.status->start = o.status->completion = parseTime("2026-01-01T00:00:30Z").value();
    all.push_back(o);
  }
}

/// All that can come of a call.
std::vector<Outcome> outcomesOf(const facades::Facade& facade, const Call& call, const facades::Plan& plan) {
  std::vector<Outcome> all;
  if (plan.wants == Wants::Nothing) return all;
  add(all, Kind::TooMany);
  for (const auto fault : facades::kFaults) all.push_back(facades::unauthenticated(fault));
  if (plan.wants == Wants::Token) {
    Outcome o = facades::outcome(Kind::Token);
    o.token = "bt1.e30.c2ln";
    all.push_back(o);
    return all;
  }
  for (const auto kind : {Kind::Forbidden, Kind::Unavailable}) add(all, kind);
  add(all, plan.wants == Wants::Task ? Kind::NoTask : Kind::NoGroup);
  if (plan.wants == Wants::Task) addTasks(all);
  if (plan.wants != Wants::Task) add(all, Kind::AnotherApi);
  if (plan.wants != Wants::Switch) return all;
  all.push_back(facades::unauthenticated(AuthFault::Csrf));
  for (const auto kind : {Kind::Refused, Kind::Succeeded, Kind::Failed}) add(all, kind);
  if (!facades::intentOf(facade, call).waitForEnd) add(all, Kind::Accepted);
  if (facade.kind() == api::ApiKind::Polardb) add(all, Kind::Mismatch);
  return all;
}

/// Calls that a facade answers by itself, each for another reason.
std::vector<Call> answeredAtOnce(const facades::Facade& facade, const Call& call) {
  std::vector<Call> all = {call, call};
  all[1].body = "\"boss\"";
  if (facade.kind() == api::ApiKind::Sbc) {
    all.push_back(call);
    all.back().tls = false;
    all.push_back(facades::call(call.method, std::regex_replace(call.path, std::regex("v1\\.2"), "v9"), call.headers));
  }
  if (facade.kind() != api::ApiKind::Polardb) return all;
  for (const auto* more :
       {"TargetDBNodeId=no", "TargetDBNodeId=pi-a", "Action=no", "Version=no", "DBClusterId=_", "TargetZoneType=no",
        "RollBackForDisaster=no", "RollBackForDisaster=true", "ClientToken=%01"}) {
    all.push_back(call);
    const http::Parameters first = http::parameters(more).value();
    all.back().query.insert(all.back().query.begin(), first.begin(), first.end());
  }
  return all;
}

/// The answers to those.
std::vector<http::Response> ownAnswers(const facades::Facade& facade, const Call& call) {
  std::vector<http::Response> all;
  for (const Call& c : answeredAtOnce(facade, call)) {
    const facades::Plan plan = facades::planOf(facade, c);
    if (plan.answer) {
      all.push_back(*plan.answer);
      continue;
    }
    const auto decided = facade.decide(c, plan, facades::group());
    if (const auto* answer = std::get_if<http::Response>(&decided)) all.push_back(*answer);
  }
  return all;
}

void expectHeaders(const Document& document, const Json& described, const http::Response& r) {
  const Json headers = described.value("headers", Json::object());
  for (const auto& [name, given] : headers.items()) {
    const Json& one = document.resolved(given);
    const auto value = http::find(r.headers, name);
    EXPECT_TRUE(value || !one.value("required", false)) << "no header " << name;
    if (!value) continue;
    EXPECT_EQ(document.misfit(one.at("schema"), std::string(*value)), "") << name;
  }
}

void expectBody(const Document& document, const Json& described, const http::Response& r) {
  const Json content = described.value("content", Json::object());
  const std::string type = facades::mediaType(r);
  if (content.empty()) {
    EXPECT_EQ(r.body, "");
    return;
  }
  ASSERT_TRUE(content.contains(type)) << type;
  if (type != "application/json") return;
  const Json body = Json::parse(r.body, nullptr, false);
  EXPECT_EQ(document.misfit(content[type].at("schema"), body), "");
}

/// Status, headers and body of the answer are described.
void expectDescribed(const Document& document, const Operation& o, const http::Response& r) {
  const std::string status = std::to_string(r.status);
  SCOPED_TRACE(o.id() + " " + status + " " + r.body);
  ASSERT_TRUE(o.json.at("responses").contains(status));
  const Json& described = document.resolved(o.json["responses"][status]);
  expectHeaders(document, described, r);
  if (o.method != Method::Head) expectBody(document, described, r);
}

TEST(OpenApiAnswers, WhateverComesOfACall) {
  const Document document;
  for (const auto& o : document.operations()) {
    if (o.path == "/openapi.json") continue;
    std::set<std::string> seen, described;
    for (const auto& call : callsOf(document, o)) {
      const facades::Facade& facade = facadeOf(call);
      const facades::Plan plan = facades::planOf(facade, call);
      std::vector<http::Response> answers = ownAnswers(facade, call);
      for (const auto& outcome : outcomesOf(facade, call, plan)) answers.push_back(facade.render(call, plan, outcome));
      for (const auto& r : answers) {
        expectDescribed(document, o, r);
        seen.insert(std::to_string(r.status));
      }
    }
    for (const auto& [status, response] : o.json["responses"].items()) described.insert(status);
    EXPECT_EQ(seen, described) << o.id() << ": what the facade says, and what is described";
  }
}

}  // namespace
}  // namespace baton::gateway
