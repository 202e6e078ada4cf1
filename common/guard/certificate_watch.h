#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "common/base/mutex.h"
#include "common/base/time.h"
#include "common/rpc/tls.h"

namespace lanemq {

/// Takes a server's new certificates while it runs: looks at the files again and again. A pair that
/// does not fit is logged, when it is found and when it is another error; the old one stays. One
/// that ends within 14 days is logged at the start and once a day.
///
/// Thread safety: one owner. The destructor stops the thread.
class CertificateWatch {
 public:
  /// `tls` null: there is nothing to watch, and no thread.
  explicit CertificateWatch(std::shared_ptr<rpc::TlsServer> tls,
                            std::chrono::milliseconds interval = std::chrono::seconds(10));
  ~CertificateWatch() { Stop(); }
  CertificateWatch(const CertificateWatch&) = delete;
  CertificateWatch& operator=(const CertificateWatch&) = delete;

  void Start();
  /// Idempotent, also before Start().
  void Stop();

 private:
  void Run();
  void Look();
  void WarnOfEnd();

  const std::shared_ptr<rpc::TlsServer> tls_;
  const std::chrono::milliseconds interval_;
  std::string last_error_;  // The thread's own, as what follows.
  std::optional<MonotonicTime> warned_at_;
  Mutex mutex_;
  CondVar wake_;
  bool is_stopping_ LANEMQ_GUARDED_BY(mutex_) = false;
  std::jthread thread_;
};

}  // namespace lanemq
