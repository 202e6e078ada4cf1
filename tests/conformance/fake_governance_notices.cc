// Events of requests of FakeGovernanceStore.
#include <algorithm>

#include <fmt/format.h>

#include "tests/conformance/fake_governance_store.h"

namespace lanemq::testing {

std::vector<std::string> FakeGovernanceStore::Events() const {
  MutexLock lock(mutex_);
  return events_;
}

std::vector<core::AlertNotice> FakeGovernanceStore::HandedOver() const {
  MutexLock lock(mutex_);
  return handed_over_;
}

void FakeGovernanceStore::Advance(std::chrono::microseconds by) {
  MutexLock lock(mutex_);
  now_.micros += by.count();
}

void FakeGovernanceStore::SetUnreadable(std::int64_t request) {
  MutexLock lock(mutex_);
  unreadable_.insert(request);
}

void FakeGovernanceStore::Keep(const core::ChangeRequest* before,
                               const core::ChangeRequest& after) {
  const auto event = core::EventOf(before, after);
  // As the database: news that is said again, or no longer so, goes.
  const bool is_taken_back = before != nullptr && before->state == core::RequestState::kPending &&
                             after.state != core::RequestState::kPending;
  const auto old = !event && is_taken_back ? core::RequestEvent::kSubmitted : event;
  std::erase_if(waiting_, [&](const core::RequestNotice& one) {
    return one.request == after.id && one.event == old &&
           one.event != core::RequestEvent::kBreakGlass;
  });
  if (!event) return;
  const bool is_urgent = *event == core::RequestEvent::kBreakGlass;
  if (!is_urgent && waiting_.size() >= kNoticesMax) return;
  events_.push_back(fmt::format("{} {}", core::ToString(*event), after.id));
  waiting_.push_back({next_notice_++, after.id, *event, now_});
}

Result<core::RequestNotices> FakeGovernanceStore::LoadNotices(std::size_t max,
                                                              Deadline /*deadline*/) {
  MutexLock lock(mutex_);
  LANEMQ_RETURN_IF_ERROR(CheckHook("LoadNotices"));
  core::RequestNotices found;
  found.now = now_;
  found.waiting = static_cast<std::int64_t>(std::min(waiting_.size(), kNoticesMax));
  for (const bool is_urgent : {true, false}) {
    std::size_t taken = 0;
    for (const core::RequestNotice& one : waiting_) {
      const bool is_of_kind = (one.event == core::RequestEvent::kBreakGlass) == is_urgent;
      if (!is_of_kind || taken == max) continue;
      ++taken;
      found.notices.push_back(one);
    }
  }
  const std::int64_t lately =
      now_.micros - std::chrono::microseconds{std::chrono::minutes{1}}.count();
  found.told_lately = std::count_if(told_at_.begin(), told_at_.end(),
                                    [&](WallTime at) { return at.micros >= lately; });
  return found;
}

Result<bool> FakeGovernanceStore::HandOver(const core::RequestNotice& event,
                                           std::span<const core::AlertNotice> notices,
                                           Deadline /*deadline*/) {
  MutexLock lock(mutex_);
  LANEMQ_RETURN_IF_ERROR(CheckHook("HandOver"));
  const auto removed =
      std::erase_if(waiting_, [&](const core::RequestNotice& one) { return one.id == event.id; });
  if (removed == 0) return false;
  handed_over_.insert(handed_over_.end(), notices.begin(), notices.end());
  if (!notices.empty()) told_at_.push_back(now_);
  return true;
}

Result<std::int64_t> FakeGovernanceStore::ExpireNotices(std::size_t max, Deadline /*deadline*/) {
  MutexLock lock(mutex_);
  const std::int64_t before =
      now_.micros - std::chrono::microseconds{std::chrono::hours{24}}.count();
  std::int64_t expired = 0;
  std::erase_if(waiting_, [&](const core::RequestNotice& one) {
    if (one.at.micros >= before || expired >= static_cast<std::int64_t>(max)) return false;
    ++expired;
    return true;
  });
  return expired;
}

}  // namespace lanemq::testing
