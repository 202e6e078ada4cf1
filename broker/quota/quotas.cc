#include "broker/quota/quotas.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "common/base/log.h"
#include "common/core/access/access_rules.h"

namespace lanemq::broker {
namespace {

using core::QuotaMode;
using core::TeamBuckets;

constexpr std::string_view kMessageBytes = "message_bytes_max";

bool LimitsMessages(const core::AccessRecords& records) {
  return std::ranges::any_of(records.quotas, [](const core::QuotaOfTeam& each) {
    return each.quota.message_bytes_max.has_value();
  });
}

std::int64_t CeilMs(std::chrono::nanoseconds time) {
  return std::max<std::int64_t>(std::chrono::ceil<std::chrono::milliseconds>(time).count(), 1);
}

}  // namespace

void Quotas::SetBook(std::shared_ptr<const core::AccessBook> book) {
  MutexLock lock(mutex_);
  if (book == book_) return;
  book_.swap(book);  // The old one dies after the lock.
  Apply();
}

void Quotas::SetBrokers(std::size_t live) {
  MutexLock lock(mutex_);
  if (live == brokers_) return;
  brokers_ = live;
  Apply();
}

void Quotas::Apply() {
  const bool is_on = book_ != nullptr && book_->records().quota_mode != QuotaMode::kOff;
  if (is_on) {
    buckets_.Set(book_->records().quotas, brokers_, clock_.Now());
  } else {
    buckets_.Set({}, brokers_, clock_.Now());
  }
  limits_produce_ = is_on && (buckets_.has_produce() || LimitsMessages(book_->records()));
  limits_fetch_ = is_on && buckets_.has_fetch();
}

std::string_view Quotas::TeamOf(const core::Caller* caller, const std::string& topic) const {
  if (caller != nullptr && caller->principal.kind == core::PrincipalKind::kService) {
    const core::Service* service = book_->FindService(caller->principal.name);
    if (service != nullptr && !service->team.empty()) return service->team;
  }
  return book_->OwnerOf(core::ResourceKind::kTopic, topic);
}

Result<Quotas::Paid> Quotas::Produce(const core::Caller* caller, const std::string& topic,
                                     const Batch& batch) {
  if (!limits_produce_.load(std::memory_order_acquire)) return Paid{};
  MutexLock lock(mutex_);
  if (book_ == nullptr) return Paid{};
  const std::string_view team = TeamOf(caller, topic);
  const core::TeamQuota* quota = book_->QuotaOf(team);
  if (quota == nullptr) return Paid{};
  if (quota->message_bytes_max &&
      batch.largest_body > static_cast<std::size_t>(*quota->message_bytes_max) &&
      Count(team, kMessageBytes, static_cast<double>(*quota->message_bytes_max))) {
    return Error{ErrorCode::kMessageTooLarge,
                 fmt::format("a body of {} bytes; team '{}' may have {} (lanemq quota show {})",
                             batch.largest_body, team, *quota->message_bytes_max, team)};
  }
  const auto refusal = buckets_.TryProduce(team, batch.bytes, batch.messages, clock_.Now());
  if (!refusal) return Paid{std::string(team), batch.bytes, batch.messages};
  if (auto error = Refuse(team, *refusal)) return *std::move(error);
  return Paid{};
}

void Quotas::GiveBack(const Paid& paid) {
  if (paid.team.empty()) return;
  MutexLock lock(mutex_);
  buckets_.GiveBack(paid.team, paid.bytes, paid.messages, clock_.Now());
}

Result<std::string> Quotas::Fetch(const core::Caller* caller, const std::string& topic) {
  if (!limits_fetch_.load(std::memory_order_acquire)) return std::string();
  MutexLock lock(mutex_);
  if (book_ == nullptr) return std::string();
  const std::string_view team = TeamOf(caller, topic);
  const auto refusal = buckets_.CheckFetch(team, clock_.Now());
  if (!refusal) return std::string(team);
  if (auto error = Refuse(team, *refusal)) return *std::move(error);
  return std::string();  // What would have been refused would not have cost anything.
}

void Quotas::PayForFetch(const std::string& team, std::size_t bytes) {
  if (team.empty() || bytes == 0) return;
  MutexLock lock(mutex_);
  buckets_.TakeFetch(team, bytes, clock_.Now());
}

std::optional<Error> Quotas::Refuse(std::string_view team, const TeamBuckets::Refusal& refusal) {
  const std::string_view what = ToString(refusal.what);
  if (!Count(team, what, refusal.share_per_s)) return std::nullopt;
  return Error{ErrorCode::kThrottled,
               fmt::format("team '{}' is above its quota of {}, of which this broker's share is "
                           "{:.0f}: slow down, or ask for more (lanemq quota show {})",
                           team, what, refusal.share_per_s, team),
               CeilMs(refusal.retry_after)};
}

bool Quotas::Count(std::string_view team, std::string_view what, double share_per_s) {
  const QuotaMode mode = book_->records().quota_mode;
  metrics_.QuotaThrottled(team, what, core::ToString(mode)).Increment();
  if (const auto left_out = lines_.Take(clock_.Now())) {
    LANEMQ_LOG(INFO, "quota.exceeded", {"team", team}, {"quota", what}, {"limit_here", share_per_s},
               {"mode", core::ToString(mode)}, {"lines_left_out", *left_out});
  }
  return mode == QuotaMode::kEnforce;
}

}  // namespace lanemq::broker
