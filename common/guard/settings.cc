#include "common/guard/settings.h"

#include <algorithm>

#include <CLI/CLI.hpp>

#include "lanemq_types.h"

namespace lanemq {
namespace {

constexpr std::string_view kSet = "(set)";
constexpr std::string_view kHidden = "***";

std::string ValueOf(const CLI::Option& option) {
  std::string value;
  for (const std::string& one : option.results()) {
    if (!value.empty()) value += ',';
    value += one;
  }
  return value;
}

std::string DefaultOf(const CLI::Option& option) {
  const bool is_flag = option.get_expected_max() == 0 || option.get_type_size() == 0;
  const std::string text = option.get_default_str();
  return text.empty() && is_flag ? "false" : text;
}

Setting SettingOf(const CLI::Option& option, bool is_secret) {
  Setting setting;
  setting.name = option.get_single_name();
  setting.default_value = DefaultOf(option);
  setting.is_given = option.count() > 0;
  setting.value = setting.is_given ? ValueOf(option) : setting.default_value;
  setting.description = option.get_description();
  if (is_secret && !setting.value.empty()) setting.value = kSet;
  setting.value = WithoutUser(std::move(setting.value));
  return setting;
}

}  // namespace

std::string WithoutUser(std::string url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string::npos) return url;
  const std::size_t begin = scheme + 3;
  const std::size_t end = std::min(url.find_first_of("/?#", begin), url.size());
  const std::size_t at = url.rfind('@', end);
  if (at == std::string::npos || at < begin) return url;
  return url.replace(begin, at - begin, kHidden);
}

std::vector<Setting> SettingsOf(const CLI::App& app, std::span<const std::string_view> secrets) {
  std::vector<Setting> settings;
  for (const CLI::Option* option : app.get_options()) {
    const std::string name = option->get_single_name();
    const bool is_hidden = option->get_group().empty();
    if (name == "help" || name == "version" || (is_hidden && option->count() == 0)) continue;
    const bool is_secret = std::ranges::find(secrets, name) != secrets.end();
    settings.push_back(SettingOf(*option, is_secret));
  }
  std::ranges::sort(settings, {}, &Setting::name);
  return settings;
}

idl::ServerSettingsResponse ServerSettingsOf(std::string_view role,
                                             const std::vector<Setting>& settings) {
  idl::ServerSettingsResponse out;
  out.role = role;
  for (const Setting& setting : settings) {
    idl::Setting& one = out.settings.emplace_back();
    one.name = setting.name;
    one.value = setting.value;
    one.default_value = setting.default_value;
    one.is_given = setting.is_given;
    one.__set_description(setting.description);
  }
  return out;
}

}  // namespace lanemq
