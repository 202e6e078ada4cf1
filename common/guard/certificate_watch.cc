#include "common/guard/certificate_watch.h"

#include <pthread.h>
#include <utility>

#include "common/base/log.h"

namespace lanemq {

CertificateWatch::CertificateWatch(std::shared_ptr<rpc::TlsServer> tls,
                                   std::chrono::milliseconds interval)
    : tls_(std::move(tls)), interval_(interval) {}

void CertificateWatch::Start() {
  if (!tls_) return;
  thread_ = std::jthread([this] { Run(); });
  pthread_setname_np(thread_.native_handle(), "certificates");
}

void CertificateWatch::Stop() {
  {
    MutexLock lock(mutex_);
    is_stopping_ = true;
  }
  wake_.NotifyAll();
  if (thread_.joinable()) thread_.join();
}

void CertificateWatch::Run() {
  for (;;) {
    {
      MutexLock lock(mutex_);
      // Woken too early it looks too early, which costs nothing.
      if (!is_stopping_) wake_.WaitFor(mutex_, interval_);
      if (is_stopping_) return;
    }
    Look();
  }
}

void CertificateWatch::Look() {
  const auto reloaded = tls_->Reload();
  if (!reloaded.ok()) {
    const std::string error = reloaded.error().ToString();
    if (std::exchange(last_error_, error) != error) {
      LANEMQ_LOG(WARN, "tls.certificate_not_taken", {"error", error},
                 {"serving", "with the one before"}, {"days_left", tls_->DaysLeft()});
    }
    return;
  }
  last_error_.clear();
  if (*reloaded) LANEMQ_LOG(INFO, "tls.certificate_taken", {"days_left", tls_->DaysLeft()});
}

}  // namespace lanemq
