#pragma once

#include <memory>
#include <string>

#include "common/base/result.h"
#include "common/base/time.h"

namespace lanemq::rpc {

/// Where a server's certificate is. PEM files.
struct TlsServerOptions {
  std::string certificate_file;  ///< With the chain, the server's own first.
  std::string key_file;
  std::string client_ca_file;  ///< Empty: clients are not asked for certificates.
  /// Clients without a certificate of that authority are refused. Needs client_ca_file.
  bool is_client_certificate_required = false;
  /// A client certificate without a URI of ours says who is there by its common name.
  bool is_common_name_a_name = false;
};

/// A server's side of TLS: 1.2 and above, AEAD suites, no compression, no renegotiation.
///
/// Thread safety: every method from any thread.
class TlsServer {
 public:
  /// kInvalidConfig, with the file and what is wrong with it.
  static Result<std::shared_ptr<TlsServer>> Make(TlsServerOptions options);
  ~TlsServer();
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  /// Looks whether the files have changed, and takes them for connections to come. True when new
  /// ones were taken. A pair that does not fit, or cannot be read, is an error: the old one stays.
  Result<bool> Reload();
  /// Days until the certificate ends; negative when it has.
  [[nodiscard]] double DaysLeft() const;
  /// When it does.
  [[nodiscard]] WallTime EndsAt() const;

  class Impl;
  [[nodiscard]] Impl& impl() const { return *impl_; }  ///< For tls_stream.h.

 private:
  explicit TlsServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

struct TlsClientOptions {
  std::string ca_file;           ///< Empty: the system's authorities.
  std::string certificate_file;  ///< Empty: none is presented.
  std::string key_file;
  /// The name that the server's certificate must have. Empty: the host that is called, a name or
  /// an address. There is no way to go without.
  std::string server_name;
};

/// A client's side: verifies the server's chain and name. Files that have changed are taken for new
/// connections, within a second; while they cannot be used the ones before them are, and the log
/// says so. Thread safety: every method from any thread.
class TlsClient {
 public:
  /// kInvalidConfig, with the file and what is wrong with it.
  static Result<std::shared_ptr<TlsClient>> Make(TlsClientOptions options);
  ~TlsClient();
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  class Impl;
  [[nodiscard]] Impl& impl() const { return *impl_; }  ///< For tls_stream.h.

 private:
  explicit TlsClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace lanemq::rpc
