// A gateway whose cluster is in the test's hand: groups as it says, an API server of a few lines, and the requests that
// were made.
#pragma once

#include <crypt.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/json.h"
#include "base/crypto.h"
#include "gateway/gateway.h"
#include "unit/kube/manual_clock.h"

namespace baton::gateway {

using api::Json;

class FakeGroups final : public Groups {
 public:
  bool ready() const override { return ready_; }
  std::optional<std::chrono::seconds> unheard(const std::string&) const override { return unheard_; }
  std::optional<facades::Group> find(const api::ApiIdentity& identity) const override {
    const auto found = groups_.find(identity);
    return found == groups_.end() ? std::nullopt : std::optional(found->second);
  }
  bool elsewhere(const api::ApiIdentity& identity) const override {
    for (const auto& [known, group] : groups_)
      if (known.id == identity.id && known.kind != identity.kind) return true;
    return false;
  }
  std::optional<Refusal> refusal(const std::string&, const std::string&, const facades::Intent& intent) const override {
    asked_.push_back(intent);
    return refusal_;
  }
  Request request(const std::string& ns, const std::string& name) const override {
    const auto found = requests_.find(ns + "/" + name);
    return found == requests_.end() ? nullptr : found->second;
  }
  Request requestByUid(const std::string& uid) const override {
    for (const auto& [key, request] : requests_)
      if (request->meta.uid == uid) return request;
    return nullptr;
  }

  bool ready_ = true;
  std::optional<std::chrono::seconds> unheard_;
  std::map<api::ApiIdentity, facades::Group> groups_;
  std::optional<Refusal> refusal_;
  std::map<std::string, Request> requests_;
  mutable std::vector<facades::Intent> asked_;
};

/// Stores SwitchoverRequests, and answers SubjectAccessReviews. Answers within send().
class FakeApiServer final : public kube::Client {
 public:
  void send(kube::ApiRequest r, kube::Done done) override {
    const std::string path = r.target.substr(0, r.target.find('?'));
    if (down_) return done(unavailable("connection refused"));
    if (path.find("subjectaccessreviews") != std::string::npos) return done(review(Json::parse(r.body)));
    if (path.find("/leases") != std::string::npos) return done(claim(Json::parse(r.body)));
    if (r.method == http::Method::Delete) return done(remove(path.substr(path.rfind('/') + 1)));
    if (r.method == http::Method::Post && loseAnswers_) {
      return done(create(Json::parse(r.body)) ? timedOut("no answer") : internal("twice"));
    }
    if (r.method == http::Method::Post && refuses_) return done(*refuses_);
    if (r.method == http::Method::Post) return done(create(Json::parse(r.body)));
    const auto found = objects_.find(path.substr(path.rfind('/') + 1));
    if (found == objects_.end()) return done(Error{Error::Kind::NotFound, "not found", {}, 404});
    done(http::Response{200, {}, found->second.dump()});
  }
  http::CallHandle stream(kube::ApiRequest, http::StreamHandlers) override { return nullptr; }
  void shutDown() override {}

  bool down_ = false;
  bool loseAnswers_ = false;                         // of creations, which take effect
  std::optional<Error> refuses_;                     // creations
  bool keeps_ = false;                               // a deletion finds that the object has changed
  std::vector<std::string> claims_;                  // names of Leases
  std::vector<std::string> forbidden_;               // verbs
  std::function<bool(const Json& attributes)> may_;  // besides; empty: everything
  std::vector<Json> reviews_;
  std::map<std::string, Json> objects_;  // by name
  std::vector<std::string> created_;

