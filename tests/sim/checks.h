// What must hold at every moment of a run, and at its end. Each rule is a function of its own.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/hagroup.h"
#include "api/switchover.h"
#include "sim/api_server.h"
#include "sim/cluster.h"
#include "sim/plan.h"
#include "sim/sender.h"
#include "sim/trace.h"

namespace baton::sim {

struct Violation {
  std::string rule, what;
  Micros when = 0;
};

class Checks : public Judges {
 public:
  Checks(Scheduler& scheduler, ApiServer& server, Cluster& cluster, Trace& trace, const Plan& plan);

  const std::optional<Violation>& violation() const { return violation_; }
  /// How requests ended, and how often: "Planned RolledBack HookFailed".
  const std::map<std::string, uint64_t>& ends() const { return ends_; }

  /// A person has put that label on a pod: from then on roles may be as he wants.
  void relabelled() { byHand_ = true; }
  // Judges.
  void leads(const Sender& s) override;
  void hookSent(const Sender& s, const std::string& ip, const std::string& path, const std::string& body) override;
  void apiSent(const Sender& s, const http::Request& request) override;

  /// A person takes the Lease away: two may think that they lead.
  void leaseTaken() { leaseTaken_ = true; }
  /// Asked who holds the Lease by his own account; "": nobody does.
  std::function<std::vector<std::string>()> holders;

  /// Nothing goes wrong any more: has everything come to rest? Empty: yes; else what has not.
  std::string restless() const;
  /// It had time enough and has not.
  void neverRested(const std::string& why);

  api::HaGroup group() const;
  std::vector<api::SwitchoverRequest> requests() const;
  /// Who has the primary label, of what the API server has.
  std::vector<std::string> labelled() const;

 private:
  /// Who was it, at which epoch, and until when; "" is nobody.
  struct Held {
    std::pair<std::string, int64_t> now;
    std::map<std::pair<std::string, int64_t>, Micros> until;
    void note(const std::string& pod, int64_t epoch, Micros when);
  };

  void onChange(const Change& c);
  void onRequest(const Change& c);
  void onPromoted(const Member& m, const std::string& request, int64_t epoch);

  // The rules.
  void onePrimaryLabel(const Change& c);
  void labelsKeepTheirEpoch(const Change& c);
  void epochNeverFalls(const Change& c);
  void epochIsGrantedOnce(const Change& c);
  void transitionsAreAllowed(const api::SwitchoverRequest& before, const api::SwitchoverRequest& after);
  void grantsRaiseTheEpoch(const api::SwitchoverRequest& before, const api::SwitchoverRequest& after);
  void oneRequestIsActive();
  void endsArePlain(const api::SwitchoverRequest& r);
  void succeededIsTrue(const api::SwitchoverRequest& r);
  void rolledBackIsTrue(const api::SwitchoverRequest& r);
  void candidateHasAll(const Member& m, const api::SwitchoverRequest& r);
  void nothingAcknowledgedIsLost(const Member& m, uint32_t write);
  void oneAcceptsWrites();
  void oneHoldsTheLease();
  void nothingWithoutTheLease(const Sender& s, const std::string& what);
  void failuresAreSeen(const Sender& s, const std::string& body);
  void callsLandInOrder(const Member& m, int64_t epoch, const std::string& hook);
  void hooksKeepTheirOrder(int64_t epoch, const std::string& path);

  void violated(const char* rule, const std::string& what);
  void noteWhoIsPrimary();
  bool lossless() const;
  bool oneMayWrite() const;
  bool heldSince(const Held& held, const std::string& pod, int64_t epoch, Micros since) const;

  Scheduler& scheduler_;
  ApiServer& server_;
  Cluster& cluster_;
  Trace& trace_;
  const Plan& plan_;
  std::optional<Violation> violation_;
  bool byHand_ = false, leaseTaken_ = false;
  bool overridden_ = false;  // a person's Forced request went on without the proof that is required
  bool forced_ = false;      // a Forced request has begun: what was not copied may be lost
  int64_t hookEpoch_ = -1;
  std::map<std::string, int64_t> landed_;  // the highest epoch of a call that a pod has done, by its uid
  std::map<std::string, uint64_t> ends_;
  std::map<int64_t, std::string> grants_;  // epoch → uid of the pod that has it
  std::map<std::string, Micros> ended_;    // pods whose process has ended, and when last
  Held label_, writer_, soleWriter_;       // the only primary label; who accepts writes at the highest epoch; alone
  std::map<std::pair<std::string, api::Phase>, Micros> begun_;  // by the request's uid
  std::map<std::string, std::shared_ptr<Disk>> leaving_;        // the same; of the old primary
};

}  // namespace baton::sim
