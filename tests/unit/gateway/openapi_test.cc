// The description: that it is served, and that its paths are the facades' paths.
#include "gateway/openapi.h"

#include <filesystem>
#include <fstream>

#include "unit/gateway/gateway_fixture.h"
#include "unit/gateway/openapi_document.h"

namespace baton::gateway {
namespace {

using testing::IsEmpty;

const std::string kPath = "/openapi.json";

// --- served

class OpenApiTest : public GatewayTest {};

TEST_F(OpenApiTest, ToWhoeverAsks) {
  call(Method::Get, kPath, {});
  EXPECT_EQ(answer().status, 200);
  EXPECT_EQ(answer().body, openApiDocument());
  EXPECT_EQ(header("Content-Type"), "application/json");
  EXPECT_EQ(header("Cache-Control"), "no-cache");
  call(Method::Head, kPath + "?x=1", {});
  EXPECT_EQ(answer().status, 200);
  EXPECT_EQ(answered_["openapi 200"], 2);
  EXPECT_EQ(notProved_, 0);
  EXPECT_THAT(server_.reviews_, IsEmpty());
}

TEST_F(OpenApiTest, NotAgainToWhoeverHasIt) {
  call(Method::Get, kPath, {});
  const std::string tag = header("ETag");
  EXPECT_EQ(tag.size(), 34U);
  for (const auto& known : {tag, "W/" + tag, "\"other\", " + tag, std::string("*")}) {
    call(Method::Get, kPath, {{"If-None-Match", known}});
    EXPECT_EQ(answer().status, 304) << known;
    EXPECT_EQ(answer().body, "");
    EXPECT_EQ(header("ETag"), tag);
  }
  for (const auto& known : {std::string("\"other\""), std::string(), std::string(","), tag.substr(1)}) {
    call(Method::Get, kPath, {{"If-None-Match", known}});
    EXPECT_EQ(answer().status, 200) << known;
  }
}

TEST_F(OpenApiTest, ByGetAlone) {
  for (const auto method : kMethods) {
    if (method == Method::Get || method == Method::Head) continue;
    call(method, kPath, {});
    EXPECT_EQ(answer().status, 405) << http::name(method);
    EXPECT_EQ(header("Allow"), "GET, HEAD");
  }
}

// --- what it says

TEST(OpenApiDocument, IsJsonOfThisVersion) {
  const Document document;
  ASSERT_TRUE(document.json().is_object());
  EXPECT_EQ(document.json()["openapi"], "3.1.0");
  EXPECT_EQ(document.json()["info"]["version"], BATON_VERSION) << "docs/openapi.json is of another version";
}

TEST(OpenApiDocument, PathsAndMethodsAreTheFacades) {
  const Document document;
  for (const auto& [path, item] : document.json()["paths"].items()) {
    if (path == kPath) continue;
    std::vector<std::string> documented;
    std::string tag;
    for (const auto method : kMethods) {
      if (!item.contains(keyOf(method))) continue;
      documented.emplace_back(http::name(method));
      tag = item[keyOf(method)].at("tags").at(0);
    }
    for (const auto method : kMethods) {
      SCOPED_TRACE(std::string(http::name(method)) + " " + path);
      const facades::Call c = facades::call(method, document.target(path));
      const auto& all = facades::all();
      const auto owner = std::find_if(all.begin(), all.end(), [&](const auto* f) { return f->plan(c).has_value(); });
      ASSERT_NE(owner, all.end()) << "no facade has this path";
      const facades::Plan plan = facades::planOf(**owner, c);
      EXPECT_EQ(name((*owner)->kind()), tag);
      if (item.contains(keyOf(method))) {
        EXPECT_FALSE(plan.answer && plan.answer->status == 405);
      } else {
        facades::expectNoSuchMethod(**owner, c, documented);
      }
    }
  }
}

/// "/v2/*/instances/*/swap" of all that facades take for their own.
std::set<std::string> pathsInTheSources() {
  std::set<std::string> paths;
  const std::regex call("isPath\\(call, \\{([^}]*)\\}\\)"), word("\"([^\"]*)\"");
  const auto folder = std::filesystem::path(BATON_SOURCE_DIR) / "controller" / "facades";
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    std::ifstream in(file.path());
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    for (std::sregex_iterator c(text.begin(), text.end(), call), end; c != end; ++c) {
      const std::string words = (*c)[1];
      std::string path;
      for (std::sregex_iterator w(words.begin(), words.end(), word); w != end; ++w) path += "/" + (*w)[1].str();
      paths.insert(path);
    }
  }
  return paths;
}

TEST(OpenApiDocument, PathsOfTheFacadesAreThere) {
  std::set<std::string> documented;
  const Document document;
  for (const auto& [path, item] : document.json()["paths"].items())
    if (path != kPath) documented.insert(std::regex_replace(path, std::regex("\\{[^}]*\\}"), "*"));
  std::set<std::string> served;
  for (const auto& path : pathsInTheSources())  // a slash at the end is the same path
    served.insert(path.size() > 1 && path.ends_with('/') ? path.substr(0, path.size() - 1) : path);
  EXPECT_EQ(documented, served);
}

/// Each schema's own examples, and those beside a schema. XML is not looked at.
void expectExamplesFit(const Document& document, const Json& j, const std::string& where) {
  if (!j.is_structured()) return;
  if (j.is_object() && j.contains("examples") && j["examples"].is_array()) {
    for (const auto& example : j["examples"]) EXPECT_EQ(document.misfit(j, example), "") << where;
  }
  if (j.is_object() && j.contains("schema") && j.contains("example") && !where.ends_with("xml")) {
    EXPECT_EQ(document.misfit(j["schema"], j["example"]), "") << where;
  }
  for (const auto& [key, value] : j.items()) expectExamplesFit(document, value, where + " " + key);
}

TEST(OpenApiDocument, ExamplesFitTheirSchemas) {
  const Document document;
  expectExamplesFit(document, document.json(), "");
}

TEST(OpenApiDocument, EachAnswerHasAnExample) {
  const Document document;
  for (const auto& o : document.operations())
    for (const auto& [status, response] : o.json.at("responses").items()) {
      const Json content = document.resolved(response).value("content", Json::object());
      if (content.empty()) continue;
      EXPECT_TRUE(content.at("application/json").contains("example")) << o.id() << " " << status;
    }
}

}  // namespace
}  // namespace baton::gateway
