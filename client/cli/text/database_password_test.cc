#include "client/cli/text/database_password.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"

namespace lanemq::cli {
namespace {

TEST(DatabasePasswordTest, LineEndsAtTheEndAreNotOfThePassword) {
  const testing::TempDir dir;
  const std::string path = (dir.path() / "pw").string();
  for (const auto& [text, password] : {std::pair<std::string, std::string>{"hunter2\n", "hunter2"},
                                       {"hunter2\r\n", "hunter2"},
                                       {" a\nb ", " a\nb "},
                                       {"", ""}}) {
    std::ofstream(path, std::ios::trunc | std::ios::binary) << text;
    const auto read = ReadDatabasePassword(path);
    ASSERT_TRUE(read.ok()) << read.error().ToString();
    EXPECT_EQ(*read, password);
  }
  EXPECT_EQ(*ReadDatabasePassword(""), "");
}

TEST(DatabasePasswordTest, AFileThatCannotHoldAPasswordIsRefused) {
  const testing::TempDir dir;
  const std::string path = (dir.path() / "pw").string();
  EXPECT_EQ(ReadDatabasePassword(path).error().code, ErrorCode::kInvalidRequest);
  std::ofstream(path) << std::string(5'000, 'x');
  const auto read = ReadDatabasePassword(path);
  ASSERT_FALSE(read.ok());
  EXPECT_THAT(read.error().message, ::testing::Not(::testing::HasSubstr("xxx")));
}

}  // namespace
}  // namespace lanemq::cli
