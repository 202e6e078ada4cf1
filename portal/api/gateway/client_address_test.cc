#include "portal/api/gateway/client_address.h"

#include <gtest/gtest.h>

namespace lanemq::portal {
namespace {

HttpRequest From(const std::string& peer,
                 std::vector<std::pair<std::string, std::string>> headers) {
  HttpRequest request;
  request.peer = peer;
  request.headers = std::move(headers);
  return request;
}

TEST(ClientAddressTest, WithoutATrustedProxyHeadersMeanNothing) {
  const auto request =
      From("10.0.0.9", {{"x-forwarded-for", "1.2.3.4"}, {"x-forwarded-proto", "https"}});
  EXPECT_EQ(OriginOf(request, {}).address, "10.0.0.9");
  EXPECT_EQ(OriginOf(request, {.is_on = true}).address, "10.0.0.9");
  EXPECT_FALSE(OriginOf(request, {.is_on = true}).is_secure);
  // Not behind a proxy: not even this machine is one.
  EXPECT_EQ(OriginOf(From("127.0.0.1", {{"x-forwarded-for", "1.2.3.4"}}), {}).address, "127.0.0.1");
}

TEST(ClientAddressTest, TheLastAddressThatIsNoProxysCounts) {
  const ProxyTrust trust{.is_on = true, .proxies = {"10.0.0.9"}};
  EXPECT_EQ(OriginOf(From("127.0.0.1", {{"x-forwarded-for", "6.6.6.6, 1.2.3.4, 10.0.0.9"}}), trust)
                .address,
            "1.2.3.4");
  EXPECT_EQ(
      OriginOf(From("10.0.0.9", {{"x-forwarded-for", "6.6.6.6"}, {"x-forwarded-for", "1.2.3.4"}}),
               trust)
          .address,
      "1.2.3.4");
  EXPECT_EQ(OriginOf(From("::1", {{"x-forwarded-for", "spoofed, <script>"}}), trust).address,
            "::1");
  EXPECT_EQ(OriginOf(From("::1", {}), trust).address, "::1");
}

TEST(ClientAddressTest, ProxiesTellTheScheme) {
  const ProxyTrust trust{.is_on = true};
  EXPECT_TRUE(OriginOf(From("127.0.0.1", {{"x-forwarded-proto", "https"}}), trust).is_secure);
  EXPECT_FALSE(OriginOf(From("127.0.0.1", {{"x-forwarded-proto", "http"}}), trust).is_secure);
}

TEST(ClientAddressTest, KnowsAddresses) {
  EXPECT_TRUE(IsLoopback("127.9.9.9"));
  EXPECT_TRUE(IsLoopback("::1"));
  EXPECT_TRUE(IsLoopback("::ffff:127.0.0.1"));
  EXPECT_FALSE(IsLoopback("128.0.0.1"));
  EXPECT_FALSE(IsLoopback("localhost"));
  EXPECT_FALSE(IsAddress("1.2.3"));
  EXPECT_EQ(NetworkOf("10.1.2.3"), "10.1.2.3");
  EXPECT_EQ(NetworkOf("2001:db8::1"), NetworkOf("2001:db8::2"));
}

}  // namespace
}  // namespace lanemq::portal
