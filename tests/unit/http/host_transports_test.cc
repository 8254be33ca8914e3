#include "http/host_transports.h"

#include "unit/http/support.h"

namespace baton::http {
namespace {

using namespace test;

struct Hand : Clock {
  Steady at;
  Time now() const override { return {}; }
  Steady steady() const override { return at; }
};

struct Fake : Transport {
  CallHandle send(Request, std::function<void(Result<Response>)>) override { return nullptr; }
  CallHandle stream(Request, StreamHandlers) override { return nullptr; }
};

class HostTransportsTest : public testing::Test {
 protected:
  HostTransports::Options options() {
    HostTransports::Options o;
    o.most = 3;
    o.clock = &clock_;
    o.make = [this](const TransportOptions& made) {
      made_.push_back(made.url);
      return std::make_shared<Fake>();
    };
    return o;
  }
  Hand clock_;
  std::vector<std::string> made_;
  HostTransports transports_{options()};
};

TEST_F(HostTransportsTest, OneForEachServerAndSetting) {
  Tls tls;
  tls.ca = "x";
  const auto a = transports_.get("http://a");
  EXPECT_EQ(transports_.get("http://a"), a);
  EXPECT_NE(transports_.get("http://b"), a);
  EXPECT_NE(transports_.get("http://a", tls), a);
  EXPECT_EQ(made_, (std::vector<std::string>{"http://a", "http://b", "http://a"}));
}

TEST_F(HostTransportsTest, TheLeastRecentlyUsedGivesWay) {
  for (const char* host : {"http://a", "http://b", "http://c", "http://a", "http://d"}) transports_.get(host);
  EXPECT_EQ(transports_.size(), 3u);
  made_.clear();
  transports_.get("http://a");
  EXPECT_TRUE(made_.empty());
  transports_.get("http://b");
  EXPECT_EQ(made_.size(), 1u);
}

TEST_F(HostTransportsTest, UnusedOnesAreDropped) {
  std::weak_ptr<Transport> a = transports_.get("http://a");
  clock_.at += std::chrono::seconds(59);
  transports_.get("http://b");
  EXPECT_FALSE(a.expired());
  clock_.at += std::chrono::seconds(1);
  transports_.get("http://b");
  EXPECT_TRUE(a.expired());
  EXPECT_EQ(transports_.size(), 1u);
}

TEST_F(HostTransportsTest, OneInUseLivesOn) {
  const auto a = transports_.get("http://a");
  clock_.at += std::chrono::minutes(5);
  transports_.get("http://b");
  EXPECT_EQ(transports_.size(), 1u);
  EXPECT_EQ(a.use_count(), 1);
}

TEST(HostTransports, ManyServersLeaveNoFilesBehind) {
  HostTransports::Options options;
  options.most = 4;
  HostTransports transports(options);
  const size_t before = openFiles();
  for (int i = 0; i < 60; ++i) {
    const auto server = serve(echo);
    const auto response = fetch(*transports.get(url(*server)), get("/"));
    EXPECT_TRUE(response.ok());
  }
  EXPECT_TRUE(openFilesFallTo(before + 16)) << openFiles() << " are open, " << before << " were";
}

}  // namespace
}  // namespace baton::http
