#include "base/log.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

#include "base/time.h"

namespace baton {
namespace {

/// What f writes to the standard error output.
template <class F>
std::string captured(F&& f) {
  testing::internal::CaptureStderr();
  f();
  return testing::internal::GetCapturedStderr();
}

TEST(Log, EachLineIsOneJsonObject) {
  log::configure(log::Level::Debug, log::Format::Json);
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  const std::string out = captured([&] {
    log::info(all, {{"bytes", all}, {"number", 7}, {"nested", {{"a", nullptr}}}});
    log::error("two\nlines", {{"time of another", "x"}});
    log::debug("", {});
  });
  int lines = 0;
  for (size_t from = 0; from < out.size(); ++lines) {
    const size_t to = out.find('\n', from);
    ASSERT_NE(to, std::string::npos);
    const auto j = nlohmann::json::parse(out.substr(from, to - from), nullptr, false);
    ASSERT_FALSE(j.is_discarded()) << out.substr(from, to - from);
    EXPECT_TRUE(parseTime(j.at("time").get<std::string>()).has_value());
    EXPECT_TRUE(j.at("level").is_string() && j.at("message").is_string());
    from = to + 1;
  }
  EXPECT_EQ(lines, 3);
}

TEST(Log, WhatIsLessIsNotWritten) {
  log::configure(log::Level::Warn, log::Format::Text);
  EXPECT_FALSE(log::enabled(log::Level::Info));
  EXPECT_EQ(captured([] { log::info("quiet", {}); }), "");
  EXPECT_NE(captured([] { log::warn("loud", {{"pod", "a b"}}); }).find("warn loud pod=\"a b\""), std::string::npos);
  log::configure(log::Level::Info, log::Format::Json);
}

}  // namespace
}  // namespace baton
