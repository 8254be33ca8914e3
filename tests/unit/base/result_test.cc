#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>

namespace baton {
namespace {

TEST(Result, HoldsAValueOrAnError) {
  const Result<int> good = 7;
  EXPECT_TRUE(good.ok() && static_cast<bool>(good));
  EXPECT_EQ(*good, 7);
  EXPECT_THROW((void)good.error(), std::bad_variant_access);
  const Result<int> bad = invalid("no");
  EXPECT_FALSE(bad.ok());
  EXPECT_EQ(bad.error().message, "no");
  EXPECT_EQ(bad.error().kind, Error::Kind::Invalid);
  EXPECT_THROW((void)bad.value(), std::bad_variant_access);
}

TEST(Result, CarriesWhatCanOnlyBeMoved) {
  Result<std::unique_ptr<int>> r = std::make_unique<int>(3);
  const std::unique_ptr<int> p = std::move(r).value();
  EXPECT_EQ(*p, 3);
}

TEST(Error, WithinKeepsTheRest) {
  Error e = unavailable("connection refused");
  e.httpStatus = 503;
  e.retryAfter = std::chrono::seconds(2);
  const Error outer = std::move(e).within("pod a");
  EXPECT_EQ(outer.message, "pod a: connection refused");
  EXPECT_EQ(outer.httpStatus, 503);
  EXPECT_EQ(outer.retryAfter, std::chrono::seconds(2));
  EXPECT_EQ(outer.kind, Error::Kind::Unavailable);
}

}  // namespace
}  // namespace baton
