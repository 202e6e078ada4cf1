#pragma once

#include <memory>
#include <openssl/ssl.h>
#include <string>
#include <utility>

#include "common/base/mutex.h"
#include "common/base/result.h"
#include "common/rpc/tls.h"

namespace lanemq::rpc {

/// What the connections of one server are made with. Thread safety: every method from any thread.
class TlsServer::Impl {
 public:
  explicit Impl(TlsServerOptions options) : options_(std::move(options)) {}

  /// Also the first load.
  Result<bool> Reload();
  [[nodiscard]] double DaysLeft() const;
  /// For one new connection. Not null after a Reload() that was good.
  [[nodiscard]] std::shared_ptr<SSL_CTX> context() const;

 private:
  const TlsServerOptions options_;
  mutable Mutex mutex_;
  std::shared_ptr<SSL_CTX> context_ LANEMQ_GUARDED_BY(mutex_);
  std::string fingerprint_ LANEMQ_GUARDED_BY(mutex_);  // Of the files that it was made of.
};

/// The same for a client. Immutable.
class TlsClient::Impl {
 public:
  Impl(std::shared_ptr<SSL_CTX> context, std::string server_name)
      : context_(std::move(context)), server_name_(std::move(server_name)) {}

  [[nodiscard]] const std::shared_ptr<SSL_CTX>& context() const { return context_; }
  [[nodiscard]] const std::string& server_name() const { return server_name_; }

 private:
  const std::shared_ptr<SSL_CTX> context_;
  const std::string server_name_;
};

}  // namespace lanemq::rpc
