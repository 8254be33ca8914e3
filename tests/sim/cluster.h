// Everything of a Kubernetes cluster that is neither the API server nor Baton: nodes that start and end pods and report
// on them, what makes pods anew, the endpoints of Services; and what the pods' programs do with each other and with
// their clients.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "sim/api_server.h"
#include "sim/member.h"
#include "sim/random.h"
#include "sim/trace.h"

namespace baton::sim {

struct ClusterOptions {
  int members = 3;
  bool keepsNames = true;  // a StatefulSet, whose disks stay; else a Deployment
  bool service = false;    // that selects the primary label
  bool hooks = false;      // the members' programs know their role by hooks
  bool follows = false;    // by a follow hook; else they look for the label
  bool positions = true;
  bool forgets = false;  // a restarted member copies nobody until it is told whom
  /// The programs keep the highest epoch that they were told, and calls may come at any time; else no call comes after
  /// its time is over, and what protects the data is the order in which Baton calls.
  bool remembers = true;
  Micros hookLimit = 3 * kSecond;
};

/// What the checks want to know. All are called right after it happened.
struct MemberEvents {
  std::function<void(const Member&, const std::string& request, int64_t epoch)> promoted;
  std::function<void(const Member&, const std::string& hook, int64_t epoch)> done;
  std::function<void(const Member&, uint32_t write)> rewound;  // threw a write away
  std::function<void(const std::string& name)> ended;          // its process
  std::function<void()> rolesChanged;                          // who accepts writes
};

class Cluster {
 public:
  Cluster(Scheduler& scheduler, ApiServer& server, Trace& trace, ClusterOptions options, Random random);

  void start();
  MemberEvents events;

  Member* find(const std::string& name);
  const std::map<std::string, Member>& members() const { return members_; }
  /// By number, of those that are there; null when there is none.
  Member* pick(int64_t number);
  bool copiesFrom(const Member& m, const Member& from) const;

  /// A hook arrives at a pod; `answer` runs later, or never. status 0: nobody is there.
  using Respond = std::function<void(int status, const std::string& body)>;
  void call(const std::string& ip, const std::string& path, const std::string& body, Respond answer);

  const ClusterOptions& options() const { return options_; }

  // What goes wrong.
  void remove(const std::string& name);  // its pod is deleted
  void restart(const std::string& name, Micros away);
  void hang(const std::string& name, Micros forSoLong);
  void unready(const std::string& name, Micros forSoLong);
  void cut(const std::string& name, Micros forSoLong);
  Micros writeEvery = 100 * kMillisecond;  // 0: no clients

 private:
  void add(const std::string& name, std::shared_ptr<Disk> disk);
  void onChange(const Change& c);
  void terminate(const std::string& name);
  void stopped(const std::string& name, const std::string& uid);
  void report(const std::string& name, Micros delay);
  void reportNow(const std::string& name);
  void readEndpoints();
  Json endpointSlices() const;
  void discover();
  void replicate();
  void copy(Member& m, const Member& from);
  const Member* upstreamOf(const Member& m);
  void write();
  void hook(const std::string& ip, const std::string& path, const std::string& body, const Respond& answer);
  void handle(Member& m, api::HookKind hook, const std::string& body, const Respond& answer, bool mute);

  Scheduler& scheduler_;
  ApiServer& server_;
  Trace& trace_;
  const ClusterOptions options_;
  Random random_;
  std::map<std::string, Member> members_;
  std::set<std::string> endpoints_;  // pods to which the Service sends
  int born_ = 0, replaced_ = 0;
  uint32_t writes_ = 0;
};

}  // namespace baton::sim
