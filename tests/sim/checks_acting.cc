// Checks: who may act, on what grounds, and whether it lands in order.
#include "sim/checks.h"

namespace baton::sim {
namespace {

/// From what the detector has seen to the request that is made of it: the primary's pod is asked for in between, and
/// what holds a failover up may last; a verdict that stands is confirmed by each call.
constexpr Micros kOnTheWay = 15 * kSecond;

bool isEffect(const http::Request& r) {
  const bool change = r.method == http::Method::Patch || r.method == http::Method::Delete;
  return change && r.target.find("/pods/") != std::string::npos;
}

bool makesRequest(const http::Request& r) {
  return r.method == http::Method::Post && r.target.find("/switchoverrequests") != std::string::npos;
}

}  // namespace

void Checks::leads(const Sender&) { oneHoldsTheLease(); }

void Checks::hookSent(const Sender& s, const std::string& ip, const std::string& path, const std::string& body) {
  if (path == "/probe") return;
  hooksKeepTheirOrder(api::integer(Json::parse(body, nullptr, false), "epoch"), path);
  nothingWithoutTheLease(s, path + " to " + ip);
}

void Checks::apiSent(const Sender& s, const http::Request& r) {
  if (isEffect(r)) nothingWithoutTheLease(s, http::name(r.method) + (" of " + r.target));
  if (makesRequest(r)) failuresAreSeen(s, r.body);
}

void Checks::oneHoldsTheLease() {
  if (leaseTaken_) return;
  std::string names;
  const auto all = holders();
  for (const auto& n : all) names += " " + n;
  if (all.size() > 1) violated("oneHoldsTheLease", "several controllers count on the Lease:" + names);
}

void Checks::nothingWithoutTheLease(const Sender& s, const std::string& what) {
  if (!s.leads) violated("nothingWithoutTheLease", s.name + " sends " + what + ", and its lease is over");
}

void Checks::failuresAreSeen(const Sender& s, const std::string& body) {
  const Json spec = api::object(Json::parse(body, nullptr, false), "spec");
  if (api::text(spec, "reason").find("its probe fails") == std::string::npos) return;
  const std::string primary = api::text(spec, "expectedPrimary");
  const Member* m = cluster_.find(primary);
  if (!m || m->uid != group().status.primaryUid) return;  // it is gone, which is failure enough
  if (m->lostRole) return;
  if (s.evidence.failedSince(m->ip, scheduler_.now() - kOnTheWay)) return;
  violated("failuresAreSeen", s.name + " fails over from " + primary +
                                  " for its probe, which has not failed often enough while other members answered");
}

/// What keeps no epoch depends on that.
void Checks::callsLandInOrder(const Member& m, int64_t epoch, const std::string& hook) {
  if (plan_.cluster.remembers || byHand_ || leaseTaken_) return;
  int64_t& highest = landed_.emplace(m.uid, epoch).first->second;
  if (epoch < highest)
    violated("callsLandInOrder", m.name + " does " + hook + " at epoch " + std::to_string(epoch) + " after a call at " +
                                     std::to_string(highest));
  highest = std::max(highest, epoch);
}

void Checks::hooksKeepTheirOrder(int64_t epoch, const std::string& path) {
  if (epoch < hookEpoch_ && !byHand_ && !leaseTaken_)
    violated("hooksKeepTheirOrder",
             path + " is sent with epoch " + std::to_string(epoch) + " after one with " + std::to_string(hookEpoch_));
  hookEpoch_ = std::max(hookEpoch_, epoch);
}

}  // namespace baton::sim
