// The series of groups and of the process, made at the moment of a scrape.
#pragma once

#include <prometheus/metric_family.h>

#include <functional>
#include <vector>

#include "api/hagroup.h"

namespace baton::reconcile {

/// baton_hagroup_*: what the groups' statuses say. `forEach` calls its argument with each group.
std::vector<prometheus::MetricFamily> groupFamilies(
    const std::function<void(const std::function<void(const api::HaGroup&)>&)>& forEach);

/// process_*, as https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics lists them.
std::vector<prometheus::MetricFamily> processFamilies();

}  // namespace baton::reconcile
