#include "gateway/nonce_claims.h"

#include "api/json.h"
#include "base/crypto.h"
#include "base/log.h"
#include "gateway/nonces.h"
#include "kube/request.h"

namespace baton::gateway {
namespace {

constexpr const char* kLabel = "ha.baton.dev/signed-call";
constexpr std::chrono::minutes kFirstSweep{1}, kSweeps{10};
/// Whose clock is wrong by this much makes nobody take a call twice.
constexpr auto kKept = kNonceLife + std::chrono::minutes(15);

std::string leaseOf(const std::string& ns, const std::string& name, const std::string& holder, Time now) {
  const api::Json lease = {
      {"apiVersion", "coordination.k8s.io/v1"},
      {"kind", "Lease"},
      {"metadata", {{"namespace", ns}, {"name", name}, {"labels", {{kLabel, "true"}}}}},
      {"spec",
       {{"holderIdentity", holder},
        {"acquireTime", formatTime(now)},
        {"leaseDurationSeconds", std::chrono::duration_cast<std::chrono::seconds>(kNonceLife).count()}}}};
  return lease.dump();
}

}  // namespace

void NonceClaims::claim(const std::string& nonce, std::chrono::milliseconds patience, const Done& done) {
  const std::string name = "baton-signed-call-" + hex(sha256(nonce)).substr(0, 40);
  // Not repeated on its own: a repetition that finds the Lease could not tell whose it is.
  auto request = kube::create(kube::resources::leases, ns_, leaseOf(ns_, name, holder_, clock_.now()));
  request.timeout = patience;
  request.retries = 0;
  client_.send(std::move(request), [done](Result<http::Response> r) {
    if (r) return done(true);
    if (r.error().kind == Error::Kind::AlreadyExists) return done(false);
    done(std::move(r).error().within("noting that a signed call was taken"));
  });
}

void NonceClaims::keepTidy() {
  timers_.after(kFirstSweep, [this] { sweep(""); });
}

void NonceClaims::sweep(const std::string& continueToken) {
  kube::ListOptions o;
  o.labelSelector = std::string(kLabel) + "=true";
  o.continueToken = continueToken;
  auto request = kube::list(kube::resources::leases, ns_, o);
  request.lane = kube::Lane::Event;
  client_.send(std::move(request), [this](Result<http::Response> r) {
    if (r) return swept(*r);
    log::warn("can't list the notes of signed calls; old ones stay", {{"error", r.error().message}});
    timers_.after(kSweeps, [this] { sweep(""); });
  });
}

void NonceClaims::swept(const http::Response& page) {
  const api::Json list = api::Json::parse(page.body, nullptr, false);
  const Time old = clock_.now() - kKept;
  auto found = std::make_shared<Old>();
  for (const api::Json& lease : api::array(list, "items")) {
    const api::Json& meta = api::object(lease, "metadata");
    const auto made = parseTime(api::text(api::object(lease, "spec"), "acquireTime"));
    if (!made || *made <= old) found->leases.emplace_back(api::text(meta, "name"), api::text(meta, "uid"));
  }
  found->continueToken = api::text(api::object(list, "metadata"), "continue");
  removeNext(found);
}

/// One after the other: they are many when much was signed, and nothing waits for them.
void NonceClaims::removeNext(const std::shared_ptr<Old>& old) {
  if (old->leases.empty()) {
    if (!old->continueToken.empty()) return sweep(old->continueToken);
    timers_.after(kSweeps, [this] { sweep(""); });
    return;
  }
  const auto [name, uid] = std::move(old->leases.back());
  old->leases.pop_back();
  kube::DeleteOptions o;
  o.uid = uid;
  auto request = kube::remove(kube::resources::leases, ns_, name, o);
  request.lane = kube::Lane::Event;
  // Another replica may have been first; what could not be removed is found again.
  client_.send(std::move(request), [this, old](const Result<http::Response>&) { removeNext(old); });
}

}  // namespace baton::gateway
