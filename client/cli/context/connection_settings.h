#pragma once

#include <map>
#include <optional>
#include <string>

#include "common/base/result.h"

/// Which cluster a command talks to, how and as whom: pure.
namespace lanemq::cli {

/// What one place says about it; empty or absent: nothing.
struct ConnectionSettings {
  std::string bootstrap;
  std::optional<bool> tls;
  std::string ca_file;
  std::string server_name;
  std::string certificate_file;
  std::string key_file;
  std::string token_file;
  std::string token;  ///< The environment, or a session: flags show in lists of processes.

  bool operator==(const ConnectionSettings&) const = default;
};

/// Named settings that people keep, without tokens.
struct Contexts {
  std::string current;  ///< Empty: none.
  std::map<std::string, ConnectionSettings> all;

  bool operator==(const Contexts&) const = default;
};

/// Where settings come from, besides the contexts.
struct ConnectionSources {
  ConnectionSettings flags;
  ConnectionSettings environment;
  std::string context_flag;         ///< --context
  std::string context_environment;  ///< LANEMQ_CONTEXT
};

/// The settings in force: those of flags, of the context that a flag names, of the environment, of
/// the context that the environment names, or of the current one; each field from the first that
/// says it. Files about TLS turn it on, unless something says that it is off.
///
/// The current context counts as a whole or not at all: where servers are named elsewhere, its
/// token does not go to them. kInvalidRequest for a name that no context has, for two tokens in the
/// environment, and for a certificate without its key.
[[nodiscard]] Result<ConnectionSettings> ResolveConnection(const ConnectionSources& sources,
                                                           const Contexts& contexts);

/// The name of the context that ResolveConnection() takes anything from; empty: none.
[[nodiscard]] std::string ContextInForce(const ConnectionSources& sources,
                                         const Contexts& contexts);

/// The name of a context is 1 to 64 of letters, digits, `.`, `_` and `-`. kInvalidRequest.
Status CheckContextName(const std::string& name);

}  // namespace lanemq::cli
