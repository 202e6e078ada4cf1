#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "client/canary/metrics.h"
#include "client/canary/node_probe.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "lanemq/admin.h"

namespace lanemq::client {

struct CanaryOptions : ClientOptions {
  /// Of this process, for people, and the key of its reports. 1 to 128 of [A-Za-z0-9._/@:-].
  std::string name;
  std::chrono::milliseconds every{1'000};         ///< A message to each node. From 10 ms.
  std::chrono::milliseconds report_every{5'000};  ///< To the cluster. From 100 ms.
  std::chrono::milliseconds nodes_every{10'000};  ///< Looks for new data nodes. From 100 ms.
  CanaryTimes times;
  /// For tests: stands in for MakeCanaryLine().
  std::function<Result<std::unique_ptr<CanaryLine>>(Admin&, const ClientOptions&,
                                                    const std::string& node)>
      make_line;
};

struct CanaryPicture {
  bool are_nodes_known = false;
  std::vector<NodePicture> nodes;
  std::optional<Error> nodes_error;   ///< Why they could not be listed, the last time.
  std::optional<Error> report_error;  ///< Likewise, reported.
};

/// Sends a message a second to every data node of a cluster, reads it back, and tells the cluster
/// and Prometheus what became of them. Nodes that are added are found; nodes that are disabled are
/// left. At most kNodesMax; those after them, by name, are not looked at, and the log says so.
///
/// Thread safety: Picture() from any thread; the rest from one owner.
class Canary {
 public:
  static constexpr std::size_t kNodesMax = 100;

  /// kInvalidConfig. Does not wait for the cluster.
  static Result<std::unique_ptr<Canary>> Create(CanaryOptions options, const Clock& clock);
  ~Canary() { Stop(); }
  Canary(const Canary&) = delete;
  Canary& operator=(const Canary&) = delete;

  void Start();
  /// Waits for calls that are running, some seconds at most. Idempotent.
  void Stop();
  [[nodiscard]] CanaryPicture Picture() const;
  [[nodiscard]] CanaryMetrics& metrics() { return metrics_; }

 private:
  Canary(CanaryOptions options, std::unique_ptr<Admin> admin, const Clock& clock);
  void Run();
  void LookForNodes();
  void Follow(const std::vector<std::string>& nodes);
  void Report();
  /// Keeps `status` as `last`, and logs it when it is another one than before.
  void Note(const char* what, const Status& status, std::optional<Error> Canary::*last);
  [[nodiscard]] bool IsStopping() const;

  const CanaryOptions options_;
  const std::string run_;
  const Clock& clock_;
  const std::unique_ptr<Admin> admin_;
  CanaryMetrics metrics_;
  mutable Mutex mutex_;
  CondVar wake_;
  bool is_stopping_ LANEMQ_GUARDED_BY(mutex_) = false;
  bool are_nodes_known_ LANEMQ_GUARDED_BY(mutex_) = false;
  std::optional<Error> nodes_error_ LANEMQ_GUARDED_BY(mutex_);
  std::optional<Error> report_error_ LANEMQ_GUARDED_BY(mutex_);
  std::map<std::string, std::unique_ptr<NodeProbe>> probes_ LANEMQ_GUARDED_BY(mutex_);
  std::jthread thread_;
};

}  // namespace lanemq::client
