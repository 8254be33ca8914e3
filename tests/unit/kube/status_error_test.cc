#include "kube/status_error.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace baton::kube {
namespace {

using nlohmann::json;
using Kind = Error::Kind;

Error of(int status, const std::string& reason, const json& more = json::object()) {
  json j = {{"kind", "Status"}, {"apiVersion", "v1"}, {"status", "Failure"}, {"message", "m"}, {"code", status}};
  j["reason"] = reason;
  j.update(more);
  return statusError(status, {}, j.dump());
}

TEST(StatusError, KindComesFromTheReason) {
  const std::vector<std::tuple<int, std::string, Kind>> cases = {
      {409, "AlreadyExists", Kind::AlreadyExists},
      {409, "Conflict", Kind::Conflict},
      {410, "Gone", Kind::Gone},
      {410, "Expired", Kind::Gone},
      {404, "NotFound", Kind::NotFound},
      {422, "Invalid", Kind::Invalid},
      {400, "BadRequest", Kind::Invalid},
      {405, "MethodNotAllowed", Kind::Invalid},
      {413, "RequestEntityTooLarge", Kind::Invalid},
      {415, "UnsupportedMediaType", Kind::Invalid},
      {403, "Forbidden", Kind::Forbidden},
      {401, "Unauthorized", Kind::Unauthorized},
      {429, "TooManyRequests", Kind::TooManyRequests},
      {504, "Timeout", Kind::Timeout},
      {500, "ServerTimeout", Kind::Timeout},
      {500, "InternalError", Kind::Unavailable},
      {503, "ServiceUnavailable", Kind::Unavailable},
      {409, "SomethingNew", Kind::Conflict},
      {500, "", Kind::Unavailable},
  };
  for (const auto& [status, reason, kind] : cases) {
    const Error e = of(status, reason);
    EXPECT_EQ(e.kind, kind) << status << " " << reason;
    EXPECT_EQ(e.httpStatus, status);
    EXPECT_EQ(e.message, "m");
  }
}

TEST(StatusError, CausesThatTheMessageLacks) {
  const Error e = of(422, "Invalid",
                     {{"message", "HaGroup \"db\" is invalid: spec.x: Required value"},
                      {"details",
                       {{"causes",
                         {{{"reason", "FieldValueRequired"}, {"message", "Required value"}, {"field", "spec.x"}},
                          {{"reason", "FieldValueInvalid"}, {"message", "too long"}, {"field", "spec.reason"}},
                          {{"message", "odd"}},
                          7}}}}});
  EXPECT_EQ(e.kind, Kind::Invalid);
  EXPECT_EQ(e.message, "HaGroup \"db\" is invalid: spec.x: Required value; spec.reason: too long; odd");
}

TEST(StatusError, RetryAfterOfBodyGoesBeforeHeader) {
  json j = {
      {"kind", "Status"}, {"reason", "TooManyRequests"}, {"message", "later"}, {"details", {{"retryAfterSeconds", 7}}}};
  EXPECT_EQ(statusError(429, {{"Retry-After", "1"}}, j.dump()).retryAfter, std::chrono::seconds(7));
  j.erase("details");
  EXPECT_EQ(statusError(429, {{"retry-after", "3"}}, j.dump()).retryAfter, std::chrono::seconds(3));
}

TEST(StatusError, OddRetryAfterIsNone) {
  for (const char* value : {"", "soon", "-1", "0", "Wed, 21 Oct 2026 07:28:00 GMT", "99999999999999999999", "5x"})
    EXPECT_FALSE(statusError(429, {{"Retry-After", value}}, "").retryAfter) << value;
  EXPECT_EQ(statusError(429, {{"Retry-After", "999999999999"}}, "").retryAfter, std::chrono::hours(24));
}

TEST(StatusError, WhatIsNoStatusObjectIsQuoted) {
  const Error e = statusError(502, {}, "<html>\r\n<b>Bad\tGateway</b>\x01</html>\n");
  EXPECT_EQ(e.kind, Kind::Unavailable);
  EXPECT_EQ(e.message, "HTTP status 502: <html> <b>Bad Gateway</b> </html>");
  EXPECT_EQ(statusError(404, {}, "404 page not found\n").kind, Kind::NotFound);
  EXPECT_EQ(statusError(503, {}, "").message, "HTTP status 503");
  EXPECT_EQ(statusError(429, {}, "Too many requests, please try again later.").kind, Kind::TooManyRequests);
  EXPECT_EQ(statusError(302, {}, "").kind, Kind::Internal);
}

TEST(StatusError, LongBodiesAreCutBetweenCharacters) {
  std::string body(199, 'a');
  body += "\xc3\xa4" + std::string(5000, 'b');
  EXPECT_EQ(statusError(500, {}, body).message, "HTTP status 500: " + std::string(199, 'a') + "...");
  const std::string huge = "{\"kind\":\"Status\",\"message\":\"" + std::string(3 << 20, 'x') + "\"}";
  EXPECT_LT(statusError(500, {}, huge).message.size(), 300u);
}

TEST(StatusError, StrangeStatusObjects) {
  for (const char* body :
       {R"({"kind":"Status","message":5,"reason":[],"details":"x","code":"a"})", R"({"kind":"Status"})",
        R"({"kind":"Status","details":{"causes":{},"retryAfterSeconds":"1"}})",
        R"({"kind":"Status","details":{"causes":[{}]}})"}) {
    const Error e = statusError(409, {}, body);
    EXPECT_EQ(e.kind, Kind::Conflict) << body;
    EXPECT_FALSE(e.message.empty());
    EXPECT_FALSE(e.retryAfter);
  }
  EXPECT_EQ(of(404, "NotFound", {{"message", ""}}).message, "NotFound");
}

TEST(StatusError, AReasonInsteadOfAMessageIsOneLine) {
  EXPECT_EQ(statusObjectError("{\"kind\":\"Status\",\"reason\":\"Not\\n\x7f\\u0001Found\"}").message, "Not Found");
  EXPECT_EQ(statusObjectError(R"({"kind":"Status","reason":"\n"})").message, "the API server gave no reason");
}

TEST(StatusObjectError, OfAWatchEvent) {
  const Error e = statusObjectError(
      R"({"kind":"Status","apiVersion":"v1","status":"Failure","message":"too old resource version: 1","reason":"Expired","code":410})");
  EXPECT_EQ(e.kind, Kind::Gone);
  EXPECT_EQ(e.httpStatus, 410);
  EXPECT_EQ(statusObjectError("nonsense").kind, Kind::Internal);
  EXPECT_EQ(statusObjectError(R"({"kind":"Status","code":99999})").httpStatus, 0);
}

}  // namespace
}  // namespace baton::kube
