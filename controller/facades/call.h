// What passes between the gateway and the facades, as values: the call, who it says it is from, what it wants, what is
// known of its group, and what came of it. Nothing here knows a vendor.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "api/apis.h"
#include "api/switchover.h"
#include "api/words.h"
#include "base/time.h"
#include "http/message.h"
#include "http/uri.h"

namespace baton::facades {

/// One request, taken apart.
struct Call {
  http::Method method = http::Method::Get;
  std::string path, rawQuery;         // as they came
  std::vector<std::string> segments;  // of the path, decoded
  http::Parameters query;             // decoded
  std::string host;                   // of header Host, in lower case, without port
  http::Headers headers;
  std::string body;
  bool tls = false, loopback = false;  // how it came
  bool undecodable = false;            // segments or query are as they came
  std::string id;                      // of this call, for answers that carry one: a UUID in capitals
  Time received{};

  std::optional<std::string_view> header(std::string_view name) const { return http::find(headers, name); }
};

// Who a call says it is from. All but a PasswordClaim are proved without asking anybody.
struct NoClaim {};
struct BadClaim {
  std::string why;  // for a person; holds nothing of the credentials
};
struct PasswordClaim {
  std::string user, password;
};
struct TokenClaim {
  std::string token;  // one that a login gave, or one of the credentials file
};
struct SignatureClaim {
  std::string keyId;
  std::string signature;  // as it came
  std::function<std::string(const std::string& secret)> expected;
  std::string signedText;    // what is signed, for the error that some vendors owe their clients
  std::optional<Time> date;  // when it was signed
  std::string nonce;         // never twice; empty: the signature is its own
};
using Claim = std::variant<NoClaim, BadClaim, PasswordClaim, TokenClaim, SignatureClaim>;

enum class Wants {
  Role,     // who is what? Answered from what is known
  Switch,   // a change of roles
  Task,     // how an earlier one is getting on
  Token,    // log in: a token for the calls that follow
  Nothing,  // only the answer that stands in the plan
};

/// What a call is, before anybody knows whether it may.
struct Plan {
  Wants wants = Wants::Nothing;
  Claim claim;
  api::ApiIdentity identity;             // Role, Switch
  std::string task;                      // Task
  std::optional<http::Response> answer;  // instead of all else: no such method, not over plain HTTP, ...
  bool soon = false;                     // its clients give up after three seconds
  bool afterLogin = false;               // `answer` is for those who have proved who they are
  bool asksForCsrfToken = false;
  std::string idempotency;            // calls with the same one mean the same change; empty: each call another
  std::string fingerprint;            // of all parameters: must be equal for the same `idempotency`
  std::string csrfCookie, csrfToken;  // as they came; a cookie without its token is refused
};

/// What is known of the group that a call means, at one moment.
struct Member {
  std::string pod, zone, role;  // role: "primary", "standby", or "" when it has none
  int64_t priority = 1;
  bool eligible = false;  // could take the role now, as far as is known without asking it
  std::string node;       // spec.apis.polardb.nodeIds, else the pod's name
};
struct Group {
  std::string ns, name, primary, originalZone;
  bool neverHadPrimary = false;
  std::string addressed;        // the member whose host was called; empty: the group was
  std::vector<Member> members;  // the best candidate first

  const Member* member(const std::string& pod) const {
    for (const auto& m : members)
      if (m.pod == pod) return &m;
    return nullptr;
  }
};

/// A change of roles, as it is asked of Baton.
struct Intent {
  api::Mode mode = api::Mode::Planned;
  std::string candidate, candidateZone, expectedPrimary;
  bool failBack = false;    // the role returns to its zone once the old primary is healthy again
  bool waitForEnd = false;  // answered when it has ended; else as soon as it is accepted
};

enum class AuthFault { None, Missing, Malformed, Unknown, Wrong, Expired, Stale, Replayed, TooMany, Csrf };

/// What came of a call.
struct Outcome {
  enum class Kind {
    Malformed,        // its target can't be decoded
    Unauthenticated,  // fault
    Forbidden,        // message
    NoGroup,
    AnotherApi,  // the id is known, and names a group of another path
    Refused,     // before anything was touched: reason, message
    Accepted,    // a request was made, and has begun or waits for its turn
    Succeeded,
    Failed,    // reason, message
    Mismatch,  // the same idempotency with other parameters
    Token,     // token, expires, user
    Task,      // request
    NoTask,
    TooMany,      // this user calls too often
    Unavailable,  // it can't be done, or not be said, now: message
  } kind = Kind::Unavailable;
  AuthFault fault = AuthFault::None;
  std::string signedText;  // for fault Wrong of a signature
  api::Reason reason = api::Reason::None;
  std::string message;
  std::string token, user;
  Time expires{};
  std::string callId;                           // of the call that made the request; of this one when empty
  std::string request;                          // "namespace/name" of the SwitchoverRequest
  std::string task;                             // its uid, by which a Task is asked for
  std::optional<api::SwitchoverStatus> status;  // Task
  std::string groupId;                          // Task: the id that was called
};

}  // namespace baton::facades
