#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "common/base/mutex.h"
#include "sql/driver/options.h"
#include "tests/chaos/chaos_proxy.h"

namespace lanemq::testing {

/// Stands between a store and its database and loses one reply, or one request, at a chosen place.
/// For one change at a time.
class LostReply final : public sql::StatementObserver {
 public:
  explicit LostReply(int database_port) {
    auto proxy = chaos::ChaosProxy::Start(database_port, 1);
    EXPECT_TRUE(proxy.ok()) << proxy.error().ToString();
    if (proxy.ok()) proxy_ = *std::move(proxy);
  }

  [[nodiscard]] int port() const { return proxy_ ? proxy_->port() : 0; }

  /// What follows the next statement of this name is lost: with `after_effect` its reply alone.
  void LoseAfter(std::string statement, bool after_effect) {
    MutexLock lock(mutex_);
    statement_ = std::move(statement);
    after_effect_ = after_effect;
  }
  /// Whether that has happened.
  [[nodiscard]] bool has_lost() const {
    MutexLock lock(mutex_);
    return statement_.empty() && !is_cutting_;
  }
  /// Statements that were run so far, of every name.
  [[nodiscard]] std::int64_t statements() const {
    MutexLock lock(mutex_);
    return statements_;
  }

  void OnStatement(std::string_view name, std::chrono::nanoseconds, const Error* error) override {
    MutexLock lock(mutex_);
    ++statements_;
    if (is_cutting_ && error != nullptr) {
      is_cutting_ = false;
      proxy_->SetCuts({});
    } else if (!statement_.empty() && name == statement_) {
      statement_.clear();
      is_cutting_ = true;
      proxy_->SetCuts(after_effect_ ? chaos::Cuts{.before_reply = 1}
                                    : chaos::Cuts{.before_request = 1});
    }
  }

 private:
  std::unique_ptr<chaos::ChaosProxy> proxy_;
  mutable Mutex mutex_;
  std::string statement_ LANEMQ_GUARDED_BY(mutex_);
  bool after_effect_ LANEMQ_GUARDED_BY(mutex_) = false;
  bool is_cutting_ LANEMQ_GUARDED_BY(mutex_) = false;
  std::int64_t statements_ LANEMQ_GUARDED_BY(mutex_) = 0;
};

}  // namespace lanemq::testing
