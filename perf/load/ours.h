#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "perf/load/figures.h"

namespace lanemq::perf {

/// LaneMQ as an application sees it: every workload goes through the public client library to
/// brokers that run as processes of their own. Not thread-safe; one owner.
class Ours {
 public:
  explicit Ours(std::vector<std::string> bootstrap_servers);

  struct Produce {
    std::string topic;
    int partitions = 1;
    int body_bytes = 1024;
    int batch = 500;  ///< Records of one request.
    std::chrono::seconds duration{3};
  };
  /// One producer sends as fast as it is acknowledged, to the partitions in turn, batch by batch.
  Result<Throughput> ProduceAsync(const Produce& load);
  /// One record at a time, each waited for; the latency of each.
  Result<Latencies> ProduceSync(const std::string& topic, int body_bytes,
                                std::chrono::seconds duration);

  /// One consumer reads partition 0 of the topic from `from` to its end, over and over.
  Result<Throughput> Consume(const std::string& topic, std::int64_t from,
                             std::chrono::seconds duration);

  /// From the intended send time to the moment the consumer has the record, at a fixed rate.
  Result<Latencies> EndToEnd(const std::string& topic, int partitions, int rate, int body_bytes,
                             std::chrono::milliseconds linger, std::chrono::seconds duration);

 private:
  std::vector<std::string> bootstrap_;
};

}  // namespace lanemq::perf
