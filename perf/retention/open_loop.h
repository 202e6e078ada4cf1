#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

#include "common/base/mutex.h"
#include "common/rpc/client.h"
#include "common/rpc/data_plane_client.h"
#include "perf/load/figures.h"

namespace lanemq::perf {

/// Latencies of one part of a run, from the time when each message was meant to be sent.
struct Part {
  Latencies ms;
  double longest_ms = 0;
  std::int64_t failed = 0;
};

/// Produces one message after the other to partition 0 at a steady rate, without waiting for
/// answers: a database that stands still is seen by every message that comes meanwhile.
/// Thread safety: any thread.
class OpenLoopProducer {
 public:
  OpenLoopProducer(rpc::Endpoint broker, std::string topic, int per_second, std::size_t bytes);
  ~OpenLoopProducer();

  /// What was sent since the last call; answers that are still to come are of the next part.
  Part TakePart() LANEMQ_EXCLUDES(mutex_);

 private:
  void Run();

  const rpc::Endpoint broker_;
  const std::string topic_;
  const int per_second_;
  const std::size_t bytes_;
  rpc::RpcClient client_;
  rpc::DataPlaneClient data_plane_{client_};
  std::atomic<bool> is_stopping_ = false;
  Mutex mutex_;
  Part part_ LANEMQ_GUARDED_BY(mutex_);
  std::jthread thread_;
};

}  // namespace lanemq::perf
