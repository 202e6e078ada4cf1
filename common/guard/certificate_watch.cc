#include "common/guard/certificate_watch.h"

#include <pthread.h>
#include <utility>

#include "common/base/clock.h"
#include "common/base/log.h"

namespace lanemq {
namespace {

constexpr double kDaysToWarn = 14;
constexpr std::chrono::hours kWarnEvery{24};

}  // namespace

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
    WarnOfEnd();
    {
      MutexLock lock(mutex_);
      // Woken too early it looks too early, which costs nothing.
      if (!is_stopping_) wake_.WaitFor(mutex_, interval_);
      if (is_stopping_) return;
    }
    Look();
  }
}

void CertificateWatch::WarnOfEnd() {
  const double days_left = tls_->DaysLeft();
  if (days_left >= kDaysToWarn) return warned_at_.reset();
  const MonotonicTime now = SystemClock::Instance().Now();
  if (warned_at_ && now - *warned_at_ < kWarnEvery) return;
  warned_at_ = now;
  LANEMQ_LOG(WARN, "tls.certificate_ends_soon", {"days_left", days_left},
             {"then", "no client will trust this server"});
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
