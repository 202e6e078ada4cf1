#include "common/base/private_file.h"

#include <fstream>
#include <sys/stat.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"

namespace lanemq {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(PrivateFileTest, IsReadWhenNobodyElseMayReadIt) {
  const testing::TempDir dir;
  const std::string path = (dir.path() / "password").string();
  std::ofstream(path) << "a secret";
  ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
  const auto text = ReadPrivateFile(path, "password file", 8);
  ASSERT_TRUE(text.ok()) << text.error().ToString();
  EXPECT_EQ(*text, "a secret");
  for (const mode_t mode : {0640U, 0604U, 0620U}) {
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
    const auto refused = ReadPrivateFile(path, "password file", 8);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidConfig);
    EXPECT_THAT(refused.error().message, AllOf(HasSubstr("password file '" + path),
                                               HasSubstr("chmod 0600"), Not(HasSubstr("secret"))));
  }
}

TEST(PrivateFileTest, SaysWhatIsWrong) {
  const testing::TempDir dir;
  const std::string path = (dir.path() / "password").string();
  EXPECT_THAT(ReadPrivateFile(path, "password file", 8).error().message,
              HasSubstr("cannot be read"));
  EXPECT_THAT(ReadPrivateFile(dir.path().string(), "password file", 8).error().message,
              HasSubstr("is no file"));
  std::ofstream(path) << "123456789";
  ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
  EXPECT_THAT(ReadPrivateFile(path, "password file", 8).error().message, HasSubstr("is too long"));
}

}  // namespace
}  // namespace lanemq
