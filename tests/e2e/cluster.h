#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/base/mutex.h"
#include "common/base/result.h"
#include "common/core/types/catalog.h"
#include "common/rpc/client.h"
#include "common/rpc/control_plane_client.h"
#include "common/rpc/data_plane_client.h"
#include "tests/chaos/chaos_proxy.h"
#include "tests/support/database_server.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace lanemq::e2e {

struct ClusterOptions {
  testing::Engine engine = testing::Engine::kMariaDb;
  int brokers = 2;
  /// 0: brokers live from a remembered catalogue alone; see CreateTopic().
  int metaservers = 1;
  /// Brokers reach the data node through a ChaosProxy: Cluster::data_proxy().
  bool is_data_node_proxied = false;
  /// The catalogue is on a server of its own, which the test may stop: Cluster::metadata_server().
  bool has_own_metadata_server = false;
  /// The data node is on a server of its own, which the test may kill: Cluster::data_server().
  bool has_own_data_server = false;
  /// On the one server, by schema prefix; up to 99 partitions a schema.
  int data_nodes = 1;
  int schemas_per_node = 2;
  std::vector<std::string> broker_flags;      ///< Added to every broker's.
  std::vector<std::string> metaserver_flags;  ///< Added to every metaserver's.
  /// Of the topic of a cluster without a metaserver.
  core::TopicConfig topic_config{};
  std::uint64_t seed = 1;
};

/// A topic as the tests need it.
struct TestTopic {
  std::string name;
  std::int64_t id = 0;
  std::vector<std::string> tables;  ///< `schema`.`table` by partition.
};

/// A real cluster on loopback: a database, metaservers and brokers as processes of this build, one
/// data node, everything in a temporary directory and on ports the system chose.
///
/// At its end the servers are stopped, a line of level error in any log fails the test unless
/// ExpectErrors() said so, and when the test has failed the ends of all logs are printed.
///
/// Thread safety: endpoints from any thread; everything else from the one that made it, which
/// lives as long as the cluster (processes die with the thread that started them).
class Cluster {
 public:
  /// Starts everything and waits until it serves.
  static Result<std::unique_ptr<Cluster>> Start(ClusterOptions options);
  ~Cluster();
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  /// Creates the topic and waits until every broker knows it. Without a metaserver this works once,
  /// and is what starts the brokers.
  Result<TestTopic> CreateTopic(const std::string& name, std::int32_t partitions);

  [[nodiscard]] int brokers() const { return options_.brokers; }
  /// Where the broker listens. It keeps its port over restarts, as in production.
  [[nodiscard]] rpc::Endpoint broker(int index) const LANEMQ_EXCLUDES(mutex_);
  [[nodiscard]] rpc::Endpoint broker_admin(int index) const LANEMQ_EXCLUDES(mutex_);
  [[nodiscard]] rpc::Endpoint metaserver(int index = 0) const LANEMQ_EXCLUDES(mutex_);
  [[nodiscard]] rpc::Endpoint metaserver_admin(int index = 0) const LANEMQ_EXCLUDES(mutex_);
  /// host:port of all metaservers and brokers, for clients.
  [[nodiscard]] std::vector<std::string> bootstrap() const;

  /// Starts a broker again after its end, on its port, and waits until it serves.
  Status StartBroker(int index);
  void KillBroker(int index);  ///< SIGKILL.
  /// SIGTERM; its exit code.
  int StopBroker(int index, std::chrono::milliseconds timeout = std::chrono::seconds(25));
  testing::Process& broker_process(int index);
  /// On the port it had before.
  Status StartMetaserver(int index = 0);
  void KillMetaserver(int index = 0);
  testing::Process& metaserver_process(int index = 0);
  int StopMetaserver(int index = 0, std::chrono::milliseconds timeout = std::chrono::seconds(15));

  [[nodiscard]] testing::DatabaseServer& data_server() { return *data_server_; }
  [[nodiscard]] testing::DatabaseServer& metadata_server() { return *metadata_server_; }
  /// Of the first data node: its tables are in the schema <prefix>_node.
  [[nodiscard]] const std::string& schema_prefix() const { return prefix_; }
  /// Null unless ClusterOptions::is_data_node_proxied.
  [[nodiscard]] chaos::ChaosProxy* data_proxy() { return data_proxy_.get(); }
  /// Blocking calls that any test thread may use.
  [[nodiscard]] rpc::DataPlaneClient& data_plane() { return data_plane_; }
  [[nodiscard]] rpc::ControlPlaneClient& control_plane() { return control_plane_; }

  /// Error lines that contain `text` are part of the test.
  void ExpectErrors(std::string text) { expected_errors_.push_back(std::move(text)); }
  /// The last `lines` of each log.
  [[nodiscard]] std::string LogTails(std::size_t lines = 25) const;
  /// Log lines of level error that nobody expects.
  [[nodiscard]] std::vector<std::string> ErrorLines() const;

 private:
  struct Member {
    std::string name;  ///< "broker1"
    testing::Process process;
    int starts = 0;
    int port = 0;
    int admin_port = 0;
    std::vector<std::string> logs;  ///< Files, one per start.
  };

  explicit Cluster(ClusterOptions options);
  Status StartDatabases();
  Status AddDataNode();
  Status StartBrokers();
  Status WaitUntilKnown(const std::string& topic);
  [[nodiscard]] int data_port() const;
  Status Launch(Member& member, std::vector<std::string> argv);
  [[nodiscard]] rpc::Endpoint EndpointOf(const Member& member) const LANEMQ_EXCLUDES(mutex_);

  const ClusterOptions options_;
  const std::string prefix_;
  testing::TempDir dir_;
  testing::DatabaseServer* data_server_ = nullptr;
  testing::DatabaseServer* metadata_server_ = nullptr;
  std::unique_ptr<testing::DatabaseServer> own_metadata_server_;
  std::unique_ptr<testing::DatabaseServer> own_data_server_;
  std::unique_ptr<chaos::ChaosProxy> data_proxy_;
  mutable Mutex mutex_;  // The ports; the rest of a member belongs to the owner.
  std::vector<Member> metaservers_;
  std::vector<Member> brokers_;
  std::vector<std::string> expected_errors_;
  rpc::RpcClient client_;
  rpc::DataPlaneClient data_plane_{client_};
  rpc::ControlPlaneClient control_plane_{client_};
};

/// Resident memory of a process, in KiB; 0 when it is gone.
[[nodiscard]] std::int64_t ResidentKib(pid_t pid);
/// Threads of a process; 0 when it is gone.
[[nodiscard]] int ThreadsOf(pid_t pid);

}  // namespace lanemq::e2e
