#pragma once

#include <memory>
#include <openssl/ssl.h>
#include <optional>
#include <string>
#include <utility>

#include "common/base/mutex.h"
#include "common/base/result.h"
#include "common/base/time.h"
#include "common/rpc/tls.h"

namespace lanemq::rpc {

/// What the connections of one server are made with. Thread safety: every method from any thread.
class TlsServer::Impl {
 public:
  explicit Impl(TlsServerOptions options) : options_(std::move(options)) {}

  /// Also the first load.
  Result<bool> Reload();
  [[nodiscard]] WallTime EndsAt() const;
  [[nodiscard]] const TlsServerOptions& options() const { return options_; }
  /// For one new connection. Not null after a Reload() that was good.
  [[nodiscard]] std::shared_ptr<SSL_CTX> context() const;

 private:
  const TlsServerOptions options_;
  mutable Mutex mutex_;
  std::shared_ptr<SSL_CTX> context_ LANEMQ_GUARDED_BY(mutex_);
  std::string fingerprint_ LANEMQ_GUARDED_BY(mutex_);  // Of the files that it was made of.
};

/// The same for a client. Thread safety: every method from any thread.
class TlsClient::Impl {
 public:
  explicit Impl(TlsClientOptions options) : options_(std::move(options)) {}

  /// The first load.
  Status Load();
  /// For one new connection, of the files as they are, looked at once a second at most. Not null
  /// after a Load() that was good.
  [[nodiscard]] std::shared_ptr<SSL_CTX> context();
  [[nodiscard]] const std::string& server_name() const { return options_.server_name; }

 private:
  /// True when there were new files, and they are taken.
  Result<bool> Reload() LANEMQ_REQUIRES(mutex_);

  const TlsClientOptions options_;
  Mutex mutex_;
  std::shared_ptr<SSL_CTX> context_ LANEMQ_GUARDED_BY(mutex_);
  std::string fingerprint_ LANEMQ_GUARDED_BY(mutex_);  // Of the files that it was made of.
  std::string last_error_ LANEMQ_GUARDED_BY(mutex_);   // As logged.
  MonotonicTime looked_at_ LANEMQ_GUARDED_BY(mutex_);
};

/// When a certificate ends; nullopt: it does not say.
[[nodiscard]] std::optional<WallTime> EndOf(const X509& certificate);

}  // namespace lanemq::rpc
