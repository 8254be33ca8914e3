#include "gateway/passwords.h"

#include <crypt.h>
#include <openssl/crypto.h>

#include <algorithm>

#include "base/crypto.h"

namespace baton::gateway {
namespace {

constexpr size_t kMostWaiting = 64, kMostRemembered = 1000;
constexpr std::chrono::minutes kRemembered{5};
// For users that there are not: nobody knows a password for it. yescrypt, as mkpasswd makes them by default.
constexpr const char* kNobody = "$y$j9T$5ZHuGRuoyqtUF1tWKvZxP0$VPPnLdFFCsaNa.sXjfsdfPgkWMtZzZMyuQjtQxRvAe3";

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
  std::deque<Job> left;
  {
    MutexLock l(mutex_);
    stopping_ = true;
    left.swap(jobs_);
    changed_.notifyAll();
  }
  for (const Job& job : left) job.done(false);
  if (thread_.joinable()) thread_.join();
}

std::string Passwords::keyOf(const User& user, const std::string& password) const {
  return hmacSha256(secret_, user.name + "\n" + user.passwordHash + "\n" + password);
}

void Passwords::check(std::shared_ptr<const User> user, const std::string& password, Done done) {
  if (user && user->passwordHash.empty()) user = nullptr;
  std::string key = user ? keyOf(*user, password) : "";
  {
    MutexLock l(mutex_);
    const auto known = right_.find(key);
    const bool right = user && known != right_.end() && std::chrono::steady_clock::now() < known->second;
    if (!right) {
      if (jobs_.size() < kMostWaiting && !stopping_) {
        jobs_.push_back({std::move(user), password, std::move(key), std::move(done)});
        changed_.notifyAll();
        return;
      }
      user = nullptr;
    }
  }
  done(user ? std::optional<bool>(true) : std::nullopt);
}

size_t Passwords::remembered() const {
  MutexLock l(mutex_);
  return right_.size();
}

bool Passwords::matches(const Job& job) const {
  const bool right = passwordMatches(job.user ? job.user->passwordHash : kNobody, job.password);
  return right && job.user;
}

void Passwords::remember(const std::string& key) {
  const Steady now = std::chrono::steady_clock::now();
  MutexLock l(mutex_);
  if (right_.size() >= kMostRemembered) std::erase_if(right_, [&](const auto& r) { return r.second <= now; });
  if (right_.size() >= kMostRemembered) right_.clear();
  right_[key] = now + kRemembered;
}

void Passwords::work() {
  for (;;) {
    Job job;
    {
      MutexLock l(mutex_);
      while (jobs_.empty() && !stopping_) changed_.wait(mutex_);
      if (stopping_) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    const bool right = matches(job);
    if (right) remember(job.key);
    job.done(right);
  }
}

}  // namespace baton::gateway
