#include "client/cli/context/session_file.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sys/stat.h>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "client/cli/context/context_file.h"
#include "client/cli/terminal/private_file.h"

namespace lanemq::cli {
namespace {

using Json = nlohmann::json;

Error Damaged(std::string what) { return {ErrorCode::kInvalidConfig, std::move(what)}; }

}  // namespace

std::string SessionKey(const std::string& context, const std::string& bootstrap) {
  return context.empty() ? bootstrap : context + " " + bootstrap;
}

std::string SessionsPath() {
  const std::string contexts = ContextPath();
  if (contexts.empty()) return {};
  return (std::filesystem::path(contexts).parent_path() / "sessions.json").string();
}

Result<KeptSessions> SessionsFromJson(std::string_view text) {
  const Json page = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!page.is_object() || !page.contains("sessions") || !page["sessions"].is_object()) {
    return Damaged("it is no JSON object with sessions");
  }
  KeptSessions sessions;
  for (const auto& [key, fields] : page["sessions"].items()) {
    const auto is_text = [&](const char* name) {
      return fields.is_object() && fields.contains(name) && fields[name].is_string();
    };
    const bool has_end = fields.is_object() && fields.contains("expires_at_us") &&
                         fields["expires_at_us"].is_number_integer();
    if (!is_text("token") || !is_text("person") || !has_end) {
      return Damaged("a session in it is not understood");
    }
    sessions[key] = {fields["token"].get<std::string>(), fields["person"].get<std::string>(),
                     WallTime{fields["expires_at_us"].get<std::int64_t>()}};
  }
  return sessions;
}

std::string ToJson(const KeptSessions& sessions) {
  Json page = {{"sessions", Json::object()}};
  for (const auto& [key, session] : sessions) {
    page["sessions"][key] = {{"token", session.token},
                             {"person", session.person},
                             {"expires_at_us", session.expires_at.micros}};
  }
  return page.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<KeptSessions> LoadSessions(const std::string& path) {
  struct stat status {};
  if (path.empty() || stat(path.c_str(), &status) != 0) return KeptSessions();
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return Damaged(fmt::format("{} may be read by others: chmod 600, then `lanemq logout`", path));
  }
  std::ifstream file(path, std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  if (!file && !file.eof()) return Damaged("cannot read " + path);
  auto sessions = SessionsFromJson(text);
  // Never what is in it.
  if (!sessions.ok()) return Damaged(path + ": " + sessions.error().message + "; delete it");
  return sessions;
}

Status SaveSessions(const std::string& path, KeptSessions sessions, WallTime now) {
  std::erase_if(sessions, [&](const auto& entry) { return entry.second.expires_at <= now; });
  while (sessions.size() > kKeptSessionsMax) {
    sessions.erase(std::min_element(sessions.begin(), sessions.end(), [](auto& a, auto& b) {
      return a.second.expires_at < b.second.expires_at;
    }));
  }
  return SaveInPrivateFolder(path, ToJson(sessions));
}

}  // namespace lanemq::cli
