#include "broker/command_line.h"

#include <cstdlib>
#include <fstream>
#include <map>

#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"

namespace lanemq::broker {
namespace {

ParsedCommandLine Parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "lanemq-broker");
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  auto parsed = ParseCommandLine(static_cast<int>(arguments.size()), arguments.data());
  ::testing::internal::GetCapturedStdout();
  ::testing::internal::GetCapturedStderr();
  return parsed;
}

TEST(CommandLineTest, FlagsBeatTheEnvironmentWhichBeatsTheFile) {
  const lanemq::testing::TempDir dir;
  const std::string file = dir.path() / "broker.conf";
  std::ofstream(file) << "broker-id=1\nappend-threads=3\nread-threads=3\nlog-level=warn\n";
  ::setenv("LANEMQ_BROKER_APPEND_THREADS", "5", 1);
  ::setenv("LANEMQ_BROKER_READ_THREADS", "5", 1);
  const auto parsed = Parse({"--config", file.c_str(), "--read-threads", "7"});
  ::unsetenv("LANEMQ_BROKER_APPEND_THREADS");
  ::unsetenv("LANEMQ_BROKER_READ_THREADS");
  ASSERT_FALSE(parsed.exit_code);
  EXPECT_EQ(parsed.options.broker.broker_id, 1);
  EXPECT_EQ(parsed.options.broker.workers.append_threads, 5u);
  EXPECT_EQ(parsed.options.broker.workers.read_threads, 7u);
  EXPECT_EQ(parsed.options.db_connections, 16u)
      << "and those that move delayed messages, and the janitor's";
  EXPECT_EQ(parsed.options.log_level, LogLevel::WARN);
}

TEST(CommandLineTest, UnknownFlagsKeysAndWrongValuesAreErrors) {
  const lanemq::testing::TempDir dir;
  const std::string file = dir.path() / "broker.conf";
  std::ofstream(file) << "broker-id=1\nappend-threds=3\n";
  EXPECT_EQ(Parse({"--config", file.c_str()}).exit_code, 2);
  EXPECT_EQ(Parse({"--broker-id", "1", "--no-such-flag"}).exit_code, 2);
  EXPECT_EQ(Parse({}).exit_code, 2) << "the broker id has no default";
  EXPECT_EQ(Parse({"--broker-id", "0"}).exit_code, 2);
  EXPECT_EQ(Parse({"--broker-id", "1", "--metaserver", "nowhere"}).exit_code, 2);
  EXPECT_EQ(Parse({"--broker-id", "1", "--db-password-file", "/does/not/exist"}).exit_code, 2);
  EXPECT_EQ(Parse({"--broker-id", "1", "--dead-letter-retention-hours", "-1"}).exit_code, 2);
  EXPECT_EQ(Parse({"--help"}).exit_code, 0);
}

TEST(CommandLineTest, DeadLettersAreKeptForAMonthOrAsLongAsIsWanted) {
  using std::chrono::hours;
  EXPECT_EQ(Parse({"--broker-id", "1"}).options.broker.duties.dead_letter_retention, hours(720));
  const auto parsed = Parse({"--broker-id", "1", "--dead-letter-retention-hours", "0"});
  ASSERT_FALSE(parsed.exit_code);
  EXPECT_EQ(parsed.options.broker.duties.dead_letter_retention, hours(0));
}

TEST(CommandLineTest, RetentionCanBePacedPutIntoTheNightAndTurnedOff) {
  const auto usual = Parse({"--broker-id", "1"}).options.broker.retention;
  EXPECT_TRUE(usual.is_on);
  EXPECT_EQ(usual.queue.every, std::chrono::seconds(60));
  EXPECT_EQ(usual.limits.grace, std::chrono::minutes(2));
  EXPECT_EQ(usual.window, DailyWindow{});
  const auto set = Parse({"--broker-id", "1", "--retention-interval-ms", "5000",
                          "--retention-window", "01:30-05:00", "--retention-steps-per-minute", "6"})
                       .options.broker.retention;
  EXPECT_EQ(set.queue.every, std::chrono::seconds(5));
  EXPECT_EQ(set.window.from, std::chrono::minutes(90));
  EXPECT_EQ(set.steps_per_minute, 6);
  EXPECT_FALSE(
      Parse({"--broker-id", "1", "--retention-interval-ms", "0"}).options.broker.retention.is_on);
  EXPECT_EQ(Parse({"--broker-id", "1", "--retention-window", "at night"}).exit_code, 2);
}

TEST(CommandLineTest, WithoutAuthenticationABrokerListensToThisMachineAlone) {
  const auto usual = Parse({"--broker-id", "1"});
  ASSERT_FALSE(usual.exit_code);
  EXPECT_EQ(usual.options.broker.listen_host, "127.0.0.1");
  EXPECT_EQ(usual.options.broker.auth, AuthMode::kNone);
  EXPECT_EQ(Parse({"--broker-id", "1", "--listen", "0.0.0.0:0"}).exit_code, 2);
  EXPECT_EQ(Parse({"--broker-id", "1", "--listen", ":0"}).exit_code, 2) << "every address";
  EXPECT_EQ(Parse({"--broker-id", "1", "--auth", "password"}).exit_code, 2);
  const auto on = Parse({"--broker-id", "1", "--listen", "0.0.0.0:0", "--auth", "token",
                         "--token-file", "/run/token", "--ca-file", "/etc/ca.pem"});
  ASSERT_FALSE(on.exit_code);
  EXPECT_EQ(on.options.broker.auth, AuthMode::kToken);
  EXPECT_EQ(on.options.token_file, "/run/token");
  EXPECT_EQ(on.options.ca_file, "/etc/ca.pem");
}

