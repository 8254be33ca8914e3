#include "kube/lean_json.h"

#include <gtest/gtest.h>

#include <random>

namespace baton::kube {
namespace {

using nlohmann::json;

TEST(LeanJson, IsWhatNlohmannReads) {
  for (const char* text : {R"({})", R"([])", R"({"a":[1,-2,3.5,1e3,18446744073709551615,-9223372036854775808]})",
                           R"({"s":"\u00e4\ud83d\ude00\n\"\\","t":true,"f":false,"n":null,"o":{"o":{"o":[[],{}]}}})",
                           R"([9223372036854775808.1e1,-12345678901234567890.5,0.12345678901234567890123])",
                           R"( {"a" : 1 , "b":[ {"metadata":{"name":"x"}} ] } )", R"({"a":1,"a":2})"}) {
    EXPECT_EQ(parseLean(text), json::parse(text)) << text;
  }
}

TEST(LeanJson, LeavesOutManagedFieldsOfMetadataOnly) {
  const json j = parseLean(R"({"metadata":{"managedFields":[{"f:status":{}}],"name":"a"},"spec":{"managedFields":1},
    "items":[{"metadata":{"name":"b","managedFields":null}}],"managedFields":2})");
  EXPECT_EQ(j, json::parse(R"({"metadata":{"name":"a"},"spec":{"managedFields":1},"items":[{"metadata":{"name":"b"}}],
    "managedFields":2})"));
}

TEST(LeanJson, WhatIsNoJsonIsDiscarded) {
  for (const char* text :
       {"", " ", "{", "[1,", R"({"a")", R"({"a":})", R"({"a":tru})", R"({"a":nul})", R"({"a":"b)", R"({"a":1}x)",
        R"({"a":1}{})", "{\"a\":\"\xff\"}", R"({"a":1.e})", "not json", R"({"a":01})"})
    EXPECT_TRUE(parseLean(text).is_discarded()) << text;
  const std::string deep = std::string(1000, '[') + std::string(1000, ']');
  EXPECT_TRUE(parseLean(deep).is_discarded());
}

/// What is cut or changed anywhere is read or refused, and never taken for more than it is.
TEST(LeanJson, DamagedText) {
  const std::string whole =
      R"({"metadata":{"name":"a","managedFields":[{"x":"y"}],"labels":{"k":"v"}},"status":{"n":12,"b":true,"l":[1,null]}})";
  for (size_t n = 0; n < whole.size(); ++n) EXPECT_TRUE(parseLean(whole.substr(0, n)).is_discarded()) << n;
  std::mt19937 random(1);
  for (int i = 0; i < 20000; ++i) {
    std::string text = whole;
    text[random() % text.size()] = static_cast<char>(random() % 256);
    const json j = parseLean(text);
    EXPECT_TRUE(j.is_discarded() || j.is_object()) << text;
  }
}

TEST(ModifiedKey, TellsOfModifiedObjectsOnly) {
  const auto key = modifiedKey(
      R"({"type":"MODIFIED","object":{"metadata":{"managedFields":[{"a":1}],"name":"n","resourceVersion":"42","uid":"u"}}})");
  ASSERT_TRUE(key);
  EXPECT_EQ(key->uid, "u");
  EXPECT_EQ(key->version, 42u);
  for (const char* line : {R"({"type":"ADDED","object":{"metadata":{"resourceVersion":"42","uid":"u"}}})",
                           R"({"type":"MODIFIED","object":{}})", R"({"type":"MODIFIED"})", R"({"object":{}})", "{", ""})
    EXPECT_FALSE(modifiedKey(line)) << line;
}

}  // namespace
}  // namespace baton::kube
