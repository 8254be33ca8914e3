#include "kube/retry.h"

#include <gtest/gtest.h>

namespace baton::kube {
namespace {

using namespace std::chrono_literals;
using Kind = Error::Kind;

Error error(Kind kind, int status = 0, std::optional<std::chrono::seconds> retryAfter = {}) {
  return {kind, "m", retryAfter, status};
}

ApiRequest request(bool idempotent) {
  ApiRequest q;
  q.idempotent = idempotent;
  return q;
}

TEST(Retry, LostConnectionsOnlyWhenIdempotent) {
  for (const Error& e : {error(Kind::Unavailable), error(Kind::Unavailable, 500), error(Kind::Unavailable, 503),
                         error(Kind::Timeout), error(Kind::Timeout, 504)}) {
    EXPECT_TRUE(pauseBeforeRetry(request(true), e, 1, 0.5));
    EXPECT_FALSE(pauseBeforeRetry(request(false), e, 1, 0.5));
  }
}

TEST(Retry, TooManyRequestsAlways) {
  EXPECT_EQ(pauseBeforeRetry(request(false), error(Kind::TooManyRequests, 429, 1s), 1, 0.5), 1050ms);
  EXPECT_EQ(pauseBeforeRetry(request(true), error(Kind::TooManyRequests, 429), 1, 0.5), 50ms);
}

TEST(Retry, WhatStaysSoIsNotRepeated) {
  for (const Error& e : {error(Kind::Invalid, 422), error(Kind::NotFound, 404), error(Kind::Conflict, 409),
                         error(Kind::AlreadyExists, 409), error(Kind::Forbidden, 403), error(Kind::Unauthorized, 401),
                         error(Kind::Gone, 410), error(Kind::Cancelled), error(Kind::Internal),
                         error(Kind::Unavailable, 501), error(Kind::Unavailable, 505)})
    EXPECT_FALSE(pauseBeforeRetry(request(true), e, 1, 0.5)) << e.httpStatus;
}

TEST(Retry, NumberOfTriesIsLimited) {
  ApiRequest q = request(true);
  q.retries = 2;
  EXPECT_TRUE(pauseBeforeRetry(q, error(Kind::Unavailable), 2, 0));
  EXPECT_FALSE(pauseBeforeRetry(q, error(Kind::Unavailable), 3, 0));
  q.retries = 0;
  EXPECT_FALSE(pauseBeforeRetry(q, error(Kind::TooManyRequests, 429), 1, 0));
}

TEST(Retry, FullJitterDoublesUpToFiveSeconds) {
  ApiRequest q = request(true);
  q.retries = 1000;
  const Error e = error(Kind::Unavailable);
  EXPECT_EQ(pauseBeforeRetry(q, e, 1, 0), 0ms);
  for (const auto& [tries, limit] : std::vector<std::pair<int, std::chrono::milliseconds>>{
           {1, 100ms}, {2, 200ms}, {3, 400ms}, {6, 3200ms}, {7, 5000ms}, {8, 5000ms}, {1000, 5000ms}})
    EXPECT_EQ(pauseBeforeRetry(q, e, tries, 0.5), limit / 2) << tries;
}

TEST(Retry, AServerThatAsksForALongPauseIsLeft) {
  EXPECT_TRUE(pauseBeforeRetry(request(true), error(Kind::TooManyRequests, 429, 30s), 1, 0.99));
  EXPECT_FALSE(pauseBeforeRetry(request(true), error(Kind::TooManyRequests, 429, 31s), 1, 0));
  EXPECT_EQ(pauseBeforeRetry(request(true), error(Kind::Unavailable, 503, 2s), 1, 0), 2000ms);
}

}  // namespace
}  // namespace baton::kube
