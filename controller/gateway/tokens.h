// Tokens that a log-in gives: signed, so that every replica with the same credentials file takes them; nothing is
// stored. PURE: time, randomness and key are arguments.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace baton::gateway {

/// What a token says.
struct Session {
  std::string user;
  std::string path;  // "sbc", "ui": it is good for this one alone
  Time expires{};
};

/// `random`: 16 bytes at least, so that no two tokens are equal.
std::string signToken(const Session& session, std::string_view random, std::string_view key);

enum class TokenFault { None, NotOurs, Wrong, Expired };
/// NotOurs: it has not the form of such a token, so may be one of the credentials file.
TokenFault readToken(std::string_view token, std::string_view key, Time now, Session& session);

}  // namespace baton::gateway
