#include "common/base/password.h"

#include <string>

#include <gtest/gtest.h>

namespace lanemq {
namespace {

TEST(PasswordTest, APasswordIsVerifiedByItsHashAlone) {
  const std::string encoded = HashPassword("correct horse battery");
  EXPECT_TRUE(encoded.starts_with("$argon2id$v=19$m=65536,t=3,p=1$")) << encoded;
  EXPECT_EQ(encoded.find("horse"), std::string::npos);
  EXPECT_LE(encoded.size(), 200u);  // The column has no more.
  EXPECT_TRUE(VerifyPassword(encoded, "correct horse battery"));
  EXPECT_FALSE(VerifyPassword(encoded, "correct horse batterz"));
  EXPECT_FALSE(VerifyPassword(encoded, "correct horse batter"));
  EXPECT_FALSE(VerifyPassword(encoded, ""));
}

TEST(PasswordTest, TheSamePasswordHasAnotherHashEachTime) {
  EXPECT_NE(HashPassword("correct horse battery"), HashPassword("correct horse battery"));
}

TEST(PasswordTest, BytesOfAnyKindCount) {
  const std::string password("twelve\0bytes\xff", 13);
  const std::string encoded = HashPassword(password);
  EXPECT_TRUE(VerifyPassword(encoded, password));
  EXPECT_FALSE(VerifyPassword(encoded, "twelve"));
}

TEST(PasswordTest, WhatIsNoHashVerifiesNothing) {
  std::string damaged = HashPassword("correct horse battery");
  damaged.back() = damaged.back() == 'A' ? 'B' : 'A';
  for (const std::string& encoded :
       {std::string(), std::string("x"), std::string("$argon2id$"),
        std::string("$argon2i$v=19$m=16,t=2,p=1$c29tZXNhbHQ$q83vEjRWeJA"), damaged}) {
    EXPECT_FALSE(VerifyPassword(encoded, "correct horse battery")) << encoded;
  }
}

}  // namespace
}  // namespace lanemq
