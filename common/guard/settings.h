#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}  // namespace CLI
namespace lanemq::idl {
class ServerSettingsResponse;
}  // namespace lanemq::idl

namespace lanemq {

/// What a server was started with: one of its flags.
struct Setting {
  std::string name;  ///< Without "--".
  std::string value;
  std::string default_value;
  bool is_given = false;  ///< By a flag, the environment or a file.
  std::string description;
};

/// "http://user:password@host" as "http://***@host"; a text of another kind as it is.
[[nodiscard]] std::string WithoutUser(std::string url);

/// Every setting of a command line that has been parsed, by name. Those that --help hides are there
/// only when they were given. Of `secrets`, names of settings, is told only that they are set; of
/// URLs not the user and password.
[[nodiscard]] std::vector<Setting> SettingsOf(const CLI::App& app,
                                              std::span<const std::string_view> secrets = {});

/// The answer to serverSettings.
[[nodiscard]] idl::ServerSettingsResponse ServerSettingsOf(std::string_view role,
                                                           const std::vector<Setting>& settings);

}  // namespace lanemq
