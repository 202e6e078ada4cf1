#pragma once

#include <memory>
#include <span>
#include <string>

#include "broker/metrics.h"
#include "common/base/result.h"
#include "common/guard/guard.h"
#include "common/rpc/call_context.h"

namespace lanemq::broker {

/// What the caller of one request may do, now: by the newest book, each time it is asked. Counts
/// what it refuses, and writes it to the log, at a limited rate. With the guard off everything is
/// allowed.
///
/// Cheap to copy. Thread safety: every method from any thread.
class Rights {
 public:
  /// `call` null: not called by a server; then nobody is there. `guard` and `metrics` outlive it.
  Rights(const Guard& guard, Metrics& metrics, const rpc::CallContext* call)
      : guard_(&guard), metrics_(&metrics) {
    if (call == nullptr) return;
    caller_ = call->caller();
    method_ = call->method();
    peer_ = call->peer();
  }

  /// See Guard::Check(): refuses unless all of `resources` are allowed.
  Status Check(core::Action action, std::span<const core::Resource> resources) const;
  Status CheckTopic(core::Action action, const std::string& topic) const;
  /// The same without a copy: `topic` is lent, and as before afterwards.
  Status CheckTopicLent(core::Action action, std::string& topic) const;
  Status CheckGroup(core::Action action, const std::string& group) const;

 private:
  const Guard* guard_;
  Metrics* metrics_;
  std::shared_ptr<const core::Caller> caller_;
  std::string method_;
  std::string peer_;
};

}  // namespace lanemq::broker
