#include "portal/api/gateway/credentials.h"

#include <gtest/gtest.h>

#include "portal/api/gateway/test_token.h"

namespace lanemq::portal {
namespace {

HttpRequest With(std::vector<std::pair<std::string, std::string>> headers) {
  HttpRequest request;
  request.method = "POST";
  request.headers = std::move(headers);
  return request;
}

std::string TokenIn(const HttpRequest& request, bool is_secure = false) {
  const auto shown = CredentialsOf(request, is_secure);
  const auto* credentials = std::get_if<Credentials>(&shown);
  return credentials == nullptr ? "refused" : credentials->token;
}

TEST(CredentialsTest, BearerTokensGoBeforeCookies) {
  const auto request = With(
      {{"cookie", "lanemq_session=" + TokenOf('b')}, {"authorization", "Bearer " + TokenOf('a')}});
  EXPECT_EQ(TokenIn(request), TokenOf('a'));
  EXPECT_FALSE(std::get<Credentials>(CredentialsOf(request, false)).is_cookie);
}

TEST(CredentialsTest, CookiesAreFoundAmongOthers) {
  EXPECT_EQ(TokenIn(With({{"cookie", "a=b; lanemq_session=" + TokenOf('b') + "; c"}})),
            TokenOf('b'));
  EXPECT_EQ(TokenIn(With({{"cookie", "xlanemq_session=" + TokenOf('b')}})), "");
  EXPECT_EQ(TokenIn(With({})), "");
}

TEST(CredentialsTest, WithTlsOnlyTheCookieOfThisHostCounts) {
  EXPECT_EQ(TokenIn(With({{"cookie", "lanemq_session=" + TokenOf('b')}}), true), "");
  EXPECT_EQ(TokenIn(With({{"cookie", "__Host-lanemq_session=" + TokenOf('b')}}), true),
            TokenOf('b'));
}

TEST(CredentialsTest, TwoCookiesOfOneNameAreNone) {
  EXPECT_EQ(TokenIn(With({{"cookie", "lanemq_session=" + TokenOf('a') +
                                         "; lanemq_session=" + TokenOf('b')}})),
            "");
}

TEST(CredentialsTest, WhatIsNoTokenIsRefused) {
  for (const std::string& header :
       {std::string("Basic YTpi"), std::string("Bearer "), std::string("Bearer x"),
        "Bearer " + TokenOf('a') + TokenOf('b'), "bearer " + TokenOf('a')}) {
    EXPECT_EQ(TokenIn(With({{"authorization", header}})), "refused") << header;
  }
  EXPECT_EQ(TokenIn(With({{"authorization", "Bearer " + TokenOf('a')},
                          {"authorization", "Bearer " + TokenOf('b')}})),
            "refused");
}

bool IsForged(std::vector<std::pair<std::string, std::string>> headers, bool is_cookie,
              bool is_secure = false) {
  headers.emplace_back("host", "lanemq.example:8080");
  return ForgeryOf(With(std::move(headers)), {.token = TokenOf('a'), .is_cookie = is_cookie},
                   is_secure)
      .has_value();
}

TEST(ForgeryTest, CookiesNeedTheTokenOfTheirSession) {
  EXPECT_TRUE(IsForged({}, true));
  EXPECT_TRUE(IsForged({{"x-csrf-token", CsrfTokenOf(TokenOf('b'))}}, true));
  EXPECT_TRUE(IsForged({{"x-csrf-token", ""}}, true));
  EXPECT_FALSE(IsForged({{"x-csrf-token", CsrfTokenOf(TokenOf('a'))}}, true));
  EXPECT_FALSE(IsForged({}, false));
}

TEST(ForgeryTest, OtherSitesAreRefusedWhateverTheyShow) {
  const std::pair<std::string, std::string> token{"x-csrf-token", CsrfTokenOf(TokenOf('a'))};
  EXPECT_TRUE(IsForged({token, {"sec-fetch-site", "cross-site"}}, true));
  EXPECT_TRUE(IsForged({token, {"sec-fetch-site", "same-site"}}, true));
  EXPECT_FALSE(IsForged({token, {"sec-fetch-site", "same-origin"}}, true));
  EXPECT_TRUE(IsForged({token, {"origin", "http://evil.example"}}, true));
  EXPECT_TRUE(IsForged({token, {"origin", "null"}}, true));
  EXPECT_FALSE(IsForged({token, {"origin", "http://lanemq.example:8080"}}, true));
  EXPECT_TRUE(IsForged({token, {"origin", "http://lanemq.example:8080"}}, true, true));
  EXPECT_FALSE(IsForged({token, {"origin", "https://lanemq.example:8080"}}, true, true));
  EXPECT_TRUE(IsForged({{"origin", "http://evil.example"}}, false));
}

TEST(ForgeryTest, TheTokenGivesNothingAwayOfTheSession) {
  const std::string csrf = CsrfTokenOf(TokenOf('a'));
  EXPECT_EQ(csrf.size(), 64u);
  EXPECT_EQ(csrf.find("aaaa"), std::string::npos);
}

TEST(CookieTest, IsForThisHostAndNotForScripts) {
  EXPECT_EQ(SessionCookie("t", 60, true),
            "__Host-lanemq_session=t; Path=/; Max-Age=60; HttpOnly; SameSite=Strict; Secure");
  EXPECT_EQ(NoSessionCookie(false),
            "lanemq_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict");
}

}  // namespace
}  // namespace lanemq::portal
