#include "common/core/catalog/node_login.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lanemq::core {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(NodeLoginTest, IsTheSameAfterItWasPacked) {
  for (const NodeLogin& login :
       {NodeLogin{"lanemq", "hunter2"}, NodeLogin{"lanemq", ""}, NodeLogin{"\xc3\xa4", "\n \xff"},
        NodeLogin{std::string(kNodeUserBytesMax, 'u'), std::string(kNodePasswordBytesMax, 'p')}}) {
    const auto back = UnpackNodeLogin(PackNodeLogin(login));
    ASSERT_TRUE(back.ok()) << back.error().ToString();
    EXPECT_EQ(*back, login);
  }
}

TEST(NodeLoginTest, WhatMySqlCannotBeSentIsRefusedWithoutTheSecret) {
  for (const NodeLogin& login :
       {NodeLogin{"", "secret"}, NodeLogin{"a\nb", "secret"}, NodeLogin{std::string(129, 'u'), ""},
        NodeLogin{std::string("a\0b", 3), "secret"}, NodeLogin{"u", std::string("secret\0", 7)},
        NodeLogin{"u", std::string(1'025, 's')}}) {
    const Status refused = CheckNodeLogin(login);
    ASSERT_FALSE(refused.ok()) << login.user;
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidRequest);
    EXPECT_THAT(refused.error().message, Not(HasSubstr("secret")));
  }
}

TEST(NodeLoginTest, ADamagedTextIsNoLogin) {
  for (const std::string& text :
       {std::string(), std::string("lanemq"), std::string("\0pw", 3), std::string("u\0p\0q", 5)}) {
    const auto login = UnpackNodeLogin(text);
    ASSERT_FALSE(login.ok());
    EXPECT_EQ(login.error().code, ErrorCode::kCorruptMessage);
  }
}

}  // namespace
}  // namespace lanemq::core
