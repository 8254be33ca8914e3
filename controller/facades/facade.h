// One vendor path: which calls are its own, what they want, and how what came of them is said in the vendor's words.
// PURE: the same values give the same answers. A new path is a class of its own, a line in the registry and a test.
#pragma once

#include <string_view>
#include <vector>

#include "facades/call.h"

namespace baton::facades {

/// Of the session that an X-CSRF-Token belongs to.
inline constexpr std::string_view kCsrfCookie = "BATON_SESSION";

class Facade {
 public:
  virtual ~Facade() = default;
  virtual api::ApiKind kind() const = 0;
  /// Nothing: not a path of this one.
  virtual std::optional<Plan> plan(const Call& call) const = 0;
  /// The answer, or what is to be asked of Baton. For Wants::Role and Wants::Switch.
  virtual std::variant<http::Response, Intent> decide(const Call& call, const Plan& plan, const Group& group) const = 0;
  virtual http::Response render(const Call& call, const Plan& plan, const Outcome& outcome) const = 0;
};

/// All of them; the first that has a plan for a call takes it.
const std::vector<const Facade*>& all();

const Facade& connector();
const Facade& dcs();
const Facade& hcx();
const Facade& sbc();
const Facade& polardb();

}  // namespace baton::facades
