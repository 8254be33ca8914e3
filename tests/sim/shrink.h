// Makes a plan that breaks a rule smaller, as long as it breaks that same rule.
#pragma once

#include "sim/plan.h"

namespace baton::sim {

Plan shrink(Plan plan);

}  // namespace baton::sim
