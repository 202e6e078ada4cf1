#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <iostream>
#include <memory>

#include <fmt/format.h>

#include "broker/broker.h"
#include "broker/catalog/rpc_meta_client.h"
#include "broker/command_line.h"
#include "common/base/log.h"
#include "common/base/ready_file.h"
#include "common/base/stop_signals.h"
#include "common/rpc/tls.h"
#include "common/rpc/token_file.h"
#include "sql/store/mysql_data_loss_store.h"
#include "sql/store/mysql_dead_letter_store.h"
#include "sql/store/mysql_delayed_store.h"
#include "sql/store/mysql_lease_store.h"
#include "sql/store/mysql_message_store.h"
#include "sql/store/mysql_message_tracer.h"
#include "sql/store/mysql_offset_store.h"
#include "sql/store/mysql_retention_store.h"
#include "sql/store/mysql_retry_store.h"
#include "sql/store/sealed_node_vault.h"

namespace lanemq {
namespace {

class MySqlStores final : public broker::Stores {
 public:
  explicit MySqlStores(sql::DataNodeOptions options)
      : nodes_(std::move(options)), messages_(nodes_) {}
  void UpdateNodes(std::span<const core::DataNode> nodes) override { nodes_.Update(nodes); }
  [[nodiscard]] bool MayLackLogin() const override { return nodes_.MayLackLogin(); }
  core::MessageStore& messages() override { return messages_; }
  std::unique_ptr<core::OffsetStore> OffsetsOn(core::NodeId node) override {
    return std::make_unique<sql::MySqlOffsetStore>(nodes_, node);
  }
  std::unique_ptr<core::RetryStore> RetriesOn(core::NodeId node) override {
    return std::make_unique<sql::MySqlRetryStore>(nodes_, node);
  }
  std::unique_ptr<core::DeadLetterStore> DeadLettersOn(core::NodeId node) override {
    return std::make_unique<sql::MySqlDeadLetterStore>(nodes_, node);
  }
  std::unique_ptr<core::DelayedStore> DelayedOn(core::NodeId node) override {
    return std::make_unique<sql::MySqlDelayedStore>(nodes_, node);
  }
  std::unique_ptr<core::MessageTracer> TracerOn(core::NodeId node) override {
    return std::make_unique<sql::MySqlMessageTracer>(nodes_, node);
  }
  std::unique_ptr<core::LeaseStore> LeasesOn(core::NodeId node) override {
    return std::make_unique<sql::MySqlLeaseStore>(nodes_, node);
  }
  std::unique_ptr<core::RetentionStore> RetentionOn(core::NodeId node) override {
    return std::make_unique<sql::MySqlRetentionStore>(nodes_, node);
  }
  std::unique_ptr<core::DataLossStore> DataLossesOn(core::NodeId node) override {
    return std::make_unique<sql::MySqlDataLossStore>(nodes_, node);
  }

 private:
  sql::DataNodes nodes_;
  sql::MySqlMessageStore messages_;
};

/// How metaservers are called: by TLS when it is known whom to trust, and with the broker's own
/// certificate and token if it has them.
Result<std::unique_ptr<broker::RpcMetaClient>> MakeMetaClient(const broker::CommandLine& options) {
  std::shared_ptr<rpc::TlsClient> tls;
  if (!options.ca_file.empty()) {
    LANEMQ_ASSIGN_OR_RETURN(
        tls, rpc::TlsClient::Make({.ca_file = options.ca_file,
                                   .certificate_file = options.auth.tls.certificate_file,
                                   .key_file = options.auth.tls.key_file}));
  }
  std::function<std::string()> token;
  if (!options.token_file.empty()) {
    LANEMQ_ASSIGN_OR_RETURN(token, rpc::TokenFromFile(options.token_file));
  }
  return std::make_unique<broker::RpcMetaClient>(std::move(tls), std::move(token));
}

/// The broker's own token goes to metaservers, too.
void WarnOfPlainMetaservers(const broker::CommandLine& options) {
  const bool is_far =
      std::ranges::any_of(options.broker.metaservers,
                          [](const core::Endpoint& server) { return !IsLoopback(server.host); });
  if (options.token_file.empty() || !options.ca_file.empty() || !is_far) return;
  LANEMQ_LOG(WARN, "auth.own_token_in_plain", {"to", "metaservers"},
             {"to_change_that", "--ca-file, with metaservers that speak TLS"});
}

template <typename T>
const Error* ErrorOf(const Result<T>& result) {
  return result.ok() ? nullptr : &result.error();
}

int Run(const broker::CommandLine& options) {
  SetUpLogging("lanemq-broker", options.log_level, options.log_format);
  StopSignals signals;

  if (!options.broker.data_dir.empty()) {
    std::error_code error;
    std::filesystem::create_directories(options.broker.data_dir, error);
    if (error) {
      std::cerr << "lanemq-broker: " << options.broker.data_dir << ": " << error.message() << "\n";
      return 2;
    }
  }
  const auto vault = sql::SealedNodeVault::FromFile(options.credentials_key_file);
  if (!vault.ok()) {
    std::cerr << "lanemq-broker: " << vault.error().message << "\n";
    return 2;
  }
  sql::DataNodeOptions nodes;
  nodes.vault = &*vault;
  nodes.user = options.db_user;
  nodes.password = options.db_password;
  nodes.io_timeout = options.broker.sql_timeout;
  nodes.pool.connections_max = options.db_connections;
  const auto slow_log = std::make_shared<SlowLog>(options.slow);
  nodes.slow_log = slow_log.get();
  MySqlStores stores(std::move(nodes));
  auto listener = MakeTls(options.auth);
  auto to_meta = MakeMetaClient(options);
  for (const Error* error : {ErrorOf(listener), ErrorOf(to_meta)}) {
    if (error == nullptr) continue;
    std::cerr << "lanemq-broker: " << error->message << "\n";
    return 2;
  }
  WarnOfOpenDoors(options.auth, options.broker.listen_host);
  WarnOfPlainMetaservers(options);
  broker::MetaClient& meta = **to_meta;
  broker::BrokerOptions broker_options = options.broker;
  broker_options.slow_log = slow_log;
  broker_options.tls = *std::move(listener);
  broker::Broker broker(std::move(broker_options), stores, meta);
  const Status started = broker.Start();
  if (!started.ok()) {
    std::cerr << "lanemq-broker: " << started.error().message << "\n";
    return 1;
  }
  const std::string line =
      fmt::format("lanemq-broker ready port={} admin_port={}", broker.port(), broker.admin_port());
  std::cout << line << std::endl;
  if (!options.ready_file.empty() && !WriteReadyFile(options.ready_file, line)) {
    std::cerr << "lanemq-broker: cannot write " << options.ready_file << "\n";
    return 1;
  }

  signals.Wait();
  signals.Release();
  if (const Status drained = broker.Drain(); !drained.ok()) {
    LANEMQ_LOG(WARN, "broker.drain_incomplete", {"error", drained.error().ToString()});
  }
  return 0;
}

}  // namespace
}  // namespace lanemq

int main(int argc, char** argv) {
  const auto parsed = lanemq::broker::ParseCommandLine(argc, argv);
  if (parsed.exit_code) return *parsed.exit_code;
  return lanemq::Run(parsed.options);
}
