// The series as docs/metrics.md has them, and that they go with their group.
#include "reconcile/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <regex>
#include <set>

#include "unit/reconcile/metrics_text.h"
#include "unit/reconcile/objects.h"

namespace baton::reconcile {
namespace {

using namespace std::chrono_literals;
using api::Phase;
using testing::HasSubstr;
using testing::Not;

class MetricsTest : public testing::Test {
 protected:
  std::string text(size_t inProgress = 0) {
    return metrics_.text(
        [this](const std::function<void(const api::HaGroup&)>& f) {
          for (const auto& g : groups_) f(g);
        },
        inProgress);
  }
  std::optional<double> value(const std::string& series) { return valueOf(text(), series); }
  /// Each kind of thing once.
  void drive() {
    api::SwitchoverRequest r = reconcile::ended("move-1", Phase::Failed, begin() + 4s);
    r.trigger = "drain";
    r.status.reason = api::Reason::HookFailed;
    r.status.start = begin();
    r.status.unavailableMilliseconds = 250;
    metrics_.ended(r, r.status);
    metrics_.phaseLeft(Phase::Demoting, 0.5);
    metrics_.hook("demote", "timeout", 10);
    metrics_.reconciled("hagroup", "stored", 0.001);
    metrics_.restClient("PATCH", "200", 0.01);
    metrics_.restClient("GET", "<error>", 1);
    metrics_.watchRestarted("pods", "expired");
    metrics_.leading("baton-controller", true);
    kube::WorkQueueMetrics* queue = metrics_.workQueue("hagroup");
    queue->depth(3);
    queue->added();
    queue->added();
    queue->retried();
    queue->queued(0.002);
    queue->worked(0.004);
  }
  static api::HaGroup healthy(const std::string& name) {
    api::HaGroup g = group(name);
    g.status.phase = api::GroupPhase::Healthy;
    g.status.epoch = 7;
    g.status.members = {{name + "-0", Interned("primary"), Interned("z1"), Interned(""), true, 1, 100, 0, {}},
                        {name + "-1", Interned("standby"), Interned("z2"), Interned(""), true, 1, 90, 10, {}},
                        {name + "-2", Interned(""), Interned("z2"), Interned("NotReady"), false, 1, {}, {}, {}}};
    return g;
  }

