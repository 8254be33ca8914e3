#include "base/network.h"

#include <gtest/gtest.h>

namespace baton {
namespace {

TEST(Networks, OfAnIpv6HostAreAllItsAddresses) {
  EXPECT_EQ(networkOf("10.0.0.1"), "10.0.0.1");
  EXPECT_EQ(networkOf("fd00:1:2:3:4:5:6:7"), networkOf("fd00:1:2:3::9"));
  EXPECT_NE(networkOf("fd00:1:2:3:4:5:6:7"), networkOf("fd00:1:2:4:4:5:6:7"));
}

}  // namespace
}  // namespace baton
