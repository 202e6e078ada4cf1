#include "client/cli/commands/settings_table.h"

#include <map>
#include <set>
#include <utility>

#include "client/cli/output/cells.h"

namespace lanemq::cli {
namespace {

using RoleAndName = std::pair<std::string, std::string>;

/// Of settings that a server lacks (it hides what was not given, or is of another version) nothing
/// is said: only what is told can differ.
std::set<RoleAndName> Differing(const std::vector<SettingsOfServer>& servers) {
  std::map<RoleAndName, std::string> seen;
  std::set<RoleAndName> differing;
  for (const SettingsOfServer& server : servers) {
    for (const idl::Setting& setting : server.said.settings) {
      const RoleAndName key{server.said.role, setting.name};
      const auto [at, is_first] = seen.emplace(key, setting.value);
      if (!is_first && at->second != setting.value) differing.insert(key);
    }
  }
  return differing;
}

}  // namespace

Table SettingsTable(const std::vector<SettingsOfServer>& servers, WhichSettings which) {
  Table table{{"server", "setting", "value", "default", "is_given"}, {}};
  const std::set<RoleAndName> differing = Differing(servers);
  for (const SettingsOfServer& server : servers) {
    for (const idl::Setting& setting : server.said.settings) {
      const bool is_wanted = which == WhichSettings::kAll ||
                             (which == WhichSettings::kGiven && setting.is_given) ||
                             (which == WhichSettings::kDiffering &&
                              differing.contains({server.said.role, setting.name}));
      if (!is_wanted) continue;
      table.rows.push_back({server.address, setting.name, TextCell(true, setting.value),
                            TextCell(true, setting.default_value), setting.is_given});
    }
  }
  return table;
}

}  // namespace lanemq::cli
