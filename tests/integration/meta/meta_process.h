#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <thrift/protocol/TDebugProtocol.h>

#include "ControlPlane.h"
#include "common/rpc/client.h"
#include "common/rpc/control_plane_client.h"
#include "tests/support/database_server.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace lanemq::testing {

/// A wire value, or several, with all their fields: to compare them.
template <typename T>
std::string Text(const T& value) {
  return apache::thrift::ThriftDebugString(value);
}
template <typename T>
std::string Text(const std::vector<T>& values) {
  std::string text;
  for (const T& value : values) text += Text(value) + "\n";
  return text;
}

/// A lanemq-metaserver of this build, with quick settings, and a client of it.
class MetaProcess {
 public:
  MetaProcess(const DatabaseServer& database, const std::string& prefix,
              std::vector<std::string> more = {}) {
    std::vector<std::string> argv = {LANEMQ_METASERVER,
                                     "--listen=127.0.0.1:0",
                                     "--meta-host=" + database.host(),
                                     "--meta-port=" + std::to_string(database.port()),
                                     "--meta-user=root",
                                     "--schema-prefix=" + prefix,
                                     "--finish-interval=100",
                                     "--lease-ttl=2000",
                                     "--poll-interval=50"};
    argv.insert(argv.end(), more.begin(), more.end());
    Process::Options options;
    options.argv = std::move(argv);
    options.output_dir = dir_.path();
    options.name = "metaserver";
    auto started = Process::Start(std::move(options));
    EXPECT_TRUE(started.ok()) << started.error().ToString();
    if (started.ok()) process_ = *std::move(started);
  }

  /// Waits for the ready line.
  [[nodiscard]] ::testing::AssertionResult WaitReady(
      std::chrono::milliseconds timeout = std::chrono::seconds{60}) {
    const auto port = process_.WaitForOutput("lanemq-metaserver ready port=([0-9]+)", timeout);
    if (!port.ok()) {
      return ::testing::AssertionFailure() << port.error().ToString() << "\n" << process_.Stderr();
    }
    endpoint_ = {"127.0.0.1", static_cast<std::uint16_t>(std::stoi(*port))};
    return ::testing::AssertionSuccess();
  }

  [[nodiscard]] static Deadline Soon() {
    return Deadline::After(SystemClock::Instance(), std::chrono::seconds{40});
  }
  [[nodiscard]] rpc::ControlPlaneClient& client() { return client_; }
  [[nodiscard]] const rpc::Endpoint& endpoint() const { return endpoint_; }
  [[nodiscard]] Process& process() { return process_; }

  Result<idl::TopicResponse> CreateTopic(const std::string& name, int partitions) {
    idl::CreateTopicRequest request;
    request.name = name;
    request.partitions = partitions;
    return client_.CreateTopicSync(endpoint_, request, Soon());
  }
  Result<idl::TopicResponse> DescribeTopic(const std::string& name) {
    idl::DescribeTopicRequest request;
    request.name = name;
    return client_.DescribeTopicSync(endpoint_, request, Soon());
  }
  Result<idl::DataNodeResponse> AddNode(const DatabaseServer& database, const std::string& prefix) {
    idl::AddDataNodeRequest request;
    request.name = "one";
    request.host = database.host();
    request.port = database.port();
    request.__set_schema_prefix(prefix);
    request.__set_schemas_max(2);
    return client_.AddDataNodeSync(endpoint_, request, Soon());
  }
  Result<idl::BrokerHeartbeatResponse> Heartbeat(int id, std::int64_t incarnation, int port,
                                                 const std::string& cluster_id = "") {
    idl::BrokerHeartbeatRequest request;
    request.broker_id = id;
    request.incarnation = incarnation;
    request.host = "127.0.0.1";
    request.port = port;
    request.state = idl::BrokerState::ACTIVE;
    if (!cluster_id.empty()) request.__set_cluster_id(cluster_id);
    return client_.BrokerHeartbeatSync(endpoint_, request, Soon());
  }
  Result<idl::MetadataResponse> Metadata() {
    return client_.MetadataSync(endpoint_, idl::MetadataRequest{}, Soon());
  }

 private:
  TempDir dir_;
  Process process_;
  rpc::RpcClient rpc_;
  rpc::ControlPlaneClient client_{rpc_};
  rpc::Endpoint endpoint_;
};

}  // namespace lanemq::testing
