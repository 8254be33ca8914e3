#include "gateway/authenticator.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/crypto.h"
#include "base/network.h"
#include "gateway/tokens.h"

namespace baton::gateway {
namespace {

using facades::AuthFault;

// Whose network has none under way, and who has logged in from there before, gets in although others have filled it.
constexpr size_t kMostTries = 256, kMostTriesInAll = 4096, kMostWaitForOne = 2048;
// For users that there are not when there is none whose hash could stand for theirs: nobody knows a password for it.
constexpr const char* kNobody = "$y$j9T$5ZHuGRuoyqtUF1tWKvZxP0$VPPnLdFFCsaNa.sXjfsdfPgkWMtZzZMyuQjtQxRvAe3";
constexpr size_t kLongestName = 256, kLongestPassword = 511;  // crypt(3) takes no longer password

Unproved because(AuthFault fault, std::string message, std::string signedText = {}) {
  return {fault, std::move(message), std::move(signedText)};
}

/// A hash that takes as long as those of most users: of the method and cost that most have.
std::string decoyOf(const Credentials& all) {
  std::map<std::string, size_t> methods;  // "$2b$10$"
  std::string best = kNobody;
  size_t most = 0;
  for (const auto& [name, user] : all.users) {
    const std::string& hash = user->passwordHash;
    if (hash.empty()) continue;
    const size_t method = hash.find('$', 1), cost = hash.find('$', std::min(hash.size(), method + 1));
    const size_t count = ++methods[hash.substr(0, cost)];
    if (count > most) most = count, best = hash;
  }
  return best;
}

}  // namespace

void Authenticator::replace(std::shared_ptr<const Credentials> credentials) {
  MutexLock l(mutex_);
  credentials_ = std::move(credentials);
}

std::shared_ptr<const Credentials> Authenticator::credentials() const {
  MutexLock l(mutex_);
  return credentials_;
}

void Authenticator::prove(const facades::Claim& claim, std::string_view path, const std::string& address, Done done) {
  if (const auto* password = std::get_if<facades::PasswordClaim>(&claim))
    return provePassword(*password, address, std::move(done));
  if (const auto* token = std::get_if<facades::TokenClaim>(&claim)) return done(proveToken(*token, path));
  if (const auto* signature = std::get_if<facades::SignatureClaim>(&claim)) return done(proveSignature(*signature));
  if (const auto* bad = std::get_if<facades::BadClaim>(&claim)) return done(because(AuthFault::Malformed, bad->why));
  done(because(AuthFault::Missing, "no credentials"));
}

void Authenticator::provePassword(const facades::PasswordClaim& claim, const std::string& address, Done done) {
  if (claim.user.size() > kLongestName || claim.password.size() > kLongestPassword)
    return done(because(AuthFault::Wrong, "the user name or the password is too long"));
  const auto all = credentials();
  const auto found = all->users.find(claim.user);
  auto t = std::make_shared<Try>();
  if (found != all->users.end() && !found->second->passwordHash.empty()) t->user = found->second;
  const std::string key = passwords_.keyOf(t->user.get(), claim.user, claim.password);
  if (t->user && passwords_.remembers(key)) return done(Caller{t->user, "", std::nullopt});
  t->name = claim.user;
  t->network = networkOf(address);
  t->id = key + t->network;
  t->check = {t->user ? t->user->passwordHash : decoyOf(*all), !t->user, claim.password, key, t->network};
  bool first = false;
  if (!join(*t, done, first)) return done(because(AuthFault::TooMany, "too many log-ins at the same time"));
  if (first) begin(t);
}

bool Authenticator::join(const Try& t, Done& done, bool& first) {
  MutexLock l(mutex_);
  const auto same = tries_.find(t.id);
  first = same == tries_.end();
  const auto of = triesOf_.find(t.network);
  const bool welcome = of == triesOf_.end() || attempts_.known(t.name, t.network, clock_.steady());
  if (first && tries_.size() >= (welcome ? kMostTriesInAll : kMostTries)) return false;
  if (!first && same->second.size() >= kMostWaitForOne) return false;
  tries_[t.id].push_back(std::move(done));
  if (first) ++triesOf_[t.network];
  return true;
}

void Authenticator::begin(const std::shared_ptr<Try>& t) {
  std::optional<std::chrono::milliseconds> wait;
  {
    MutexLock l(mutex_);
    wait = attempts_.begin(t->name, t->network, clock_.steady());
  }
  if (!wait) return answer(*t, because(AuthFault::TooMany, "too many failed log-ins are waiting"));
  if (wait->count() == 0) return checkPassword(t);
  timers_.after(*wait, [this, t] { checkPassword(t); });
}

void Authenticator::checkPassword(const std::shared_ptr<Try>& t) {
  passwords_.check(std::move(t->check), [this, t](std::optional<bool> right) {
    using End = Attempts::End;
    {
      MutexLock l(mutex_);
      attempts_.ended(t->name, t->network,
                      !right   ? End::NotLookedAt
                      : *right ? End::Succeeded
                               : End::Failed,
                      clock_.steady());
    }
    if (!right) return answer(*t, because(AuthFault::TooMany, "too many log-ins at the same time"));
    if (*right) return answer(*t, Caller{t->user, "", std::nullopt});
    answer(*t, because(AuthFault::Wrong, "wrong user name or password"));
  });
}

void Authenticator::answer(const Try& t, const Proof& proof) {
  std::vector<Done> waiting;
  {
    MutexLock l(mutex_);
    waiting = std::move(tries_[t.id]);
    tries_.erase(t.id);
    const auto of = triesOf_.find(t.network);
    if (of != triesOf_.end() && --of->second == 0) triesOf_.erase(of);
  }
  for (const Done& done : waiting) done(proof);
}

Authenticator::Proof Authenticator::proveToken(const facades::TokenClaim& claim, std::string_view path) const {
  const auto all = credentials();
  Session session;
  switch (readToken(claim.token, all->signingKey, clock_.now(), session)) {
    case TokenFault::Expired:
      return because(AuthFault::Expired, "the token has expired");
    case TokenFault::Wrong:
      return because(AuthFault::Wrong, "the token is not valid, or of other credentials");
    case TokenFault::NotOurs: {
      const auto found = all->tokens.find(hex(sha256(claim.token)));
      if (found != all->tokens.end()) return Caller{found->second, "", std::nullopt};
      return because(AuthFault::Wrong, "the token is not known");
    }
    case TokenFault::None:
      break;
  }
  const auto user = all->users.find(session.user);
  if (session.path != path || user == all->users.end())
    return because(AuthFault::Wrong, "the token is for another path or user");
  return Caller{user->second, "", session.expires};
}

Authenticator::Proof Authenticator::proveSignature(const facades::SignatureClaim& claim) {
  const auto all = credentials();
  const auto key = all->accessKeys.find(claim.keyId);
  if (key == all->accessKeys.end()) return because(AuthFault::Unknown, "the access key is not known");
  if (!sameSecret(claim.signature, claim.expected(key->second.secret)))
    return because(AuthFault::Wrong, "the signature is wrong", claim.signedText);
  const Time now = clock_.now();
  if (!claim.date || *claim.date < now - kSignatureAge || *claim.date > now + kSignatureAge)
    return because(AuthFault::Stale, "the signature's date is more than 15 minutes away from now");
  const std::string nonce = hex(sha256(claim.keyId + "\n" + (claim.nonce.empty() ? claim.signature : claim.nonce)));
  return Caller{key->second.user, nonce, std::nullopt};
}

Nonces::Use Authenticator::use(const std::string& nonce) {
  MutexLock l(mutex_);
  return nonces_.use(nonce, clock_.steady());
}

void Authenticator::stop() { passwords_.stop(); }

std::string Authenticator::issue(const User& user, std::string_view path, Time expires) const {
  return signToken({user.name, std::string(path), expires}, randomBytes(32), credentials()->signingKey);
}

std::string Authenticator::csrfToken(const std::string& cookie) const {
  return base64Url(hmacSha256(credentials()->signingKey, "csrf " + cookie));
}

}  // namespace baton::gateway
