#include "gateway/passwords.h"

#include <crypt.h>
#include <openssl/crypto.h>

#include <algorithm>

#include "base/crypto.h"
#include "base/log.h"

namespace baton::gateway {
namespace {

// A network that has none waiting gets in although others have filled the queue.
constexpr size_t kMostWaiting = 128, kMostWaitingOfNetwork = 32, kMostNetworks = 2048, kMostRemembered = 1000;
constexpr std::chrono::minutes kRemembered{5};

}  // namespace

bool passwordMatches(const std::string& hash, const std::string& password) {
  const auto data = std::make_unique<crypt_data>();  // 32 KiB
  const char* made = crypt_rn(password.c_str(), hash.c_str(), data.get(), sizeof *data);
  // A password with a NUL byte would be cut off there.
  const bool right = made && password.find('\0') == std::string::npos && sameSecret(made, hash);
  OPENSSL_cleanse(data.get(), sizeof *data);
  return right;
}

Passwords::Passwords() : secret_(randomBytes(32)), thread_([this] { work(); }) {}

void Passwords::stop() {
  std::map<std::string, std::deque<Job>> left;
  {
    MutexLock l(mutex_);
    stopping_ = true;
    left.swap(jobs_);
    waiting_ = 0;
    changed_.notifyAll();
  }
  for (const auto& [network, jobs] : left)
    for (const Job& job : jobs) job.second(false);
  if (thread_.joinable()) thread_.join();
}

std::string Passwords::keyOf(const User* user, const std::string& name, const std::string& password) const {
  return hmacSha256(secret_, name + "\n" + (user ? user->passwordHash : "") + "\n" + password);
}

bool Passwords::remembers(const std::string& key) {
  const Steady now = std::chrono::steady_clock::now();
  MutexLock l(mutex_);
  const auto known = right_.find(key);
  if (known == right_.end() || now >= known->second) return false;
  known->second = now + kRemembered;
  return true;
}

void Passwords::check(Check check, Done done) {
  {
    MutexLock l(mutex_);
    const auto of = jobs_.find(check.network);
    const size_t already = of == jobs_.end() ? 0 : of->second.size();
    const bool room = already == 0 ? waiting_ < kMostNetworks : waiting_ < kMostWaiting;
    if (!stopping_ && room && already < kMostWaitingOfNetwork) {
      const std::string network = check.network;
      jobs_[network].emplace_back(std::move(check), std::move(done));
      ++waiting_;
      changed_.notifyAll();
      return;
    }
  }
  done(std::nullopt);
}

size_t Passwords::remembered() const {
  MutexLock l(mutex_);
  return right_.size();
}

void Passwords::remember(const std::string& key) {
  const Steady now = std::chrono::steady_clock::now();
  MutexLock l(mutex_);
  if (right_.size() >= kMostRemembered) std::erase_if(right_, [&](const auto& r) { return r.second <= now; });
  if (right_.size() >= kMostRemembered) right_.clear();
  right_[key] = now + kRemembered;
}

/// The oldest of the network after the one whose turn it was.
Passwords::Job Passwords::next() {
  auto of = jobs_.upper_bound(last_);
  if (of == jobs_.end()) of = jobs_.begin();
  last_ = of->first;
  Job job = std::move(of->second.front());
  of->second.pop_front();
  if (of->second.empty()) jobs_.erase(of);
  --waiting_;
  return job;
}

void Passwords::work() {
  for (;;) {
    Job job;
    {
      MutexLock l(mutex_);
      while (jobs_.empty() && !stopping_) changed_.wait(mutex_);
      if (stopping_) return;
      job = next();
    }
    auto& [check, done] = job;
    const bool right = passwordMatches(check.hash, check.password) && !check.decoy;
    if (right) remember(check.key);
    OPENSSL_cleanse(check.password.data(), check.password.size());
    try {
      done(right);
    } catch (const std::exception& e) {
      log::error("a call failed after its log-in", {{"error", e.what()}});
    }
  }
}

}  // namespace baton::gateway
