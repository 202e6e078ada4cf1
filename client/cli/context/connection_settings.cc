#include "client/cli/context/connection_settings.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "client/cli/text/suggest.h"

namespace lanemq::cli {
namespace {

constexpr std::size_t kNameBytesMax = 64;

Error Bad(std::string what) { return {ErrorCode::kInvalidRequest, std::move(what)}; }

Result<ConnectionSettings> Named(const Contexts& contexts, const std::string& name) {
  const auto found = contexts.all.find(name);
  if (found != contexts.all.end()) return found->second;
  std::vector<std::string> names;
  for (const auto& [each, settings] : contexts.all) names.push_back(each);
  const auto near = Suggest(name, names);
  return Bad(fmt::format("there is no context '{}'{}; `lanemq context list` shows those there are",
                         name, near ? fmt::format(" (did you mean '{}'?)", *near) : ""));
}

void Take(std::string& field, const std::string& from) {
  if (field.empty()) field = from;
}

void Add(ConnectionSettings& settings, const ConnectionSettings& more) {
  // A token and a file with one are one field, and so are a certificate and its key.
  if (settings.token.empty() && settings.token_file.empty()) {
    settings.token = more.token;
    settings.token_file = more.token_file;
  }
  if (settings.certificate_file.empty() && settings.key_file.empty()) {
    settings.certificate_file = more.certificate_file;
    settings.key_file = more.key_file;
  }
  if (!settings.tls) settings.tls = more.tls;
  Take(settings.bootstrap, more.bootstrap);
  Take(settings.ca_file, more.ca_file);
  Take(settings.server_name, more.server_name);
}

bool HasTlsFiles(const ConnectionSettings& settings) {
  return !settings.ca_file.empty() || !settings.server_name.empty() ||
         !settings.certificate_file.empty();
}

bool IsNameByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

}  // namespace

Status CheckContextName(const std::string& name) {
  if (!name.empty() && name.size() <= kNameBytesMax && std::ranges::all_of(name, IsNameByte)) {
    return {};
  }
  return Bad(
      fmt::format("'{}' is no name of a context: 1 to 64 letters, digits, '.', '_' or '-'", name));
}

std::string ContextInForce(const ConnectionSources& sources, const Contexts& contexts) {
  if (!sources.context_flag.empty()) return sources.context_flag;
  if (!sources.context_environment.empty()) return sources.context_environment;
  const bool is_named_elsewhere =
      !sources.flags.bootstrap.empty() || !sources.environment.bootstrap.empty();
  return is_named_elsewhere ? std::string() : contexts.current;
}

Result<ConnectionSettings> ResolveConnection(const ConnectionSources& sources,
                                             const Contexts& contexts) {
  if (!sources.environment.token.empty() && !sources.environment.token_file.empty()) {
    return Bad("LANEMQ_TOKEN and LANEMQ_TOKEN_FILE are both set: unset one of them");
  }
  ConnectionSettings settings = sources.flags;
  if (!sources.context_flag.empty()) {
    LANEMQ_ASSIGN_OR_RETURN(const auto named, Named(contexts, sources.context_flag));
    Add(settings, named);
  }
  Add(settings, sources.environment);
  if (const std::string name = ContextInForce(sources, contexts);
      sources.context_flag.empty() && !name.empty()) {
    LANEMQ_ASSIGN_OR_RETURN(const auto named, Named(contexts, name));
    Add(settings, named);
  }
  if (settings.certificate_file.empty() != settings.key_file.empty()) {
    return Bad("--tls-certificate-file and --tls-key-file go together");
  }
  if (HasTlsFiles(settings)) settings.tls = settings.tls.value_or(true);
  return settings;
}

}  // namespace lanemq::cli
