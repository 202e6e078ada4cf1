#include "client/cli/context/context_file.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "client/cli/terminal/private_file.h"

namespace lanemq::cli {
namespace {

using Json = nlohmann::json;

constexpr std::pair<const char*, std::string ConnectionSettings::*> kTexts[] = {
    {"bootstrap", &ConnectionSettings::bootstrap},
    {"ca_file", &ConnectionSettings::ca_file},
    {"server_name", &ConnectionSettings::server_name},
    {"certificate_file", &ConnectionSettings::certificate_file},
    {"key_file", &ConnectionSettings::key_file},
    {"token_file", &ConnectionSettings::token_file},
};

Error Damaged(std::string what) { return {ErrorCode::kInvalidConfig, std::move(what)}; }

Result<ConnectionSettings> SettingsFrom(const std::string& name, const Json& fields) {
  if (!fields.is_object()) return Damaged(fmt::format("context '{}' is no object", name));
  ConnectionSettings settings;
  for (const auto& [key, value] : fields.items()) {
    if (key == "tls" && value.is_boolean()) {
      settings.tls = value.get<bool>();
      continue;
    }
    std::string ConnectionSettings::*member = nullptr;
    for (const auto& [text, each] : kTexts) {
      if (key == text) member = each;
    }
    if (member == nullptr || !value.is_string()) {
      return Damaged(
          fmt::format("context '{}' has a field '{}' that is not understood", name, key));
    }
    settings.*member = value.get<std::string>();
  }
  return settings;
}

Json ToJsonObject(const ConnectionSettings& settings) {
  Json fields = Json::object();
  for (const auto& [name, member] : kTexts) {
    if (!(settings.*member).empty()) fields[name] = settings.*member;
  }
  if (settings.tls) fields["tls"] = *settings.tls;
  return fields;
}

std::string EnvironmentOf(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

}  // namespace

std::string ContextPath() {
  std::string folder = EnvironmentOf("XDG_CONFIG_HOME");
  if (folder.empty()) {
    const std::string home = EnvironmentOf("HOME");
    if (home.empty()) return {};
    folder = home + "/.config";
  }
  return folder + "/lanemq/contexts.json";
}

Result<Contexts> ContextsFromJson(std::string_view text) {
  const Json page = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!page.is_object() || !page.contains("contexts") || !page["contexts"].is_object()) {
    return Damaged("it is no JSON object with contexts");
  }
  Contexts contexts;
  for (const auto& [name, fields] : page["contexts"].items()) {
    LANEMQ_RETURN_IF_ERROR(CheckContextName(name));
    LANEMQ_ASSIGN_OR_RETURN(contexts.all[name], SettingsFrom(name, fields));
  }
  if (page.contains("current")) {
    if (!page["current"].is_string()) return Damaged("its current context is no text");
    contexts.current = page["current"].get<std::string>();
  }
  return contexts;
}

std::string ToJson(const Contexts& contexts) {
  Json page = {{"contexts", Json::object()}};
  for (const auto& [name, settings] : contexts.all) {
    page["contexts"][name] = ToJsonObject(settings);
  }
  if (!contexts.current.empty()) page["current"] = contexts.current;
  return page.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<Contexts> LoadContexts(const std::string& path) {
  std::error_code error;
  if (path.empty() || !std::filesystem::exists(path, error)) return Contexts();
  std::ifstream file(path, std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  if (!file && !file.eof()) return Damaged("cannot read " + path);
  auto contexts = ContextsFromJson(text);
  if (!contexts.ok()) return Damaged(path + ": " + contexts.error().message);
  return contexts;
}

Status SaveContexts(const std::string& path, const Contexts& contexts) {
  return SaveInPrivateFolder(path, ToJson(contexts));
}

}  // namespace lanemq::cli
