#include "metaserver/options.h"

#include <fstream>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"

namespace lanemq::metaserver {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

Options ParseOk(std::vector<std::string> arguments, std::vector<std::string> environment = {}) {
  const auto parsed = ParseOptions(std::move(arguments), environment);
  EXPECT_TRUE(parsed.ok()) << parsed.error().message;
  return parsed.ok() ? parsed->options : Options{};
}

std::string Complaint(std::vector<std::string> arguments,
                      std::vector<std::string> environment = {}) {
  const auto parsed = ParseOptions(std::move(arguments), environment);
  EXPECT_FALSE(parsed.ok());
  if (parsed.ok()) return "";
  EXPECT_EQ(parsed.error().code, ErrorCode::kInvalidConfig);
  return parsed.error().message;
}

class OptionsTest : public ::testing::Test {
 protected:
  std::string Write(const std::string& name, const std::string& text) {
    const auto path = dir_.path() / name;
    std::ofstream(path) << text;
    return path.string();
  }
  testing::TempDir dir_;
};

TEST_F(OptionsTest, FlagsGoBeforeTheEnvironmentWhichGoesBeforeTheFile) {
  const std::string file = Write("c.ini", "meta-port=1\nmeta-user=file\nsession-timeout=7000\n");
  const Options options =
      ParseOk({"--config=" + file, "--meta-port", "3"},
              {"LANEMQ_META_META_PORT=2", "LANEMQ_META_META_USER=env", "PATH=/bin"});
  EXPECT_EQ(options.meta_port, 3);
  EXPECT_EQ(options.meta_user, "env");
  EXPECT_EQ(options.session_timeout, std::chrono::milliseconds{7'000});
  EXPECT_EQ(options.heartbeat_interval, std::chrono::milliseconds{1'000});
  EXPECT_TRUE(options.migrate);
}

TEST_F(OptionsTest, WhatIsInForceIsTold) {
  const std::string file = Write("c.ini", "session-timeout=7000\n");
  const std::string password = Write("password", "canary");
  const Options options =
      ParseOk({"--config=" + file, "--meta-password-file=" + password, "--no-migrate",
               "--watchdog-url=https://watch.example/canary", "--alert-proxy=http://me:canary@p:1"},
              {"LANEMQ_META_META_USER=env"});
  std::map<std::string, Setting> settings;
  for (const Setting& one : options.settings) {
    settings[one.name] = one;
    EXPECT_THAT(one.value, Not(HasSubstr("canary"))) << one.name;
    EXPECT_TRUE(one.is_given || one.value == one.default_value) << one.name;
  }
  EXPECT_EQ(settings.at("session-timeout").value, "7000");
  EXPECT_EQ(settings.at("session-timeout").default_value, "6000");
  EXPECT_EQ(settings.at("meta-user").value, "env");
  EXPECT_TRUE(settings.at("meta-user").is_given);
  EXPECT_EQ(settings.at("migrate").value, "false");
  EXPECT_EQ(settings.at("migrate").default_value, "true");
  EXPECT_EQ(settings.at("lease-ttl").value, "10000");
  EXPECT_EQ(settings.at("offsets-retention-minutes").value, "10080");
  EXPECT_EQ(settings.at("auth").value, "none");
  EXPECT_FALSE(settings.at("auth").is_given);
  EXPECT_EQ(settings.at("watchdog-url").value, "(set)");
  EXPECT_EQ(settings.at("alert-proxy").value, "http://***@p:1");
  EXPECT_EQ(settings.at("meta-password-file").value, password);
  EXPECT_THAT(options.ToJson(), Not(HasSubstr("canary@")));
}

TEST_F(OptionsTest, HostsOfTheServersOwnLoginAreCheckedAtTheStart) {
  EXPECT_EQ(ParseOk({}).node_user_hosts, "");
  EXPECT_EQ(ParseOk({"--node-user-hosts=db1,10.0.0.0/8"}).node_user_hosts, "db1,10.0.0.0/8");
  EXPECT_THAT(Complaint({"--node-user-hosts=db1:3306"}),
              AllOf(HasSubstr("--node-user-hosts"), HasSubstr("'db1:3306'")));
}

TEST_F(OptionsTest, UnknownNamesAreErrorsEverywhere) {
  EXPECT_THAT(Complaint({"--nope=1"}), HasSubstr("--nope"));
  EXPECT_THAT(Complaint({"stray"}), HasSubstr("stray"));
  EXPECT_THAT(Complaint({}, {"LANEMQ_META_NOPE=1"}), HasSubstr("LANEMQ_META_NOPE"));
  EXPECT_THAT(Complaint({"--config=" + Write("c.ini", "nope=1\n")}), HasSubstr("nope"));
  EXPECT_THAT(Complaint({"--config=" + (dir_.path() / "missing").string()}), HasSubstr("missing"));
}

TEST_F(OptionsTest, ValuesAreChecked) {
  EXPECT_THAT(Complaint({"--listen=9600"}), HasSubstr("host:port"));
  EXPECT_THAT(Complaint({"--alert-proxy=me:canary@p:1"}), HasSubstr("http://host:port"));
  EXPECT_THAT(Complaint({"--listen=a:99999"}), HasSubstr("port"));
  EXPECT_THAT(Complaint({"--listen=a:b"}), HasSubstr("port"));
  EXPECT_THAT(Complaint({"--meta-port=0"}), HasSubstr("--meta-port"));
  EXPECT_THAT(Complaint({"--session-timeout=2000"}), HasSubstr("three times"));
  EXPECT_THAT(Complaint({"--group-max-size=0"}), HasSubstr("--group-max-size"));
  EXPECT_THAT(Complaint({"--group-max-session-timeout-ms=5999"}),
              HasSubstr("--group-min-session-timeout-ms"));
  EXPECT_THAT(Complaint({"--advertise=" + std::string(101, 'h') + ":1"}), HasSubstr("100 bytes"));
  EXPECT_THAT(Complaint({"--offsets-retention-minutes=0"}), HasSubstr("--offsets-retention"));
  EXPECT_THAT(Complaint({"--topic-undelete-retention=-1"}),
              HasSubstr("--topic-undelete-retention"));
  EXPECT_THAT(Complaint({"--log-level=loud"}), HasSubstr("--log-level"));
  EXPECT_THAT(Complaint({"--log-format=xml"}), HasSubstr("--log-format"));
  EXPECT_THAT(Complaint({"--slow-sql-ms=-1"}), HasSubstr("--slow-sql-ms"));
  EXPECT_THAT(Complaint({"--meta-password-file=/nonexistent/x"}), HasSubstr("cannot read"));
}

TEST_F(OptionsTest, GroupsHaveKafkasDefaultsAndNames) {
  const Options defaults = ParseOk({});
  EXPECT_EQ(defaults.group_min_session_timeout, std::chrono::seconds{6});
  EXPECT_EQ(defaults.group_max_session_timeout, std::chrono::minutes{30});
  EXPECT_EQ(defaults.group_initial_rebalance_delay, std::chrono::seconds{3});
  EXPECT_EQ(defaults.offsets_retention, std::chrono::days{7});
  EXPECT_EQ(ParseOk({"--offsets-retention-minutes=60"}).offsets_retention, std::chrono::hours{1});
  const Options options =
      ParseOk({"--group-initial-rebalance-delay-ms=0", "--group-slot-lease-ms=2000"},
              {"LANEMQ_META_GROUP_MAX_SIZE=7"});
  EXPECT_EQ(options.group_initial_rebalance_delay, std::chrono::seconds{0});
  EXPECT_EQ(options.group_slot_lease, std::chrono::seconds{2});
  EXPECT_EQ(options.group_max_size, 7);
  EXPECT_THAT(options.ToJson(), HasSubstr("\"group-max-size\": 7"));
}

TEST_F(OptionsTest, DeletedTopicsAreKeptForAWeekUnlessSomebodySaysOtherwise) {
  EXPECT_EQ(ParseOk({}).topic_undelete_retention, std::chrono::days{7});
  EXPECT_EQ(ParseOk({"--topic-undelete-retention=0"}).topic_undelete_retention.count(), 0);
  EXPECT_THAT(ParseOk({"--topic-undelete-retention=86400000"}).ToJson(),
              HasSubstr("\"topic-undelete-retention\": 86400000"));
}

TEST_F(OptionsTest, OnCallHasItsPaceAndItsScale) {
  const Options defaults = ParseOk({});
  EXPECT_EQ(defaults.lag_interval, std::chrono::seconds{5});
  EXPECT_EQ(defaults.on_call_time_scale, 1);
  const Options options = ParseOk({"--lag-interval=200"}, {"LANEMQ_META_ON_CALL_TIME_SCALE=0.02"});
  EXPECT_EQ(options.lag_interval, std::chrono::milliseconds{200});
  EXPECT_EQ(options.on_call_time_scale, 0.02);
  EXPECT_THAT(options.ToJson(), HasSubstr("\"on-call-time-scale\": 0.02"));
  EXPECT_THAT(Complaint({"--lag-interval=50"}), HasSubstr("--lag-interval"));
  EXPECT_THAT(Complaint({"--on-call-time-scale=0"}), HasSubstr("--on-call-time-scale"));
  EXPECT_EQ(defaults.hygiene_interval, std::chrono::hours{1});
  EXPECT_EQ(ParseOk({"--hygiene-interval=0"}).hygiene_interval.count(), 0);
  EXPECT_THAT(Complaint({"--hygiene-interval=-1"}), HasSubstr("--hygiene-interval"));
}

TEST_F(OptionsTest, AddressesAreSplit) {
  const Options options =
      ParseOk({"--listen=[::1]:0", "--advertise=meta.example:77", "--no-migrate"});
  EXPECT_EQ(options.listen_host, "::1");
  EXPECT_EQ(options.listen_port, 0);
  EXPECT_EQ(options.advertise_host, "meta.example");
  EXPECT_EQ(options.advertise_port, 77);
  EXPECT_FALSE(options.migrate);
}

TEST_F(OptionsTest, WithoutAuthenticationItListensOnThisMachineAlone) {
  const Options defaults = ParseOk({});
  EXPECT_EQ(defaults.auth.mode, AuthMode::kNone);
  EXPECT_EQ(defaults.listen_host, "127.0.0.1");
  EXPECT_EQ(defaults.listen_port, 9600);
  EXPECT_THAT(defaults.ToJson(), HasSubstr("\"auth\": \"none\""));
  for (const char* host : {"0.0.0.0", "[::]", "10.0.0.7"}) {
    const std::string complaint = Complaint({std::string("--listen=") + host + ":9600"});
    EXPECT_THAT(complaint, HasSubstr("--auth=token"));
    EXPECT_THAT(complaint, Not(HasSubstr("\n")));
  }
  const Options open = ParseOk({"--listen=0.0.0.0:9600", "--auth=token"});
  EXPECT_EQ(open.auth.mode, AuthMode::kToken);
  EXPECT_THAT(open.ToJson(), HasSubstr("\"auth\": \"token\""));
  EXPECT_EQ(ParseOk({}, {"LANEMQ_META_AUTH=token"}).auth.mode, AuthMode::kToken);
  EXPECT_EQ(ParseOk({"--auth", "observe", "--listen", "0.0.0.0:1"}).auth.mode, AuthMode::kObserve);
  EXPECT_THAT(Complaint({"--auth=maybe"}), HasSubstr("--auth"));
}

TEST_F(OptionsTest, SettingsOfTlsGoTogether) {
  const Options options =
      ParseOk({"--tls-certificate-file=c.pem", "--tls-key-file=k.pem", "--tls-client-ca-file=a.pem",
               "--tls-client-certificate-required", "--ca-file=a.pem", "--auth=token",
               "--token-file=t", "--setup-token-file=s"});
  EXPECT_EQ(options.auth.tls.certificate_file, "c.pem");
  EXPECT_EQ(options.auth.tls.key_file, "k.pem");
  EXPECT_TRUE(options.auth.tls.is_client_certificate_required);
  EXPECT_EQ(options.token_file, "t");
  EXPECT_EQ(options.setup_token_file, "s");
  EXPECT_THAT(Complaint({"--tls-certificate-file=c.pem"}), HasSubstr("--tls-key-file"));
  EXPECT_THAT(Complaint({"--tls-client-ca-file=a.pem"}), HasSubstr("--tls-certificate-file"));
  EXPECT_THAT(Complaint({"--setup-token-file=s"}), HasSubstr("--auth=token"));
}

TEST_F(OptionsTest, PasswordsComeFromFilesAndAreNeverShown) {
  const std::string file = Write("password", "s3cret\n");
  Options options = ParseOk({"--meta-user=u", "--meta-password-file=" + file});
  EXPECT_EQ(options.meta_password, "s3cret");
  EXPECT_EQ(options.node_user, "u");
  EXPECT_EQ(options.node_password, "s3cret");
  EXPECT_THAT(options.ToJson(), Not(HasSubstr("s3cret")));
  options = ParseOk({"--meta-password-file=" + file, "--node-user=n"});
  EXPECT_EQ(options.node_password, "");
  options = ParseOk({"--credentials-key-file=/etc/keys"});
  EXPECT_EQ(options.credentials_key_file, "/etc/keys");
}

TEST_F(OptionsTest, HelpNamesEverySetting) {
  const auto parsed = ParseOptions({"--help"}, {});
  ASSERT_TRUE(parsed.ok());
  for (const char* name :
       {"--listen", "--meta-password-file", "--session-timeout", "--ready-file"}) {
    EXPECT_THAT(parsed->print_and_exit, HasSubstr(name));
  }
}

}  // namespace
}  // namespace lanemq::metaserver
