// Role switching of an Alibaba PolarDB cluster: POST (or GET) / with Action=FailoverDBCluster and Version=2017-08-01.
// https://www.alibabacloud.com/help/en/polardb/api-polardb-2017-08-01-failoverdbcluster
#include <algorithm>
#include <set>

#include "facades/common.h"
#include "facades/facade.h"
#include "facades/polardb_errors.h"
#include "facades/signing.h"

namespace baton::facades {
namespace {

using alibaba::Code;
using alibaba::errorAnswer;

constexpr size_t kLongestToken = 64, kLongestId = 64;

struct Parameters {
  http::Parameters all;  // of the query and the form
  bool unreadable = false;

  std::string get(std::string_view name) const { return std::string(http::parameter(all, name).value_or("")); }
};

/// Only there are headers signed.
bool thirdForm(const Call& call) {
  const auto authorization = call.header("Authorization");
  return authorization && afterScheme(*authorization, "ACS3-HMAC-SHA256");
}

Parameters parametersOf(const Call& call) {
  Parameters p{call.query, false};
  const auto type = call.header("Content-Type").value_or("");
  const bool form = sameWord(trimmed(type.substr(0, type.find(';'))), "application/x-www-form-urlencoded");
  std::string_view body = call.body;
  while (body.ends_with('\n') || body.ends_with('\r')) body.remove_suffix(1);
  // Of the third form the body is signed and its type need not be, so that the type decides nothing.
  if ((!form && !thirdForm(call)) || body.empty()) return p;
  const auto more = http::parameters(body);
  if (more)
    p.all.insert(p.all.end(), more->begin(), more->end());
  else
    p.unreadable = true;
  return p;
}

std::string action(const Call& call, const Parameters& p) {
  const std::string named = p.get("Action");
  return named.empty() && thirdForm(call) ? std::string(call.header("x-acs-action").value_or("")) : named;
}
std::string version(const Call& call, const Parameters& p) {
  const std::string named = p.get("Version");
  return named.empty() && thirdForm(call) ? std::string(call.header("x-acs-version").value_or("")) : named;
}

Claim claimOf(const Call& call, const Parameters& p) {
  if (const auto v3 = acs3Claim(call)) return *v3;
  if (const auto v1 = acs1Claim(call, p.all)) return *v1;
  return NoClaim{};
}

bool wellFormedId(const std::string& id) {
  return !id.empty() && id.size() <= kLongestId && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  });
}

bool wellFormedToken(const std::string& token) {
  return token.size() <= kLongestToken &&
         std::all_of(token.begin(), token.end(), [](char c) { return c >= ' ' && c < '\x7f'; });
}

bool isBoolean(const std::string& s) { return s.empty() || sameWord(s, "true") || sameWord(s, "false"); }

/// What is wrong with the parameters, before anybody looks for the cluster.
std::optional<Code> wrong(const Call& call, const Parameters& p) {
  if (p.unreadable) return alibaba::kInvalidParameter;
  if (action(call, p).empty()) return alibaba::missing("Action");
  if (action(call, p) != "FailoverDBCluster") return alibaba::kInvalidAction;
  if (version(call, p).empty()) return alibaba::missing("Version");
  if (version(call, p) != "2017-08-01") return alibaba::kInvalidVersion;
  const std::string cluster = p.get("DBClusterId");
  if (cluster.empty()) return alibaba::missing("DBClusterId");
  if (!wellFormedId(cluster)) return alibaba::kClusterIdMalformed;
  const std::string zone = p.get("TargetZoneType");
  if (!zone.empty() && zone != "Primary" && zone != "Standby") return alibaba::malformed("TargetZoneType");
  if (!isBoolean(p.get("RollBackForDisaster"))) return alibaba::malformed("RollBackForDisaster");
  if (!wellFormedToken(p.get("ClientToken"))) return alibaba::malformed("ClientToken");
  return std::nullopt;
}

/// Which member is meant, and which zone.
class Chooser {
 public:
  Chooser(const Call& call, const Parameters& p, const Group& group) : call_(call), p_(p), group_(group) {
    if (const Member* primary = group.member(group.primary)) zone_ = primary->zone;
  }

  std::variant<http::Response, Intent> choose() const {
    Intent intent;
    intent.expectedPrimary = group_.primary;
    intent.failBack = sameWord(p_.get("RollBackForDisaster"), "true");
    const std::string type = p_.get("TargetZoneType"), node = p_.get("TargetDBNodeId");
    const auto fits = [&](const Member& m) { return type.empty() || (type == "Primary") == (m.zone == zone_); };
    if (!node.empty()) return named(std::move(intent), node, fits);
    return type.empty() ? intent : inZone(std::move(intent), fits);
  }