  Metrics metrics_{"1.2.3", "abc"};
  std::vector<api::HaGroup> groups_;
};

TEST_F(MetricsTest, NamesAndLabelsAreAsDocumented) {
  drive();
  const std::pair<const char*, double> series[] = {
      {R"(baton_switchovers_total{group="orders",mode="Planned",namespace="shop",reason="HookFailed",)"
       R"(result="Failed",trigger="drain"})",
       1},
      {R"(baton_switchover_duration_seconds_sum{mode="Planned",result="Failed"})", 4},
      {R"(baton_switchover_phase_seconds_sum{phase="Demoting"})", 0.5},
      {R"(baton_primary_unavailable_seconds_sum{mode="Planned"})", 0.25},
      {R"(baton_hook_duration_seconds_sum{hook="demote",result="timeout"})", 10},
      {R"(baton_reconcile_total{controller="hagroup",result="stored"})", 1},
      {R"(baton_reconcile_duration_seconds_count{controller="hagroup"})", 1},
      {R"(workqueue_depth{name="hagroup"})", 3},
      {R"(workqueue_adds_total{name="hagroup"})", 2},
      {R"(workqueue_retries_total{name="hagroup"})", 1},
      {R"(workqueue_queue_duration_seconds_sum{name="hagroup"})", 0.002},
      {R"(workqueue_work_duration_seconds_sum{name="hagroup"})", 0.004},
      {R"(rest_client_requests_total{code="200",method="PATCH"})", 1},
      {R"(rest_client_requests_total{code="<error>",method="GET"})", 1},
      {R"(rest_client_request_duration_seconds_sum{verb="GET"})", 1},
      {R"(baton_watch_restarts_total{reason="expired",resource="pods"})", 1},
      {R"(leader_election_master_status{name="baton-controller"})", 1},
      {R"(baton_build_info{commit="abc",version="1.2.3"})", 1},
      {"baton_switchovers_in_progress", 2}};
  const std::string all = text(2);
  for (const auto& [name, expected] : series) {
    const auto v = valueOf(all, name);
    ASSERT_TRUE(v) << name;
    EXPECT_DOUBLE_EQ(*v, expected) << name;
  }
}

TEST_F(MetricsTest, TypesAreAsDocumented) {
  drive();
  groups_ = {healthy("orders")};
  const std::string all = text();
  const std::pair<const char*, std::vector<const char*>> types[] = {
      {"gauge",
       {"baton_hagroup_member_role", "baton_hagroup_members", "baton_hagroup_primaries", "baton_hagroup_epoch",
        "baton_hagroup_phase", "baton_hagroup_member_lag", "baton_switchovers_in_progress", "workqueue_depth",
        "leader_election_master_status", "baton_build_info", "process_resident_memory_bytes",
        "process_virtual_memory_bytes", "process_threads", "process_start_time_seconds", "process_open_fds",
        "process_max_fds"}},
      {"counter",
       {"baton_switchovers_total", "baton_reconcile_total", "workqueue_adds_total", "workqueue_retries_total",
        "rest_client_requests_total", "baton_watch_restarts_total", "process_cpu_seconds_total"}},
      {"histogram",
       {"baton_switchover_duration_seconds", "baton_switchover_phase_seconds", "baton_primary_unavailable_seconds",
        "baton_hook_duration_seconds", "baton_reconcile_duration_seconds", "workqueue_queue_duration_seconds",
        "workqueue_work_duration_seconds", "rest_client_request_duration_seconds"}}};
  for (const auto& [type, names] : types)
    for (const char* name : names) EXPECT_THAT(all, HasSubstr(std::string("# TYPE ") + name + " " + type + "\n"));
}

TEST_F(MetricsTest, TheProcessTellsOfItself) {
  for (const char* name : {"process_cpu_seconds_total", "process_resident_memory_bytes", "process_virtual_memory_bytes",
                           "process_threads", "process_open_fds", "process_max_fds"})
    EXPECT_GT(value(name).value_or(0), 0) << name;
  const double now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  const double since = value("process_start_time_seconds").value_or(0);
  EXPECT_GT(since, now - 24 * 3600);
  EXPECT_LT(since, now + 60);
}

TEST_F(MetricsTest, WhatDidNotHappenIsNotMeasured) {
  api::SwitchoverRequest r = reconcile::ended("move-1", Phase::Rejected, begin());
  metrics_.ended(r, r.status);
  const std::string all = text();
  EXPECT_THAT(all, HasSubstr("baton_switchovers_total{"));
  EXPECT_THAT(all, Not(HasSubstr("baton_switchover_duration_seconds_sum")));
  EXPECT_THAT(all, Not(HasSubstr("baton_primary_unavailable_seconds_sum")));
}

TEST_F(MetricsTest, LeadingGoesUpAndDown) {
  metrics_.leading("baton-controller", true);
  metrics_.leading("baton-controller", false);
  EXPECT_EQ(value(R"(leader_election_master_status{name="baton-controller"})"), 0);
}

TEST_F(MetricsTest, AQueueIsMadeOnce) {
  metrics_.workQueue("hagroup")->added();
  metrics_.workQueue("hagroup")->added();
  EXPECT_EQ(metrics_.workQueue("hagroup"), metrics_.workQueue("hagroup"));
  EXPECT_EQ(value(R"(workqueue_adds_total{name="hagroup"})"), 2);
}

TEST_F(MetricsTest, AGroupThatIsForgottenTakesItsSeriesAlong) {
  api::SwitchoverRequest mine = reconcile::ended("move-1", Phase::Succeeded, begin());
  api::SwitchoverRequest elsewhere = mine, other = mine;
  elsewhere.meta.ns = "test";
  other.spec.group = "bills";
  for (const auto* r : {&mine, &mine, &elsewhere, &other}) metrics_.ended(*r, r->status);
  mine.status.phase = Phase::Failed;
  metrics_.ended(mine, mine.status);
  metrics_.forgetGroup("shop", "orders");
  const auto series = [](const char* ns, const char* group) {
    return std::string(R"(baton_switchovers_total{group=")") + group + R"(",mode="Planned",namespace=")" + ns +
           R"(",reason="",result="Succeeded",trigger="user"})";
  };
  EXPECT_THAT(text(), Not(HasSubstr(R"({group="orders",mode="Planned",namespace="shop")")));
  EXPECT_EQ(value(series("test", "orders")), 1);
  EXPECT_EQ(value(series("shop", "bills")), 1);
  metrics_.forgetGroup("shop", "orders");
  metrics_.forgetGroup("shop", "never-heard-of");
  mine.status.phase = Phase::Succeeded;
  metrics_.ended(mine, mine.status);
  EXPECT_EQ(value(series("shop", "orders")), 1) << "made anew, it begins anew";
}

