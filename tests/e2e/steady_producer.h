#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "common/base/mutex.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/stop_signal.h"

namespace lanemq::e2e {

/// A well-behaved client: one message after the other, `interval` apart, to one broker over a
/// connection of its own, and how long each took. Works from construction to Stop().
/// Thread safety: any thread.
class SteadyProducer {
 public:
  SteadyProducer(rpc::Endpoint broker, std::string topic, std::chrono::milliseconds interval,
                 std::size_t body_bytes = 100);
  ~SteadyProducer() { Stop(); }
  SteadyProducer(const SteadyProducer&) = delete;
  SteadyProducer& operator=(const SteadyProducer&) = delete;

  void Stop();
  [[nodiscard]] std::int64_t sent() const { return sent_; }
  /// The first error; ok when there was none.
  [[nodiscard]] Status status() const LANEMQ_EXCLUDES(mutex_);
  /// Of the latencies since the last call, in microseconds: the one below which `quantiles` lie.
  [[nodiscard]] std::vector<std::int64_t> TakeQuantiles(std::vector<double> quantiles)
      LANEMQ_EXCLUDES(mutex_);

 private:
  void Run();

  const rpc::Endpoint broker_;
  const std::string topic_;
  const std::chrono::milliseconds interval_;
  const std::size_t body_bytes_;
  rpc::RpcClient client_;
  StopSignal stop_;
  std::atomic<std::int64_t> sent_ = 0;
  mutable Mutex mutex_;
  Status status_ LANEMQ_GUARDED_BY(mutex_);
  std::vector<std::int64_t> latencies_us_ LANEMQ_GUARDED_BY(mutex_);
  std::jthread thread_;
};

}  // namespace lanemq::e2e
