#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "common/base/mutex.h"
#include "tests/e2e/cluster.h"

namespace lanemq::e2e {

/// Many consumers at one broker, each on a connection of its own, each waiting in a long poll for
/// a partition that nobody writes. One that is answered asks again.
/// Thread safety: one owner.
class ParkedConsumers {
 public:
  ParkedConsumers(rpc::Endpoint broker, std::string topic, std::int32_t partition, int count);
  ~ParkedConsumers();
  ParkedConsumers(const ParkedConsumers&) = delete;
  ParkedConsumers& operator=(const ParkedConsumers&) = delete;

  [[nodiscard]] int count() const { return count_; }
  /// Connections that wait for an answer now.
  [[nodiscard]] std::int64_t waiting() const;
  /// Answers so far, and those that were an error.
  [[nodiscard]] std::int64_t answers() const { return answers_; }
  [[nodiscard]] std::int64_t errors() const { return errors_; }

 private:
  void Ask();

  const rpc::Endpoint broker_;
  const std::string topic_;
  const std::int32_t partition_;
  const int count_;
  std::atomic<bool> is_over_ = false;
  std::atomic<std::int64_t> answers_ = 0;
  std::atomic<std::int64_t> errors_ = 0;
  rpc::RpcClient client_;
  rpc::DataPlaneClient data_plane_{client_};
};

}  // namespace lanemq::e2e