 private:
  http::Response refuse(const Code& code, const std::string& why) const { return errorAnswer(call_, code, why); }

  template <class F>
  std::variant<http::Response, Intent> named(Intent intent, const std::string& node, const F& fits) const {
    const auto m =
        std::find_if(group_.members.begin(), group_.members.end(), [&](const Member& x) { return x.node == node; });
    if (m == group_.members.end()) return refuse(alibaba::kNodeId, "the cluster has no node " + node + ".");
    if (m->pod == group_.primary) return refuse(alibaba::kNodeType, node + " is the primary already.");
    if (m->priority == 0) return refuse(alibaba::kNodeType, node + " has priority 0, so it never becomes primary.");
    if (!fits(*m)) return refuse(alibaba::kNodeId, node + " is not in the zone that was asked for.");
    intent.candidate = m->pod;
    return intent;
  }

  /// The zone is asked for, and the member left to the core, which knows more: unless there are several such zones, or
  /// none has a name.
  template <class F>
  std::variant<http::Response, Intent> inZone(Intent intent, const F& fits) const {
    std::set<std::string> zones;
    std::string best;
    for (const auto& m : group_.members) {
      if (m.pod == group_.primary || !fits(m)) continue;
      zones.insert(m.zone);
      if (m.eligible && best.empty()) best = m.pod;
    }
    if (best.empty()) return refuse(alibaba::kHaStatus, "no node in that zone can take the role.");
    if (zones.size() == 1 && !zones.begin()->empty())
      intent.candidateZone = *zones.begin();
    else
      intent.candidate = best;
    return intent;
  }

  const Call& call_;
  const Parameters& p_;
  const Group& group_;
  std::string zone_;  // of the primary
};

class Polardb final : public Facade {
 public:
  api::ApiKind kind() const override { return api::ApiKind::Polardb; }

  std::optional<Plan> plan(const Call& call) const override {
    if (!isPath(call, {""})) return std::nullopt;
    Plan plan;
    if (call.method != http::Method::Get && call.method != http::Method::Post) {
      plan.answer = withAllow(errorAnswer(call, alibaba::kMethod, ""), "GET, POST");
      return plan;
    }
    const Parameters p = parametersOf(call);
    plan.wants = Wants::Switch;
    plan.soon = true;
    plan.identity = {kind(), p.get("DBClusterId"), ""};
    plan.claim = claimOf(call, p);
    const std::string token = p.get("ClientToken");
    if (!token.empty()) plan.idempotency = p.get("DBClusterId") + "/" + token;
    const bool back = sameWord(p.get("RollBackForDisaster"), "true");
    plan.fingerprint = p.get("TargetDBNodeId") + "\n" + p.get("TargetZoneType") + "\n" + (back ? "back" : "");
    if (const auto code = wrong(call, p)) {
      plan.answer = errorAnswer(call, *code, "");
      plan.afterLogin = true;
    }
    return plan;
  }

  std::variant<http::Response, Intent> decide(const Call& call, const Plan&, const Group& group) const override {
    const Parameters p = parametersOf(call);
    return Chooser(call, p, group).choose();
  }

  http::Response render(const Call& call, const Plan&, const Outcome& o) const override {
    using Kind = Outcome::Kind;
    switch (o.kind) {
      case Kind::Unauthenticated:
        return errorAnswer(call, alibaba::ofFault(o), "");
      case Kind::Malformed:
        return errorAnswer(call, alibaba::kInvalidParameter, o.message);
      case Kind::Forbidden:
        return errorAnswer(call, alibaba::kForbidden, o.message);
      case Kind::NoGroup:
      case Kind::NoTask:
        return errorAnswer(call, alibaba::kClusterNotFound, "");
      case Kind::AnotherApi:
        return errorAnswer(call, alibaba::kDbType, "the id names a group of another API.");
      case Kind::Accepted:
      case Kind::Succeeded:
        return alibaba::success(call, o.callId.empty() ? call.id : o.callId);
      case Kind::Refused:
        return errorAnswer(call, alibaba::ofReason(o.reason), explained(o), o.callId);
      case Kind::TooMany:
        return withRetry(errorAnswer(call, alibaba::kThrottled, o.message));
      case Kind::Mismatch:
        return errorAnswer(call, alibaba::kMismatch, o.message);
      case Kind::Unavailable:
        return errorAnswer(call, alibaba::kUnavailable, o.message, o.callId);
      default:
        return errorAnswer(call, alibaba::kInternal, explained(o), o.callId);
    }
  }
};

}  // namespace

const Facade& polardb() {
  static const Polardb p;
  return p;
}

}  // namespace baton::facades
