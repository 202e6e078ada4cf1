#pragma once

#include "common/base/line_rate.h"
#include "common/base/mutex.h"
#include "common/base/slow_log.h"
#include "common/rpc/server.h"

namespace lanemq::idl {
class SlowCallsRequest;
class SlowCallsResponse;
}  // namespace lanemq::idl

namespace lanemq::rpc {

/// Writes down a server's calls that took long (SlowLog; waiting that was asked for does not
/// count) and, as "rpc.failed", those that were answered with an error that the client cannot get
/// over by itself, each with its request id. At most 10 lines per second of either.
///
/// Thread safety: every method from any thread. `slow` outlives it. Costs a normal call nothing.
class CallLog {
 public:
  explicit CallLog(SlowLog& slow) : slow_(slow) {}
  void OnCall(const CallEvent& event);

 private:
  void LogFailure(const CallEvent& event);

  SlowLog& slow_;
  Mutex mutex_;
  LineRate failures_ LANEMQ_GUARDED_BY(mutex_){10};
};

/// The answer to slowCalls.
[[nodiscard]] idl::SlowCallsResponse SlowCallsOf(const SlowLog& slow,
                                                 const idl::SlowCallsRequest& request);

}  // namespace lanemq::rpc
