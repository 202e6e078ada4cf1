#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/core/types/catalog.h"
#include "lanemq/lanemq.h"
#include "tests/chaos/chaos_proxy.h"
#include "tests/support/database_server.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace lanemq::testing {

/// Real brokers as processes on a real database, each behind a ChaosProxy whose address stays while
/// the broker is killed and started again. They serve from a catalogue file: no metaserver.
/// Topic "orders"; data nodes as asked for, partitions dealt out to them in turn.
/// Not thread-safe; one owner, which lives as long as the cluster.
class ClientCluster {
 public:
  struct Options {
    int brokers = 2;
    int partitions = 4;
    std::uint64_t seed = 1;
  };
  static Result<std::unique_ptr<ClientCluster>> Start(DatabaseServer& server, Options options);
  ~ClientCluster();

  [[nodiscard]] chaos::ChaosProxy& proxy(int broker) { return *brokers_.at(At(broker)).proxy; }
  Status StartBroker(int broker);
  void KillBroker(int broker);          ///< SIGKILL.
  int DrainBroker(int broker);          ///< SIGTERM; the exit code.
  void Signal(int broker, int signal);  ///< SIGSTOP and SIGCONT: a broker that hangs.
  [[nodiscard]] std::string Logs() const;

  /// Options that find this cluster.
  [[nodiscard]] ProducerOptions ForProducer() const { return For<ProducerOptions>(); }
  [[nodiscard]] ConsumerOptions ForConsumer() const;
  [[nodiscard]] AdminOptions ForAdmin() const { return For<AdminOptions>(); }
  [[nodiscard]] std::vector<TopicPartition> Partitions() const;
  /// What the tables hold, by partition, in offset order: bodies, as the database says.
  Result<std::vector<std::vector<std::string>>> Rows();
  [[nodiscard]] DatabaseServer& server() { return server_; }
  [[nodiscard]] const std::string& prefix() const { return prefix_; }

 private:
  struct Member {
    std::unique_ptr<chaos::ChaosProxy> proxy;
    Process process;
    int starts = 0;
  };

  ClientCluster(DatabaseServer& server, Options options);
  static std::size_t At(int broker) { return static_cast<std::size_t>(broker); }
  Status Prepare();
  template <typename T>
  T For() const {
    T options;
    for (const Member& broker : brokers_) {
      options.bootstrap_servers.push_back("127.0.0.1:" + std::to_string(broker.proxy->port()));
    }
    return options;
  }

  DatabaseServer& server_;
  const Options options_;
  const std::string prefix_;
  TempDir dir_;
  core::CatalogSnapshot catalog_;
  std::vector<Member> brokers_;
};

}  // namespace lanemq::testing
