// Who calls: proves a facade's claim by the credentials in force. Thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/mutex.h"
#include "base/time.h"
#include "base/timers.h"
#include "facades/call.h"
#include "gateway/attempts.h"
#include "gateway/credentials.h"
#include "gateway/nonces.h"
#include "gateway/passwords.h"

namespace baton::gateway {

struct Caller {
  std::shared_ptr<const User> user;
  std::string nonce;          // what must not come twice, of a signed call; empty: it may come again
  std::optional<Time> until;  // of a token that a log-in gave: what it is exchanged for lasts no longer
};

/// Why a claim is not proved; the same to every vendor, which has words of its own.
struct Unproved {
  facades::AuthFault fault = facades::AuthFault::Missing;
  std::string message;     // for the log; holds no secret
  std::string signedText;  // of a signature that is wrong
};

class Authenticator {
 public:
  /// Both must outlive it and every check under way.
  Authenticator(const Clock& clock, Timers& timers) : clock_(clock), timers_(timers) {}

  /// Ends the thread that checks passwords; those waiting end as wrong. Timers may still bring tries, which are
  /// refused.
  void stop();
  void replace(std::shared_ptr<const Credentials> credentials) EXCLUDES(mutex_);
  std::shared_ptr<const Credentials> credentials() const EXCLUDES(mutex_);

  /// `done` runs once, at once or later, on any thread. `path`: what was called, as a token names it ("sbc", "ui");
  /// `address`: who calls.
  using Done = std::function<void(std::variant<Caller, Unproved>)>;
  void prove(const facades::Claim& claim, std::string_view path, const std::string& address, Done done);

  /// Of a signed call: is it the first with this nonce, at this replica? It counts from now on.
  Nonces::Use use(const std::string& nonce) EXCLUDES(mutex_);
  /// A token for that user and path, good until then.
  std::string issue(const User& user, std::string_view path, Time expires) const;
  /// The X-CSRF-Token of a session cookie, and whether this is it.
  std::string csrfToken(const std::string& cookie) const;

 private:
  /// One password of one user from one network, for all calls at once that send it.
  struct Try {
    std::shared_ptr<const User> user;  // null: there is none of that name
    std::string name, network, id;
    Passwords::Check check;
  };
  using Proof = std::variant<Caller, Unproved>;
  void provePassword(const facades::PasswordClaim& claim, const std::string& address, Done done);
  /// False: there are too many. first: it is to be begun, else one like it is under way.
  bool join(const Try& attempt, Done& done, bool& first);
  void begin(const std::shared_ptr<Try>& attempt);
  void checkPassword(const std::shared_ptr<Try>& attempt);
  void answer(const Try& attempt, const Proof& proof);
  Proof proveToken(const facades::TokenClaim& claim, std::string_view path) const;
  Proof proveSignature(const facades::SignatureClaim& claim);

  const Clock& clock_;
  Timers& timers_;
  mutable Mutex mutex_;
  std::shared_ptr<const Credentials> credentials_ GUARDED_BY(mutex_) = std::make_shared<const Credentials>();
  Attempts attempts_ GUARDED_BY(mutex_);
  Nonces nonces_ GUARDED_BY(mutex_);
  std::unordered_map<std::string, size_t> triesOf_ GUARDED_BY(mutex_);           // by network
  std::unordered_map<std::string, std::vector<Done>> tries_ GUARDED_BY(mutex_);  // who waits for each, by Try::id
  Passwords passwords_;
};

}  // namespace baton::gateway
