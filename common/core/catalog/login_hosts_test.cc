#include "common/core/catalog/login_hosts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lanemq::core {
namespace {

using ::testing::HasSubstr;

LoginHosts Hosts(std::string_view text) {
  const auto hosts = LoginHosts::Parse(text);
  EXPECT_TRUE(hosts.ok()) << text;
  return hosts.ok() ? *hosts : LoginHosts();
}

TEST(LoginHostsTest, NothingNamedIsThisMachine) {
  const LoginHosts hosts = Hosts("");
  for (const auto* host : {"localhost", "LOCALHOST", "127.0.0.1", "127.9.8.7", "::1",
                           "::ffff:127.0.0.1", "0:0:0:0:0:0:0:1"}) {
    EXPECT_TRUE(hosts.Has(host)) << host;
  }
  for (const auto* host : {"db1", "10.0.0.1", "128.0.0.1", "::2", "::", "0.0.0.0", "127.1",
                           "localhost.example", "127.0.0.1.example", "127.0.0.1%eth0", ""}) {
    EXPECT_FALSE(hosts.Has(host)) << host;
  }
}

TEST(LoginHostsTest, NamesAreComparedAsWritten) {
  const LoginHosts hosts = Hosts("db1.example, DB2,*.pool.example");
  for (const auto* host :
       {"db1.example", "DB1.Example", "db2", "a.pool.example", "b.a.pool.example", "localhost"}) {
    EXPECT_TRUE(hosts.Has(host)) << host;
  }
  for (const auto* host :
       {"db1", "db1.example.evil", "xdb2", "pool.example", ".pool.example", "xpool.example",
        "evil:3306/x.pool.example", "evil%.pool.example", "10.0.0.1"}) {
    EXPECT_FALSE(hosts.Has(host)) << host;
  }
}

TEST(LoginHostsTest, NetworksHoldAddressesOnly) {
  const LoginHosts hosts = Hosts("10.1.0.0/16,192.168.7.130/25,172.16.0.9,fd00:1::/33");
  for (const auto* host : {"10.1.0.0", "10.1.255.255", "::ffff:10.1.2.3", "192.168.7.128",
                           "172.16.0.9", "fd00:1:7fff::1"}) {
    EXPECT_TRUE(hosts.Has(host)) << host;
  }
  for (const auto* host : {"10.2.0.0", "10.0.255.255", "192.168.7.127", "172.16.0.8",
                           "fd00:1:8000::1", "fd00:2::1", "10.1", "10.1.0.0.example"}) {
    EXPECT_FALSE(hosts.Has(host)) << host;
  }
  EXPECT_TRUE(Hosts("0.0.0.0/0").Has("203.0.113.9"));
  EXPECT_FALSE(Hosts("0.0.0.0/0").Has("fd00::1")) << "IPv4 alone";
  EXPECT_FALSE(Hosts("0.0.0.0/0").Has("db1"));
}

TEST(LoginHostsTest, AStarIsEveryHost) { EXPECT_TRUE(Hosts("db1,*").Has("anything.example")); }

TEST(LoginHostsTest, WhatIsNoHostIsAnErrorThatNamesIt) {
  for (const auto* text :
       {"10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8x", "fd00::/129", "db1/24", "a b",
        "*db", "*.", "db1,,db2", "fe80::1%eth0", "db1:3306", "db\n"}) {
    const auto hosts = LoginHosts::Parse(text);
    ASSERT_FALSE(hosts.ok()) << text;
    EXPECT_EQ(hosts.error().code, ErrorCode::kInvalidConfig) << text;
  }
  EXPECT_THAT(LoginHosts::Parse("db1,a/b,db2").error().message, HasSubstr("'a/b'"));
}

DataNode NodeAt(const std::string& host, const std::string& sealed = "") {
  DataNode node;
  node.name = "n";
  node.host = host;
  node.sealed_credentials = sealed;
  return node;
}

TEST(CheckServersLoginTest, OnlyNamedAndKnownHostsAreShownTheServersOwnLogin) {
  const LoginHosts hosts = Hosts("db1");
  const std::vector<DataNode> known = {NodeAt("old"), NodeAt("sealed", "x")};
  EXPECT_TRUE(CheckServersLogin(hosts, known, NodeAt("db1")).ok());
  EXPECT_TRUE(CheckServersLogin(hosts, known, NodeAt("OLD")).ok()) << "signed in at already";
  EXPECT_TRUE(CheckServersLogin(hosts, known, NodeAt("stranger", "x")).ok()) << "shown its own";
  for (const auto* host : {"stranger", "sealed", "old.example"}) {
    const Status checked = CheckServersLogin(hosts, known, NodeAt(host));
    ASSERT_FALSE(checked.ok()) << host;
    EXPECT_EQ(checked.error().code, ErrorCode::kFailedPrecondition);
    EXPECT_THAT(checked.error().message, HasSubstr("--node-user-hosts"));
  }
}

}  // namespace
}  // namespace lanemq::core
