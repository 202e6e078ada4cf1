#include "common/guard/settings.h"

#include <map>

#include <CLI/CLI.hpp>
#include <gtest/gtest.h>

#include "lanemq_types.h"

namespace lanemq {
namespace {

class SettingsTest : public ::testing::Test {
 protected:
  SettingsTest() {
    app_.set_version_flag("--version", "1");
    app_.add_option("--threads", threads_, "how many")->capture_default_str();
    app_.add_option("--servers", servers_, "which")->delimiter(',');
    app_.add_option("--proxy", proxy_, "through which");
    app_.add_option("--hook", hook_, "what is called");
    app_.add_flag("--strict", is_strict_, "no mercy");
    app_.add_flag("--migrate,!--no-migrate", migrates_, "by itself")->default_str("true");
    app_.add_option("--rare", rare_, "for tests")->group("");
  }

  std::map<std::string, Setting> Parsed(const std::string& line) {
    app_.parse(line);
    constexpr std::string_view kSecrets[] = {"hook"};
    std::map<std::string, Setting> settings;
    for (const Setting& one : SettingsOf(app_, kSecrets)) settings[one.name] = one;
    return settings;
  }

  CLI::App app_;
  int threads_ = 4, rare_ = 0;
  std::vector<std::string> servers_;
  std::string proxy_, hook_;
  bool is_strict_ = false, migrates_ = true;
};

TEST_F(SettingsTest, DefaultsAreInForceUntilSomethingIsGiven) {
  const auto settings = Parsed("");
  EXPECT_EQ(settings.size(), 6u);  // Not help, version, nor what is hidden.
  EXPECT_EQ(settings.at("threads").value, "4");
  EXPECT_EQ(settings.at("threads").default_value, "4");
  EXPECT_EQ(settings.at("threads").description, "how many");
  EXPECT_EQ(settings.at("strict").value, "false");
  EXPECT_EQ(settings.at("migrate").value, "true");
  EXPECT_EQ(settings.at("hook").value, "");
  for (const auto& [name, one] : settings) EXPECT_FALSE(one.is_given) << name;
}

TEST_F(SettingsTest, WhatIsGivenIsTold) {
  const auto settings =
      Parsed("--threads 8 --servers a:1,b:2 --strict --no-migrate --rare 3 --proxy http://p:1/@x");
  EXPECT_EQ(settings.at("threads").value, "8");
  EXPECT_EQ(settings.at("threads").default_value, "4");
  EXPECT_TRUE(settings.at("threads").is_given);
  EXPECT_EQ(settings.at("servers").value, "a:1,b:2");
  EXPECT_EQ(settings.at("strict").value, "true");
  EXPECT_EQ(settings.at("migrate").value, "false");
  EXPECT_EQ(settings.at("rare").value, "3");
  EXPECT_EQ(settings.at("proxy").value, "http://p:1/@x");
}

TEST_F(SettingsTest, SecretsAreNot) {
  const auto settings = Parsed("--hook https://x/secret --proxy http://me:pass@word@proxy:1/a@b");
  EXPECT_EQ(settings.at("hook").value, "(set)");
  EXPECT_EQ(settings.at("proxy").value, "http://***@proxy:1/a@b");
}

TEST(ServerSettingsTest, GoOntoTheWire) {
  const auto reply = ServerSettingsOf("broker", {{"threads", "8", "4", true, "how many"}});
  EXPECT_EQ(reply.role, "broker");
  ASSERT_EQ(reply.settings.size(), 1u);
  EXPECT_EQ(reply.settings[0].name, "threads");
  EXPECT_EQ(reply.settings[0].value, "8");
  EXPECT_EQ(reply.settings[0].default_value, "4");
  EXPECT_TRUE(reply.settings[0].is_given);
  EXPECT_EQ(reply.settings[0].description, "how many");
}

}  // namespace
}  // namespace lanemq
