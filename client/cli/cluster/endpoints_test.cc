#include "client/cli/cluster/endpoints.h"

#include <gtest/gtest.h>

namespace lanemq::cli {
namespace {

TEST(EndpointsTest, ReadsListsAndIpv6) {
  const auto endpoints = ParseEndpoints("127.0.0.1:9650, meta-2.example:80,[::1]:65535");
  ASSERT_TRUE(endpoints.ok()) << endpoints.error().message;
  ASSERT_EQ(endpoints->size(), 3U);
  EXPECT_EQ((*endpoints)[0], (rpc::Endpoint{"127.0.0.1", 9650}));
  EXPECT_EQ((*endpoints)[1], (rpc::Endpoint{"meta-2.example", 80}));
  EXPECT_EQ((*endpoints)[2], (rpc::Endpoint{"::1", 65535}));
}

TEST(EndpointsTest, RefusesTheRest) {
  for (const std::string_view text :
       {"", "localhost", ":9650", "a:0", "a:65536", "a:b", "a:1,", "::1:80", "[]:80", "a:-1"}) {
    EXPECT_FALSE(ParseEndpoints(text).ok()) << text;
  }
}

}  // namespace
}  // namespace lanemq::cli
