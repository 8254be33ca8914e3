// mergeDiff(from, to), applied to `from` as RFC 7386 says, gives `to`.
#include <gtest/gtest.h>

#include <random>

#include "api/json.h"

namespace baton::api {
namespace {

class Trees {
 public:
  explicit Trees(unsigned seed) : random_(seed) {}

  Json object(int depth) {
    Json o = Json::object();
    const int n = below(5);
    for (int i = 0; i < n; ++i) o["k" + std::to_string(below(5))] = value(depth);
    return o;
  }

 private:
  int below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
  Json value(int depth) {
    switch (below(depth > 0 ? 7 : 4)) {
      case 0:
        return below(3);
      case 1:
        return "s" + std::to_string(below(3));
      case 2:
        return below(2) == 0;
      case 3:
        return Json::array({below(2), "x"});
      default:
        return object(depth - 1);
    }
  }
  std::mt19937 random_;
};

TEST(MergeDiff, AppliedToTheOldGivesTheNew) {
  Trees trees(1);
  for (int i = 0; i < 20000; ++i) {
    const Json from = trees.object(3), to = trees.object(3);
    const Json patch = mergeDiff(from, to);
    Json patched = from;
    patched.merge_patch(patch);
    ASSERT_EQ(patched, to) << from << " -> " << to << " by " << patch;
    ASSERT_EQ(patch.empty(), from == to);
  }
}

TEST(MergeDiff, SaysOnlyWhatDiffers) {
  const Json from = Json::parse(R"({"a": 1, "b": {"c": 2, "d": 3}, "e": [1, 2]})");
  const Json to = Json::parse(R"({"a": 1, "b": {"c": 2, "d": 4}, "f": 5})");
  EXPECT_EQ(mergeDiff(from, to), Json::parse(R"({"b": {"d": 4}, "e": null, "f": 5})"));
  EXPECT_EQ(mergeDiff(to, to), Json::object());
}

}  // namespace
}  // namespace baton::api
