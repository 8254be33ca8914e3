#include "gateway/authenticator.h"

#include <utility>

#include "base/crypto.h"
#include "gateway/tokens.h"

namespace baton::gateway {
namespace {

using facades::AuthFault;

constexpr size_t kMostDelayed = 256;
constexpr size_t kLongestName = 256, kLongestPassword = 511;  // crypt(3) takes no longer password

Unproved because(AuthFault fault, std::string message, std::string signedText = {}) {
  return {fault, std::move(message), std::move(signedText)};
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

void Authenticator::prove(const facades::Claim& claim, api::ApiKind api, const std::string& address, Done done) {
  if (const auto* password = std::get_if<facades::PasswordClaim>(&claim))
    return provePassword(*password, address, std::move(done));
  if (const auto* token = std::get_if<facades::TokenClaim>(&claim)) return done(proveToken(*token, api));
  if (const auto* signature = std::get_if<facades::SignatureClaim>(&claim)) return done(proveSignature(*signature));
  if (const auto* bad = std::get_if<facades::BadClaim>(&claim)) return done(because(AuthFault::Malformed, bad->why));
  done(because(AuthFault::Missing, "no credentials"));
}

void Authenticator::provePassword(const facades::PasswordClaim& claim, const std::string& address, Done done) {
  if (claim.user.size() > kLongestName || claim.password.size() > kLongestPassword)
    return done(because(AuthFault::Wrong, "the user name or the password is too long"));
  const auto all = credentials();
  const auto found = all->users.find(claim.user);
  const auto user = found == all->users.end() ? nullptr : found->second;
  std::chrono::milliseconds wait{0};
  {
    MutexLock l(mutex_);
    wait = attempts_.delay(claim.user, address, clock_.steady());
    if (wait.count() > 0 && delayed_ >= kMostDelayed) wait = std::chrono::milliseconds(-1);
    if (wait.count() > 0) ++delayed_;
  }
  if (wait.count() < 0) return done(because(AuthFault::TooMany, "too many failed log-ins are waiting"));
  if (wait.count() == 0) return checkPassword(user, claim, address, done);
  timers_.after(wait, [this, user, claim, address, done = std::move(done)] {
    {
      MutexLock l(mutex_);
      --delayed_;
    }
    checkPassword(user, claim, address, done);
  });
}

void Authenticator::checkPassword(const std::shared_ptr<const User>& user, const facades::PasswordClaim& claim,
                                  const std::string& address, const Done& done) {
  passwords_.check(user, claim.password, [this, user, name = claim.user, address, done](std::optional<bool> right) {
    if (!right) return done(because(AuthFault::TooMany, "too many log-ins at the same time"));
    {
      MutexLock l(mutex_);
      if (*right)
        attempts_.succeeded(name, address);
      else
        attempts_.failed(name, address, clock_.steady());
    }
    if (*right) return done(Caller{user, ""});
    done(because(AuthFault::Wrong, "wrong user name or password"));
  });
}

std::variant<Caller, Unproved> Authenticator::proveToken(const facades::TokenClaim& claim, api::ApiKind api) const {
  const auto all = credentials();
  Session session;
  switch (readToken(claim.token, all->signingKey, clock_.now(), session)) {
    case TokenFault::Expired:
      return because(AuthFault::Expired, "the token has expired");
    case TokenFault::Wrong:
      return because(AuthFault::Wrong, "the token is not valid, or of other credentials");
    case TokenFault::NotOurs: {
      const auto found = all->tokens.find(hex(sha256(claim.token)));
      if (found != all->tokens.end()) return Caller{found->second, ""};
      return because(AuthFault::Wrong, "the token is not known");
    }
    case TokenFault::None:
      break;
  }
  const auto user = all->users.find(session.user);
  if (session.api != api || user == all->users.end())
    return because(AuthFault::Wrong, "the token is for another path or user");
  return Caller{user->second, ""};
}

std::variant<Caller, Unproved> Authenticator::proveSignature(const facades::SignatureClaim& claim) {
  const auto all = credentials();
  const auto key = all->accessKeys.find(claim.keyId);
  if (key == all->accessKeys.end()) return because(AuthFault::Unknown, "the access key is not known");
  if (!sameSecret(claim.signature, claim.expected(key->second.secret)))
    return because(AuthFault::Wrong, "the signature is wrong", claim.signedText);
  const Time now = clock_.now();
  if (!claim.date || *claim.date < now - kSignatureAge || *claim.date > now + kSignatureAge)
    return because(AuthFault::Stale, "the signature's date is more than 15 minutes away from now");
  const std::string nonce = hex(sha256(claim.keyId + "\n" + (claim.nonce.empty() ? claim.signature : claim.nonce)));
  MutexLock l(mutex_);
  if (!nonces_.use(nonce, clock_.steady())) return because(AuthFault::Replayed, "it was sent before");
  return Caller{key->second.user, nonce};
}

void Authenticator::stop() { passwords_.stop(); }

std::string Authenticator::issue(const User& user, api::ApiKind api, std::chrono::seconds life) const {
  return signToken({user.name, api, clock_.now() + life}, randomBytes(32), credentials()->signingKey);
}

std::string Authenticator::csrfToken(const std::string& cookie) const {
  return base64Url(hmacSha256(credentials()->signingKey, "csrf " + cookie));
}

}  // namespace baton::gateway
