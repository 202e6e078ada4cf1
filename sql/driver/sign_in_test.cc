// What a server learns that was never meant to be signed in at.
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sql/driver/connection.h"
#include "sql/driver/test_stranger.h"
#include "tests/support/temp_dir.h"

namespace lanemq::sql {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kPassword[] = "never-told";

/// Signs in at `stranger`, which never works.
Error Meet(const Stranger& stranger) {
  ConnectionOptions options;
  options.port = stranger.port();
  options.user = "lanemq";
  options.password = kPassword;
  const auto& clock = SystemClock::Instance();
  const auto session =
      Connection::Open(options, 1, clock, Deadline::After(clock, std::chrono::seconds{10}));
  EXPECT_FALSE(session.ok());
  return session.ok() ? Error{} : session.error();
}

TEST(SignInTest, NoServerGetsThePasswordAsItIs) {
  for (const std::string plugin : {"mysql_clear_password", "dialog"}) {
    for (const bool is_in_greeting : {false, true}) {
      Stranger stranger({.plugin = plugin, .is_in_greeting = is_in_greeting});
      const Error error = Meet(stranger);
      EXPECT_THAT(stranger.Told(), Each(Not(HasSubstr(kPassword)))) << plugin;
      if (is_in_greeting) continue;  // It is not answered, and has to ask again.
      EXPECT_THAT(error.message, HasSubstr("a way that would show it the password"));
      EXPECT_EQ(error.code, ErrorCode::kDataNodeUnavailable);
    }
  }
}

TEST(SignInTest, TheWaysThatDoNotShowThePasswordAreThere) {
  for (const std::string plugin :
       {"mysql_native_password", "caching_sha2_password", "client_ed25519"}) {
    Stranger stranger({.plugin = plugin});
    const Error error = Meet(stranger);
    const auto told = stranger.Told();
    ASSERT_EQ(told.size(), 2u) << plugin << ": " << error.message;
    EXPECT_GE(told[1].size(), 20u) << plugin;
    EXPECT_THAT(told, Each(Not(HasSubstr(kPassword)))) << plugin;
  }
}

// What the client library cannot be kept from. It is why the servers' own login is shown at named
// hosts alone (core::LoginHosts): once this fails, that can be thought over.
TEST(SignInTest, AServerThatAsksForItWithAKeyOfItsOwnGetsThePassword) {
  Stranger stranger({.plugin = "caching_sha2_password", .is_for_password = true});
  Meet(stranger);
  EXPECT_THAT(stranger.Told(), Contains(std::string(kPassword)));
}

TEST(SignInTest, NoServerGetsFilesOfThisMachine) {
  const testing::TempDir dir;
  const std::string path = (dir.path() / "key").string();
  std::ofstream(path) << "the key of the cluster";
  Stranger stranger({.file = path});
  Meet(stranger);
  EXPECT_THAT(stranger.Told(), Each(Not(HasSubstr("the key of the cluster"))));
}

}  // namespace
}  // namespace lanemq::sql
