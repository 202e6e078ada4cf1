#include "client/cli/commands/settings_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lanemq::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

idl::Setting Set(const std::string& name, const std::string& value, bool is_given = true) {
  idl::Setting setting;
  setting.name = name;
  setting.value = value;
  setting.default_value = "d";
  setting.is_given = is_given;
  return setting;
}

SettingsOfServer Of(const std::string& address, const std::string& role,
                    std::vector<idl::Setting> settings) {
  SettingsOfServer server{address, {}};
  server.said.role = role;
  server.said.settings = std::move(settings);
  return server;
}

std::vector<std::string> Shown(const std::vector<SettingsOfServer>& servers, WhichSettings which) {
  std::vector<std::string> shown;
  for (const auto& row : SettingsTable(servers, which).rows) {
    shown.push_back(std::get<std::string>(row[0]) + " " + std::get<std::string>(row[1]));
  }
  return shown;
}

TEST(SettingsTableTest, ShowsWhatWasGivenOrAll) {
  const std::vector servers{Of("b1", "broker", {Set("x", "1"), Set("y", "d", false)})};
  EXPECT_THAT(Shown(servers, WhichSettings::kGiven), ElementsAre("b1 x"));
  EXPECT_THAT(Shown(servers, WhichSettings::kAll), ElementsAre("b1 x", "b1 y"));
  EXPECT_THAT(Shown(servers, WhichSettings::kDiffering), IsEmpty());
}

TEST(SettingsTableTest, ServersAreComparedWithTheirKind) {
  const std::vector servers{
      Of("m1", "metaserver", {Set("x", "9"), Set("z", "1")}),
      Of("b1", "broker", {Set("x", "1"), Set("y", "d", false), Set("hidden", "7")}),
      Of("b2", "broker", {Set("x", "1"), Set("y", "2")})};
  EXPECT_THAT(Shown(servers, WhichSettings::kDiffering), ElementsAre("b1 y", "b2 y"));
}

TEST(SettingsTableTest, AnEmptyValueIsNoText) {
  const Table table = SettingsTable({Of("b1", "broker", {Set("x", "")})}, WhichSettings::kAll);
  ASSERT_EQ(table.rows.size(), 1u);
  EXPECT_TRUE(std::holds_alternative<std::monostate>(table.rows[0][2]));
}

}  // namespace
}  // namespace lanemq::cli
