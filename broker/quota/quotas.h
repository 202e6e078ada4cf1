#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "broker/metrics.h"
#include "common/base/clock.h"
#include "common/base/line_rate.h"
#include "common/base/mutex.h"
#include "common/core/access/access_book.h"
#include "common/core/quota/team_buckets.h"

namespace lanemq::broker {

/// Holds teams to the rates of their quotas, as the newest access book has them; each broker to its
/// share, `quota / live brokers`.
///
/// Who pays: the team of the service that calls, whatever topic it is about, since that is who can
/// slow down. Persons, and services of no team (tools of operators), pay from the quota of the
/// topic's owner: that is whose capacity it is. Topics of nobody and teams without a quota have no
/// limit. Without authentication there are no books, and so no limits.
///
/// By the book's mode refuses (enforce), counts what it would refuse (log), or does nothing (off).
/// While no team has a rate, every question is one look at an atomic.
/// Thread safety: every method from any thread. None blocks.
class Quotas {
 public:
  Quotas(Metrics& metrics, const Clock& clock) : metrics_(metrics), clock_(clock) {}

  /// The newest book; null: none. One that is at hand already changes nothing.
  void SetBook(std::shared_ptr<const core::AccessBook> book);
  /// How many brokers share what teams may do, this one among them.
  void SetBrokers(std::size_t live);

  struct Batch {
    std::size_t bytes = 0;  ///< core::SizeOf() of its records.
    std::size_t messages = 0;
    std::size_t largest_body = 0;
  };
  /// What a batch was paid with, to be given back.
  struct Paid {
    std::string team;  ///< Empty: nothing was paid.
    std::size_t bytes = 0;
    std::size_t messages = 0;
  };
  /// Before the batch is queued. kThrottled with retry_after_ms, and nothing was paid; or
  /// kMessageTooLarge, when the team has a limit for that. `caller` null: nobody knows who.
  [[nodiscard]] Result<Paid> Produce(const core::Caller* caller, const std::string& topic,
                                     const Batch& batch);
  /// The batch was not stored after all: what was refused further on costs nothing.
  void GiveBack(const Paid& paid);

  /// Before reading: who will pay for it, empty: nobody. kThrottled with retry_after_ms.
  [[nodiscard]] Result<std::string> Fetch(const core::Caller* caller, const std::string& topic);
  /// So much was read. What was asked for together may put the team into debt.
  void PayForFetch(const std::string& team, std::size_t bytes);

 private:
  /// Which team pays; empty: nobody.
  [[nodiscard]] std::string_view TeamOf(const core::Caller* caller, const std::string& topic) const
      LANEMQ_REQUIRES(mutex_);
  void Apply() LANEMQ_REQUIRES(mutex_);
  /// nullopt when it is only counted.
  std::optional<Error> Refuse(std::string_view team, const core::TeamBuckets::Refusal& refusal)
      LANEMQ_REQUIRES(mutex_);
  /// True: it is to be refused, too.
  bool Count(std::string_view team, std::string_view what, double share_per_s)
      LANEMQ_REQUIRES(mutex_);

  Metrics& metrics_;
  const Clock& clock_;
  std::atomic<bool> limits_produce_{false};
  std::atomic<bool> limits_fetch_{false};

  Mutex mutex_;
  std::shared_ptr<const core::AccessBook> book_ LANEMQ_GUARDED_BY(mutex_);
  std::size_t brokers_ LANEMQ_GUARDED_BY(mutex_) = 1;
  core::TeamBuckets buckets_ LANEMQ_GUARDED_BY(mutex_);
  LineRate lines_ LANEMQ_GUARDED_BY(mutex_){1};
};

}  // namespace lanemq::broker
