// Values made for requests: label patches, addresses of pods, headers of Secrets, words about routing.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "kube/base64.h"
#include "mechanisms/label_patch.h"
#include "mechanisms/pod_url.h"
#include "mechanisms/routing.h"
#include "mechanisms/secret_headers.h"

namespace baton::mechanisms {
namespace {

using Kind = ha::EffectId::Kind;
using nlohmann::json;

api::Pod pod() {
  api::Pod p;
  p.meta.name = "orders-1";
  p.meta.uid = "u1";
  p.meta.resourceVersion = 7;
  p.ip = "10.0.0.7";
  p.ports = {{Interned("admin"), 8443}};
  return p;
}

Labelling wanted(Kind kind) {
  api::HaGroup g;
  g.meta.name = "orders";
  auto spec = std::make_shared<api::HaGroupSpec>();
  spec->roleKey = "role";
  spec->primaryValue = "leader";
  spec->standbyValue = "replica";
  g.spec = spec;
  ha::Effect e;
  e.id.kind = kind;
  e.listener.ends = 3;
  e.epoch = 5;
  return labelling(e, g);
}

json patch(const api::Pod& p, Kind kind) { return json::parse(labelPatch(p, wanted(kind))); }

TEST(LabelPatch, OfEachKind) {
  const json group = {{"ha.baton.dev/group", "orders"}};
  const json groupAndEpoch = {{"ha.baton.dev/group", "orders"}, {"ha.baton.dev/epoch", "5"}};
  const auto expected = [](const json& role, const json& annotations) {
    return json{
        {"metadata",
         {{"uid", "u1"}, {"resourceVersion", "7"}, {"labels", {{"role", role}}}, {"annotations", annotations}}}};
  };
  EXPECT_EQ(patch(pod(), Kind::SetPrimary), expected("leader", groupAndEpoch));
  EXPECT_EQ(patch(pod(), Kind::SetStandby), expected("replica", group));
  json followed = groupAndEpoch;
  followed["ha.baton.dev/container-ends"] = "3";
  EXPECT_EQ(patch(pod(), Kind::MarkFollowed), expected("replica", followed));
}

TEST(LabelPatch, NoVersionNoPrecondition) {
  api::Pod p = pod();
  p.meta.resourceVersion = 0;
  EXPECT_FALSE(patch(p, Kind::SetPrimary)["metadata"].contains("resourceVersion"));
}

TEST(LabelPatch, SaysSoAlready) {
  api::Pod p = pod();
  EXPECT_FALSE(has(p, wanted(Kind::SetStandby)));
  p.labels = {{Interned("role"), Interned("replica")}};
  EXPECT_FALSE(has(p, wanted(Kind::SetStandby)));
  p.groupAnnotation = Interned("orders");
  EXPECT_TRUE(has(p, wanted(Kind::SetStandby)));
  EXPECT_FALSE(has(p, wanted(Kind::MarkFollowed)));
  p.epochAnnotation = "5";
  EXPECT_FALSE(has(p, wanted(Kind::MarkFollowed)));
  p.endsWhenFollowed = 2;
  EXPECT_FALSE(has(p, wanted(Kind::MarkFollowed)));
  p.endsWhenFollowed = 3;
  EXPECT_TRUE(has(p, wanted(Kind::MarkFollowed)));
  EXPECT_FALSE(has(p, wanted(Kind::SetPrimary)));
}

TEST(LabelPatch, NewerEpoch) {
  api::Pod p = pod();
  const std::pair<const char*, std::optional<int64_t>> cases[] = {{"", std::nullopt},     {"4", std::nullopt},
                                                                  {"5", std::nullopt},    {"6", 6},
                                                                  {"junk", std::nullopt}, {"6x", std::nullopt}};
  for (const auto& [word, expected] : cases) {
    p.epochAnnotation = word;
    EXPECT_EQ(newerEpoch(p, 5), expected) << word;
  }
}

TEST(PodUrl, PortsAndAddresses) {
  api::HttpAction a;
  a.port = 8080;
  EXPECT_EQ(*podUrl(a, pod()), "http://10.0.0.7:8080");
  a.https = true;
  a.port = "admin";
  EXPECT_EQ(*podUrl(a, pod()), "https://10.0.0.7:8443");
  a.port = "other";
  EXPECT_EQ(podUrl(a, pod()).error().message, "pod orders-1 has no container port named 'other'");
  a.port = 1;
  api::Pod p = pod();
  p.ip = "";
  EXPECT_EQ(podUrl(a, p).error().message, "pod orders-1 has no IP address");
  p.ip = "fd00::7";
  EXPECT_EQ(podUrl(a, p).error().message,
            "pod orders-1 has the IPv6 address fd00::7, which HTTP hooks cannot reach; use an exec hook");
}

TEST(PodUrl, WhomToTrust) {
  api::HttpAction a;
  EXPECT_EQ(podTls(a, pod()).serverName, "");
  a.https = true;
  a.caBundle = "-----BEGIN CERTIFICATE-----";
  EXPECT_EQ(podTls(a, pod()).serverName, "orders-1");
  EXPECT_EQ(podTls(a, pod()).ca, a.caBundle);
  a.caBundle = kube::base64Encode(a.caBundle);
  EXPECT_EQ(podTls(a, pod()).ca, "-----BEGIN CERTIFICATE-----");
  a.insecureSkipVerify = true;
  EXPECT_TRUE(podTls(a, pod()).insecureSkipVerify);
}

Result<http::Headers> headers(const json& data) { return secretHeaders(json{{"data", data}}.dump(), "s"); }
json entry(const std::string& key, const std::string& value) { return {{key, kube::base64Encode(value)}}; }

TEST(SecretHeaders, EachEntry) {
  const auto h = headers({{"Authorization", kube::base64Encode("Basic x")}, {"X-Key", kube::base64Encode("k")}});
  ASSERT_TRUE(h.ok());
  EXPECT_EQ(*h, (http::Headers{{"Authorization", "Basic x"}, {"X-Key", "k"}}));
  EXPECT_TRUE(secretHeaders("{}", "s")->empty());
}

TEST(SecretHeaders, Refused) {
  for (const auto& [key, value] : std::vector<std::pair<std::string, std::string>>{{"Authorization", "hidden\n"},
                                                                                   {"X", "hidden\r\nY: z"},
                                                                                   {"content-length", "1"},
                                                                                   {"Host", "hidden"},
                                                                                   {"baton-epoch", "9"},
                                                                                   {"Content-Type", "hidden"},
                                                                                   {"a b", "hidden"}}) {
    const auto h = headers(entry(key, value));
    ASSERT_FALSE(h.ok()) << key;
    EXPECT_EQ(h.error().message.find("hidden"), std::string::npos);
    EXPECT_NE(h.error().message.find("'" + key + "'"), std::string::npos);
  }
  EXPECT_FALSE(headers({{"X", "no base64!"}}).ok());
  EXPECT_FALSE(headers({{"X", 1}}).ok());
  EXPECT_FALSE(secretHeaders("junk", "s").ok());
}

TEST(SecretHeaders, ValuesDoNotComeBack) {
  const http::Headers h = {{"Authorization", "Bearer s3cret"}, {"Short", "ab"}};
  EXPECT_EQ(withoutValues("got Bearer s3cret and Bearer s3cret, ab", h), "got [Authorization] and [Authorization], ab");
}

TEST(Routing, Words) {
  api::Endpoints e;
  e.ready = {"b", "c"};
  e.all = {"a", "b", "c"};
  EXPECT_EQ(misrouted("svc", e, "b", {"a"}), "");
  EXPECT_EQ(misrouted("svc", e, "b", {"a", "c"}), "Service svc: c is still a ready endpoint");
  EXPECT_EQ(misrouted("svc", e, "a", {}), "Service svc: a is not a ready endpoint yet");
}

}  // namespace
}  // namespace baton::mechanisms
