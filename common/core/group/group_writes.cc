#include "common/core/group/group_writes.h"

#include <chrono>
#include <utility>

namespace lanemq::core {
namespace {

constexpr std::chrono::seconds kRetryDelay{1};

}  // namespace

std::optional<GroupPersistId> GroupWrites::Start() {
  if (in_flight_ || attempted_ == newest_) return std::nullopt;
  attempted_ = newest_;
  retry_at_.reset();
  in_flight_ = Write{++last_id_, newest_};
  return last_id_;
}

GroupWrites::Outcome GroupWrites::Finish(GroupPersistId id, bool is_ok, MonotonicTime now) {
  if (!in_flight_ || in_flight_->id != id) return Outcome::kForeign;
  const Write write = *std::exchange(in_flight_, std::nullopt);
  if (is_ok) {
    durable_ = write.version;
    return Outcome::kDurable;
  }
  if (write.version < newest_) return Outcome::kSuperseded;
  retry_at_ = now + kRetryDelay;
  return Outcome::kFailed;
}

void GroupWrites::OnTime(MonotonicTime now) {
  if (!retry_at_ || *retry_at_ > now) return;
  retry_at_.reset();
  attempted_ = durable_;
}

}  // namespace lanemq::core