TEST_F(MetricsTest, GroupsAreAsTheirStatusSays) {
  groups_ = {healthy("orders")};
  const std::string all = text(), labels = R"(namespace="shop",group="orders")";
  const auto of = [&](const std::string& name, const std::string& more = "") {
    return valueOf(all, name + "{" + labels + (more.empty() ? "" : "," + more) + "}");
  };
  EXPECT_EQ(of("baton_hagroup_member_role", R"(pod="orders-0",role="primary")"), 1);
  EXPECT_EQ(of("baton_hagroup_member_role", R"(pod="orders-0",role="standby")"), 0);
  EXPECT_EQ(of("baton_hagroup_member_role", R"(pod="orders-1",role="primary")"), 0);
  EXPECT_EQ(of("baton_hagroup_member_role", R"(pod="orders-1",role="standby")"), 1);
  EXPECT_EQ(of("baton_hagroup_member_role", R"(pod="orders-2",role="standby")"), 0);
  EXPECT_EQ(of("baton_hagroup_members", R"(state="ready")"), 2);
  EXPECT_EQ(of("baton_hagroup_members", R"(state="notready")"), 1);
  EXPECT_EQ(of("baton_hagroup_primaries"), 1);
  EXPECT_EQ(of("baton_hagroup_epoch"), 7);
  EXPECT_EQ(of("baton_hagroup_member_lag", R"(pod="orders-1")"), 10);
  EXPECT_FALSE(of("baton_hagroup_member_lag", R"(pod="orders-2")"));
  EXPECT_FALSE(of("baton_hagroup_max_lag")) << "any lag will do";
  for (const char* phase : {"Initializing", "Healthy", "Degraded", "Switching", "NoPrimary", "SplitBrain", "Paused"})
    EXPECT_EQ(of("baton_hagroup_phase", std::string(R"(phase=")") + phase + "\""), phase == std::string("Healthy"));
}

TEST_F(MetricsTest, TheLagThatAGroupAllowsIsTold) {
  auto g = healthy("orders");
  auto spec = std::make_shared<api::HaGroupSpec>(*g.spec);
  spec->candidatePolicy.maxLag = 100;
  g.spec = std::move(spec);
  groups_ = {g};
  EXPECT_EQ(valueOf(text(), R"(baton_hagroup_max_lag{namespace="shop",group="orders"})"), 100);
}

