#include "portal/api/portal.h"

#include <fstream>
#include <string>
#include <sys/stat.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"

namespace lanemq::portal {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// Why a gateway does not start with this in the file with the demo's password.
std::string DemoFault(const std::string& text, mode_t mode = 0600) {
  const lanemq::testing::TempDir dir;
  PortalOptions options;
  options.bootstrap = {{"127.0.0.1", 1}};
  options.gateway.is_anonymous = true;  // So that it needs no token.
  options.demo_person = "dana";
  options.demo_password_file = (dir.path() / "password").string();
  std::ofstream(options.demo_password_file) << text;
  EXPECT_EQ(::chmod(options.demo_password_file.c_str(), mode), 0);
  const auto portal = Portal::Start(options);
  EXPECT_FALSE(portal.ok());
  if (portal.ok()) return {};
  EXPECT_EQ(portal.error().code, ErrorCode::kInvalidConfig);
  return portal.error().message;
}

TEST(PortalTest, ThePasswordOfADemoIsOneLineThatNobodyElseReads) {
  EXPECT_THAT(DemoFault("a secret", 0640), HasSubstr("chmod 0600"));
  EXPECT_THAT(DemoFault("a secret\nand more"), HasSubstr("is not one line"));
  EXPECT_THAT(DemoFault("a secret\nand more"), Not(HasSubstr("secret")));
  EXPECT_THAT(DemoFault("\n"), HasSubstr("is not one line"));
}

}  // namespace
}  // namespace lanemq::portal
