#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/guard/auth_mode.h"
#include "common/rpc/tls.h"

namespace lanemq {

/// How a server finds out who is there, and whether what it says can be overheard. The same
/// settings in every server.
struct ServerAuthOptions {
  AuthMode mode = AuthMode::kNone;  ///< --auth.
  rpc::TlsServerOptions tls;        ///< Without certificate_file: plain TCP.
};

/// True for what only this machine reaches: 127.0.0.0/8, ::1 and "localhost".
[[nodiscard]] bool IsLoopback(std::string_view host);

/// What a server has to say who it is, when it calls metaservers.
struct OwnIdentity {
  bool has_token = false;
  bool has_certificate = false;  ///< And presents it.
};
/// kInvalidConfig with one line that says what to do: a server that refuses callers and has nothing
/// to show to metaservers would never learn whom to serve. Observing, a warning in the log.
Status CheckOwnIdentity(AuthMode mode, const OwnIdentity& own);

/// kInvalidConfig, in one line that says what to do, for settings that do not go together: without
/// authentication an address that others reach; a certificate without its key, or the other way
/// round; clients' certificates without TLS or without an authority.
Status CheckServerAuth(const ServerAuthOptions& options, std::string_view listen_host);

/// Says loudly, once, what is open: nobody has to say who he is, or tokens go over the network as
/// they are.
void WarnOfOpenDoors(const ServerAuthOptions& options, std::string_view listen_host);

/// The listener's side of TLS; null: plain TCP. kInvalidConfig.
Result<std::shared_ptr<rpc::TlsServer>> MakeTls(const ServerAuthOptions& options);

}  // namespace lanemq