TEST_F(MetricsTest, RolesAreToldByTheGroupsOwnWords) {
  api::HaGroup g = group("orders", {{"roleLabel", {{"primary", "master"}, {"standby", "replica"}}}});
  g.status.members = {{"orders-0", Interned("master"), Interned(""), Interned(""), true, 1, {}, {}, {}},
                      {"orders-1", Interned("replica"), Interned(""), Interned(""), true, 1, {}, {}, {}}};
  groups_ = {g};
  const std::string labels = R"(baton_hagroup_member_role{namespace="shop",group="orders",)";
  EXPECT_EQ(value(labels + R"(pod="orders-0",role="primary"})"), 1);
  EXPECT_EQ(value(labels + R"(pod="orders-1",role="standby"})"), 1);
  EXPECT_EQ(value(R"(baton_hagroup_primaries{namespace="shop",group="orders"})"), 1);
}

TEST_F(MetricsTest, AGroupsSeriesComeAndGoWithIt) {
  EXPECT_THAT(text(), Not(HasSubstr("orders")));
  groups_ = {healthy("orders"), healthy("bills")};
  EXPECT_THAT(text(), HasSubstr(R"(baton_hagroup_epoch{namespace="shop",group="orders"} 7)"));
  groups_ = {healthy("bills")};
  EXPECT_THAT(text(), Not(HasSubstr("orders")));
  EXPECT_THAT(text(), HasSubstr("bills"));
}

/// Reads the text as https://prometheus.io/docs/instrumenting/exposition_formats/ has it.
class Reader {
 public:
  void read(const std::string& line) {
    static const std::regex help(R"(# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) .+)");
    static const std::regex type(R"(# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram))");
    static const std::regex sample(
        R"re(([a-zA-Z_:][a-zA-Z0-9_:]*)(\{([a-zA-Z_][a-zA-Z0-9_]*="[^"\\\n]*",?)*\})? (\S+))re");
    std::smatch m;
    if (std::regex_match(line, m, help)) return;
    if (std::regex_match(line, m, type)) {
      EXPECT_TRUE(types_.emplace(m[1], m[2]).second) << "twice: " << line;
      return;
    }
    ASSERT_TRUE(std::regex_match(line, m, sample)) << line;
    EXPECT_TRUE(types_.contains(familyOf(m[1]))) << "before its type: " << line;
    EXPECT_TRUE(series_.insert(m[1].str() + m[2].str()).second) << "twice: " << line;
    EXPECT_TRUE(std::isfinite(std::stod(m[4]))) << line;
  }
  size_t series() const { return series_.size(); }

 private:
  std::string familyOf(const std::string& name) const {
    for (const char* suffix : {"_bucket", "_sum", "_count"})
      if (name.ends_with(suffix)) {
        const std::string family = name.substr(0, name.rfind('_'));
        const auto found = types_.find(family);
        if (found != types_.end() && found->second == "histogram") return family;
      }
    return name;
  }
  std::map<std::string, std::string> types_;
  std::set<std::string> series_;
};

TEST_F(MetricsTest, TheTextIsPrometheus) {
  drive();
  groups_ = {healthy("orders"), healthy("bills")};
  Reader reader;
  const std::string all = text(1);
  EXPECT_TRUE(all.ends_with('\n'));
  for (const auto& line : linesOf(all)) reader.read(line);
  EXPECT_GT(reader.series(), 100U);
}

TEST_F(MetricsTest, BucketsAreCumulativeAndEndWithAll) {
  for (const double seconds : {0.001, 0.2, 0.2, 7.0, 1000.0}) metrics_.hook("demote", "success", seconds);
  const std::string labels = R"({hook="demote",result="success")";
  double before = 0;
  for (const auto& line : linesOf(text())) {
    if (!line.starts_with("baton_hook_duration_seconds_bucket" + labels)) continue;
    const double v = std::stod(line.substr(line.rfind(' ') + 1));
    EXPECT_GE(v, before) << line;
    before = v;
  }
  EXPECT_EQ(before, 5);
  EXPECT_EQ(value("baton_hook_duration_seconds_bucket" + labels + R"(,le="+Inf"})"), 5);
  EXPECT_EQ(value("baton_hook_duration_seconds_count" + labels + "}"), 5);
}

}  // namespace
}  // namespace baton::reconcile