TEST(CommandLineTest, ABrokerThatRefusesHasSomethingToShowToMetaservers) {
  EXPECT_EQ(Parse({"--broker-id", "1", "--auth", "token"}).exit_code, 2);
  EXPECT_EQ(Parse({"--broker-id", "1", "--auth", "token", "--ca-file", "ca.pem"}).exit_code, 2);
  EXPECT_FALSE(Parse({"--broker-id", "1", "--auth", "token", "--ca-file", "ca.pem",
                      "--tls-certificate-file", "c.pem", "--tls-key-file", "k.pem"})
                   .exit_code);
}

TEST(CommandLineTest, ABrokerThatObservesMayListenAnywhereAndNeedsNoToken) {
  const auto parsed = Parse({"--broker-id", "1", "--listen", "0.0.0.0:0", "--auth", "observe"});
  ASSERT_FALSE(parsed.exit_code);
  EXPECT_EQ(parsed.options.broker.auth, AuthMode::kObserve);
  EXPECT_EQ(parsed.options.auth.mode, AuthMode::kObserve);
}

TEST(CommandLineTest, LimitsBeforeAuthentication) {
  const auto parsed = Parse(
      {"--broker-id", "1", "--unidentified-per-address-max", "7", "--reply-memory-mib", "64"});
  ASSERT_FALSE(parsed.exit_code);
  EXPECT_EQ(parsed.options.broker.rpc_limits.unidentified.connections_per_address_max, 7u);
  EXPECT_EQ(parsed.options.broker.rpc_limits.out_bytes_max, 64u << 20);
  EXPECT_EQ(Parse({"--broker-id", "1", "--tls-client-common-name"}).exit_code, 2);
}

TEST(CommandLineTest, CertificatesComeWithTheirKeys) {
  EXPECT_EQ(Parse({"--broker-id", "1", "--tls-certificate-file", "c.pem"}).exit_code, 2);
  EXPECT_EQ(Parse({"--broker-id", "1", "--tls-client-certificate-required"}).exit_code, 2);
  const auto parsed =
      Parse({"--broker-id", "1", "--tls-certificate-file", "c.pem", "--tls-key-file", "k.pem",
             "--tls-client-ca-file", "ca.pem", "--tls-client-certificate-required"});
  ASSERT_FALSE(parsed.exit_code);
  EXPECT_EQ(parsed.options.auth.tls.key_file, "k.pem");
  EXPECT_TRUE(parsed.options.auth.tls.is_client_certificate_required);
}

TEST(CommandLineTest, AddressesAndSecrets) {
  const lanemq::testing::TempDir dir;
  const std::string file = dir.path() / "secret";
  std::ofstream(file) << "s3cret\n";
  const auto parsed =
      Parse({"--broker-id", "2", "--listen", "127.0.0.1:0", "--advertise", "db.example",
             "--metaserver", "a:1,b:2", "--db-password-file", file.c_str()});
  ASSERT_FALSE(parsed.exit_code);
  EXPECT_EQ(parsed.options.broker.advertise_host, "db.example");
  EXPECT_EQ(parsed.options.broker.advertise_port, 0);
  ASSERT_EQ(parsed.options.broker.metaservers.size(), 2u);
  EXPECT_EQ(parsed.options.broker.metaservers[1], (core::Endpoint{"b", 2}));
  EXPECT_EQ(parsed.options.db_password, "s3cret");
}

TEST(CommandLineTest, WhatIsInForceIsTold) {
  const lanemq::testing::TempDir dir;
  const std::string file = dir.path() / "settings";
  std::ofstream(file) << "rpc-threads=3\n";
  const auto parsed = Parse({"--config", file.c_str(), "--broker-id", "2", "--metaserver",
                             "a:1,b:2", "--retention-grace-ms", "7"});
  ASSERT_FALSE(parsed.exit_code);
  std::map<std::string, Setting> settings;
  for (const Setting& one : parsed.options.broker.settings) settings[one.name] = one;
  EXPECT_EQ(settings.at("rpc-threads").value, "3");
  EXPECT_TRUE(settings.at("rpc-threads").is_given);
  EXPECT_EQ(settings.at("rpc-threads").default_value, "2");
  EXPECT_EQ(settings.at("metaserver").value, "a:1,b:2");
  EXPECT_EQ(settings.at("sql-timeout-ms").value, "10000");
  EXPECT_FALSE(settings.at("sql-timeout-ms").is_given);
  // Those that --help hides only when they are given.
  EXPECT_EQ(settings.at("retention-grace-ms").value, "7");
  EXPECT_FALSE(settings.contains("retention-rest-factor"));
}

}  // namespace
}  // namespace lanemq::broker