 private:
  Result<http::Response> review(const Json& question) {
    reviews_.push_back(question["spec"]);
    const std::string verb = question["spec"]["resourceAttributes"]["verb"];
    const bool allowed = std::find(forbidden_.begin(), forbidden_.end(), verb) == forbidden_.end() &&
                         (!may_ || may_(question["spec"]["resourceAttributes"]));
    const Json answer = {
        {"kind", "SubjectAccessReview"}, {"apiVersion", "authorization.k8s.io/v1"}, {"status", {{"allowed", allowed}}}};
    return http::Response{201, {}, answer.dump()};
  }
  Result<http::Response> claim(const Json& lease) {
    const std::string name = lease["metadata"]["name"];
    if (std::find(claims_.begin(), claims_.end(), name) != claims_.end())
      return Error{Error::Kind::AlreadyExists, "already exists", {}, 409};
    claims_.push_back(name);
    return http::Response{201, {}, lease.dump()};
  }
  Result<http::Response> remove(const std::string& name) {
    if (keeps_) return conflict("it has changed");
    if (objects_.erase(name) == 0) return Error{Error::Kind::NotFound, "not found", {}, 404};
    return http::Response{200, {}, "{}"};
  }
  Result<http::Response> create(Json object) {
    const std::string name = object["metadata"]["name"];
    if (objects_.count(name)) return Error{Error::Kind::AlreadyExists, "already exists", {}, 409};
    object["metadata"]["uid"] = "uid-" + std::to_string(objects_.size() + 1);
    object["metadata"]["resourceVersion"] = "1";
    created_.push_back(name);
    objects_[name] = object;
    return http::Response{201, {}, object.dump()};
  }
};

class GatewayTest : public testing::Test {
 protected:
  GatewayTest() {
    crypt_data data{};
    char setting[CRYPT_GENSALT_OUTPUT_SIZE];
    crypt_gensalt_rn("$2b$", 4, "0123456789abcdef", 16, setting, sizeof setting);
    const std::string hash = crypt_r("secret", setting, &data);
    const auto credentials = parseCredentials("users:\n- name: admin\n  passwordHash: '" + hash +
                                                  "'\n  kubernetesUser: baton:admin\n  kubernetesGroups: [ops]\n"
                                                  "  tokens: [{sha256: " +
                                                  hex(sha256("static")) +
                                                  "}]\n"
                                                  "  accessKeys: [{id: AK, secret: SK}]\n",
                                              "f");
    EXPECT_TRUE(credentials);
    authenticator_.replace(*credentials);
    facades::Group group;
    group.ns = "shop";
    group.name = "orders";
    group.primary = "orders-0";
    group.members = {{"orders-1", "z2", "standby", 1, true, "orders-1"},
                     {"orders-0", "z1", "primary", 1, false, "orders-0"}};
    groups_.groups_[{api::ApiKind::Connector, "scc.example.com", ""}] = group;
    groups_.groups_[{api::ApiKind::Dcs, "i1", "p1"}] = group;
    groups_.groups_[{api::ApiKind::Hcx, "g1", ""}] = group;
    groups_.groups_[{api::ApiKind::Sbc, "sbc.example.com", ""}] = group;
    groups_.groups_[{api::ApiKind::Polardb, "pc-1", ""}] = group;
  }

  /// Sends a call; the answer comes in answers_ when there is one.
  void call(http::Method method, const std::string& target, http::Headers headers, const std::string& body = "") {
    http::Request r;
    r.method = method;
    r.target = target;
    r.headers = std::move(headers);
    r.body = body;
    gateway_.handle(std::move(r), {"127.0.0.1", 1234, true},
                    [this](http::Response a) { answers_.push_back(std::move(a)); });
  }
  /// For what comes from another thread.
  void waitForAnswers(size_t count) {
    for (int i = 0; i < 6000 && answers_.size() < count; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  /// The controller brings the newest request to that phase.
  void becomes(const std::string& phase, const std::string& reason = "", const std::string& message = "") {
    Json& object = server_.objects_.at(server_.created_.back());
    object["status"] = {{"phase", phase}, {"reason", reason}, {"message", message}};
    const auto request = std::make_shared<const api::SwitchoverRequest>(api::switchoverFromJson(object));
    groups_.requests_["shop/" + server_.created_.back()] = request;
    followers_.seen(request, false);
  }
  const http::Response& answer() {
    EXPECT_FALSE(answers_.empty()) << "not answered yet";
    static const http::Response none;
    return answers_.empty() ? none : answers_.back();
  }
  std::string header(const std::string& name) { return std::string(http::find(answer().headers, name).value_or("")); }
  Json spec() { return server_.objects_.at(server_.created_.back())["spec"]; }

  static http::Headers token(const std::string& host = "x") {
    return {{"Host", host}, {"Authorization", "Bearer static"}, {"X-Auth-Token", "static"}};
  }

  kube::ManualClock clock_;
  Timers timers_;
  FakeGroups groups_;
  FakeApiServer server_;
  Authenticator authenticator_{clock_, timers_};
  Access access_{server_, clock_};
  Followers followers_;
  NonceClaims claims_{server_, timers_, clock_, "baton-system", "here"};
  bool stopping_ = false;
  std::vector<std::string> overdrawn_;  // users who may ask for nothing now
  std::vector<http::Response> answers_;
  std::map<std::string, int> answered_;  // "api status"
  int notProved_ = 0;
  Gateway gateway_{{server_, groups_, authenticator_, access_, followers_, claims_, timers_, clock_, randomBytes,
                    [this](const std::string& user, double) {
                      return std::find(overdrawn_.begin(), overdrawn_.end(), user) == overdrawn_.end();
                    },
                    [this] { return stopping_; },
                    [this](std::string_view api, int status, double) {
                      ++answered_[std::string(api) + " " + std::to_string(status)];
                    },
                    [this](std::string_view) { ++notProved_; }}};
};

}  // namespace baton::gateway
