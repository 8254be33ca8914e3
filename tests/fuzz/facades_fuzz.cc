// A request to each facade, a group, and all that may come of it.
#include <fuzzer/FuzzedDataProvider.h>

#include "fuzz/answer.h"
#include "fuzz/call.h"
#include "gateway/request_json.h"

namespace baton::fuzz {
namespace {

using namespace baton::facades;
using Kind = Outcome::Kind;

/// Everything but the request, out of the input's last bytes.
struct Setting {
  bool tls, loopback;
  Group group;
  AuthFault fault;
  api::Reason reason;
  api::Phase phase;
};

Setting settingOf(FuzzedDataProvider& bytes, const std::string& word) {
  Setting s;
  s.tls = bytes.ConsumeBool();
  s.loopback = bytes.ConsumeBool();
  s.fault = static_cast<AuthFault>(bytes.ConsumeIntegralInRange(0, static_cast<int>(AuthFault::Csrf)));
  s.reason = static_cast<api::Reason>(bytes.ConsumeIntegralInRange(0, static_cast<int>(api::Reason::SplitBrain)));
  s.phase = static_cast<api::Phase>(bytes.ConsumeIntegralInRange(0, static_cast<int>(api::Phase::Cancelled)));
  Group& g = s.group;
  g.ns = "shop";
  g.name = "orders";
  const int size = bytes.ConsumeIntegralInRange(0, 4), primary = bytes.ConsumeIntegralInRange(0, 4);
  const int addressed = bytes.ConsumeIntegralInRange(0, 4), zones = bytes.ConsumeIntegral<uint8_t>();
  const int eligible = bytes.ConsumeIntegral<uint8_t>();
  for (int i = 0; i < size; ++i) {
    Member m{"orders-" + std::to_string(i), zones >> i & 1 ? "b" : "a", "standby", i % 3, (eligible >> i & 1) != 0, ""};
    if (i == primary) m.role = "primary";
    m.node = i == 0 && !word.empty() ? word : "pi-" + std::to_string(i);
    if (i == primary) g.primary = m.pod;
    if (i == addressed) g.addressed = m.pod;
    g.members.push_back(m);
  }
  g.originalZone = zones & 16 ? "a" : zones & 32 ? "b" : "";
  g.neverHadPrimary = g.primary.empty() && (zones & 64) != 0;
  return s;
}

std::string expectedOf(const Claim& claim) {
  if (const auto* c = std::get_if<SignatureClaim>(&claim))
    return c->keyId + "\n" + c->signature + "\n" + c->signedText + "\n" + c->nonce + "\n" + c->expected("secret");
  if (const auto* c = std::get_if<PasswordClaim>(&claim)) return c->user + "\n" + c->password;
  if (const auto* c = std::get_if<TokenClaim>(&claim)) return c->token;
  if (const auto* c = std::get_if<BadClaim>(&claim)) return c->why;
  return "";
}

bool same(const http::Response& a, const http::Response& b) {
  return a.status == b.status && a.headers == b.headers && a.body == b.body;
}

bool same(const Plan& a, const Plan& b) {
  return a.wants == b.wants && a.claim.index() == b.claim.index() && expectedOf(a.claim) == expectedOf(b.claim) &&
         a.identity == b.identity && a.task == b.task && a.answer.has_value() == b.answer.has_value() &&
         (!a.answer || same(*a.answer, *b.answer)) && a.afterLogin == b.afterLogin &&
         a.asksForCsrfToken == b.asksForCsrfToken && a.idempotency == b.idempotency && a.fingerprint == b.fingerprint &&
         a.csrfCookie == b.csrfCookie && a.csrfToken == b.csrfToken;
}

void checkPlan(const Facade& facade, const Call& call, const Plan& plan) {
  check(same(plan, facade.plan(call).value_or(Plan{})), "the same call has the same plan");
  if (plan.answer) return checkAnswer(facade.kind(), *plan.answer);
  const bool polardbGet = facade.kind() == api::ApiKind::Polardb && call.method == http::Method::Get;
  check(plan.wants != Wants::Switch || call.method == http::Method::Post || polardbGet, "only POST switches");
  check(plan.wants == Wants::Nothing || plan.identity.kind == facade.kind() || plan.wants > Wants::Switch,
        "a facade means its own groups");
}

/// The object that stands for the call.
void checkRequest(const Facade& facade, const Plan& plan, const Intent& intent, const Group& group) {
  const std::string what = plan.idempotency + expectedOf(plan.claim);
  const std::string name = gateway::requestName(facade.kind(), group.ns, group.name, what);
  check(name.size() <= 63 && name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == name.npos,
        "a request has a name that Kubernetes takes");
  const gateway::Origin origin{facade.kind(), "user", "id", plan.identity.id, plan.fingerprint};
  const api::Json object =
      api::Json::parse(gateway::requestBody(group.ns, name, group.name, intent, origin), nullptr, false);
  check(object.is_object(), "a request is JSON");
  const gateway::Origin read = gateway::originOf(object);
  check(read.api == origin.api && read.user == origin.user && read.callId == origin.callId, "it says who asked for it");
  check(read.identity == origin.identity || !isUtf8(origin.identity), "it says what the group was called");
  check(api::text(api::object(object, "spec"), "candidate") == intent.candidate, "it says who is to be primary");
}

void checkDecision(const Facade& facade, const Call& call, const Plan& plan, const Group& group) {
  if (plan.answer || (plan.wants != Wants::Role && plan.wants != Wants::Switch)) return;
  const auto decision = facade.decide(call, plan, group);
  if (const auto* answer = std::get_if<http::Response>(&decision)) return checkAnswer(facade.kind(), *answer);
  const Intent& intent = std::get<Intent>(decision);
  check(plan.wants == Wants::Switch, "who asks for a role changes none");
  check(intent.candidate.empty() || group.member(intent.candidate), "a candidate is a member");
  check(intent.candidate.empty() || intent.candidate != group.primary, "the primary is no candidate");
  check(intent.expectedPrimary == group.primary, "only the primary that was seen is replaced");
  checkRequest(facade, plan, intent, group);
}

void checkOutcomes(const Facade& facade, const Call& call, const Plan& plan, const Setting& s,
                   const std::vector<std::string>& text) {
  Outcome o;
  o.fault = s.fault;
  o.reason = s.reason;
  o.message = text[1];
  o.signedText = text[1];
  o.token = "bt1.e30.AA";
  o.user = o.groupId = text[2];
  o.callId = s.loopback ? call.id : "";
  o.request = "shop/orders-1";
  o.task = "6f9619ff-8b86-d011-b42d-00cf4fc964ff";
  o.status.emplace();
  o.status->phase = s.phase;
  o.status->reason = s.reason;
  o.status->message = text[1];
  if (s.tls) o.status->start = o.status->completion = Time{};
  for (int kind = 0; kind <= static_cast<int>(Kind::Unavailable); ++kind) {
    o.kind = static_cast<Kind>(kind);
    checkAnswer(facade.kind(), facade.render(call, plan, o));
  }
}

}  // namespace
}  // namespace baton::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace baton::fuzz;
  constexpr size_t kSettingBytes = 16;
  const size_t tail = std::min(size, kSettingBytes);
  const auto text = pieces(unfolded({reinterpret_cast<const char*>(data), size - tail}), 3);
  FuzzedDataProvider bytes(data + size - tail, tail);
  const Setting setting = settingOf(bytes, text[2]);
  auto call = callOf(text[0]);
  if (!call) return 0;
  call->tls = setting.tls;
  call->loopback = setting.loopback;
  int takers = 0;
  for (const auto* facade : all()) {
    const auto plan = facade->plan(*call);
    if (!plan) continue;
    check(++takers == 1, "a call is one facade's");
    checkPlan(*facade, *call, *plan);
    checkDecision(*facade, *call, *plan, setting.group);
    checkOutcomes(*facade, *call, *plan, setting, text);
  }
  return 0;
}
