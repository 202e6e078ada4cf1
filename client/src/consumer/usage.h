#pragma once

#include <atomic>
#include <thread>

#include "common/base/result.h"

namespace lanemq::client {

/// Which thread is inside a consumer.
struct Usage {
  std::atomic<std::thread::id> user;
  // Of the thread that uses it:
  bool is_in_listener = false;
  bool is_closed = false;
};

/// Marks a consumer as used by this thread until destroyed; two at a time is misuse. Inside a
/// rebalance listener its thread may do what `may_nest`.
class Use {
 public:
  explicit Use(Usage& usage, bool may_nest = true) : usage_(usage) {
    std::thread::id user;
    is_first_ = usage.user.compare_exchange_strong(user, std::this_thread::get_id());
    is_nested_ = !is_first_ && user == std::this_thread::get_id() && usage.is_in_listener;
    is_ok_ = is_first_ || (is_nested_ && may_nest);
  }
  ~Use() {
    if (is_first_) usage_.user = std::thread::id();
  }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;
  [[nodiscard]] Status Check() const {
    if (!is_ok_) {
      return Error{ErrorCode::kFailedPrecondition, is_nested_
                                                       ? "not inside a rebalance listener"
                                                       : "another thread is using this consumer"};
    }
    if (usage_.is_closed) return Error{ErrorCode::kClosed, "the consumer was closed"};
    return {};
  }

 private:
  Usage& usage_;
  bool is_first_ = false;
  bool is_nested_ = false;
  bool is_ok_ = false;
};

}  // namespace lanemq::client
