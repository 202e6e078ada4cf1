#include "portal/api/oidc/web.h"

#include <string>

#include <gtest/gtest.h>

namespace lanemq::portal {
namespace {

TEST(WebTest, SecretsGoWhereNobodyElseReadsThem) {
  for (const std::string url :
       {"https://login.example", "https://login.example:8443/a?b=c", "http://127.0.0.1:9",
        "http://localhost/x", "http://[::1]:80/x", "https://10.0.0.1/"}) {
    EXPECT_TRUE(IsSafeUrl(url)) << url;
  }
  for (const std::string url :
       {"", "https://", "https:///a", "http://login.example", "http://127.0.0.1.evil.example",
        "http://localhost.evil.example", "http://127.0.0.1@evil.example/", "ftp://localhost",
        "file:///etc/passwd", "https://user:pass@login.example/", "https://a b", "https://a\n",
        "https://a#b", "https://a\\b", "http://[::1", "HTTPS-no"}) {
    EXPECT_FALSE(IsSafeUrl(url)) << url;
  }
  EXPECT_FALSE(IsSafeUrl("https://" + std::string(2'048, 'a')));
}

TEST(WebTest, FormsEscapeWhatHasAMeaning) {
  EXPECT_EQ(FormText({{"a", "1"}, {"b c", "&=+%/\xc3\xa4"}}), "a=1&b%20c=%26%3D%2B%25%2F%C3%A4");
  EXPECT_EQ(FormText({}), "");
  EXPECT_EQ(FormEncoded("aZ0-._~"), "aZ0-._~");
}

TEST(WebTest, AfterStopNothingIsFetched) {
  CurlWeb web("");
  web.Stop();
  const auto reply = web.Get({.url = "http://127.0.0.1:1/", .headers = {}});
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().code, ErrorCode::kShuttingDown);
}

}  // namespace
}  // namespace lanemq::portal
