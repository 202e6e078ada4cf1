#include "tests/integration/client/client_cluster.h"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "broker/catalog/snapshot_file.h"
#include "sql/migrate/migrator.h"
#include "sql/store/mysql_message_store.h"

namespace lanemq::testing {
namespace {

using std::chrono_literals::operator""s;

Deadline In(std::chrono::seconds duration) {
  return Deadline::After(SystemClock::Instance(), duration);
}

}  // namespace

ClientCluster::ClientCluster(DatabaseServer& server, Options options)
    : server_(server), options_(options), prefix_(UniquePrefix()) {}

ClientCluster::~ClientCluster() {
  for (Member& broker : brokers_) broker.process.Kill();
}

Result<std::unique_ptr<ClientCluster>> ClientCluster::Start(DatabaseServer& server,
                                                            Options options) {
  std::unique_ptr<ClientCluster> cluster(new ClientCluster(server, options));
  LANEMQ_RETURN_IF_ERROR(cluster->Prepare());
  for (int i = 0; i < options.brokers; ++i) LANEMQ_RETURN_IF_ERROR(cluster->StartBroker(i));
  return cluster;
}

Status ClientCluster::Prepare() {
  sql::ConnectionOptions connection;
  connection.host = server_.host();
  connection.port = server_.port();
  connection.user = server_.user();
  connection.password = server_.password();
  LANEMQ_RETURN_IF_ERROR(sql::MigrateNode(connection, prefix_, In(60s), 1));

  core::DataNode node;
  node.id = core::NodeId{1};
  node.name = "n1";
  node.host = server_.host();
  node.port = server_.port();
  node.schema_prefix = prefix_;
  core::Topic topic;
  topic.id = core::TopicId{1};
  topic.name = "orders";
  topic.state = core::TopicState::kActive;
  for (int i = 0; i < options_.partitions; ++i) topic.partitions.push_back({i, node.id, 0});

  sql::DataNodeOptions access;
  access.user = server_.user();
  access.password = server_.password();
  sql::DataNodes nodes(access);
  nodes.Update(std::vector<core::DataNode>{node});
  sql::MySqlMessageStore messages(nodes);
  for (const core::Partition& partition : topic.partitions) {
    LANEMQ_RETURN_IF_ERROR(
        messages.CreatePartition(topic.LocationOf(partition), topic.name, In(20s)));
  }
  catalog_.version = 7;
  catalog_.cluster_id = "client-test";
  catalog_.nodes = {node};
  catalog_.topics = {topic};
  for (int i = 0; i < options_.brokers; ++i) {
    Member& member = brokers_.emplace_back();
    // The target is set when the broker says where it listens.
    LANEMQ_ASSIGN_OR_RETURN(
        member.proxy, chaos::ChaosProxy::Start(1, options_.seed + static_cast<std::uint64_t>(i)));
    core::Broker& broker = catalog_.brokers.emplace_back();
    broker.id = core::BrokerId{i + 1};
    broker.host = "127.0.0.1";
    broker.port = member.proxy->port();
  }
  return {};
}

Status ClientCluster::StartBroker(int broker) {
  Member& member = brokers_.at(At(broker));
  const std::string name = "broker" + std::to_string(broker + 1);
  const std::filesystem::path data = dir_.path() / name;
  std::filesystem::create_directories(data);
  LANEMQ_RETURN_IF_ERROR(broker::SaveCatalog(data / "catalog.snapshot", catalog_));
  ++member.starts;
  Process::Options options;
  options.argv = {LANEMQ_BIN_DIR "/lanemq-broker", "--broker-id", std::to_string(broker + 1),
                  "--listen", "127.0.0.1:0", "--advertise",
                  "127.0.0.1:" + std::to_string(member.proxy->port()),
                  // Nobody listens there.
                  "--metaserver", "127.0.0.1:1", "--start-patience-ms", "0", "--data-dir",
                  data.string(), "--db-user", server_.user(), "--end-poll-max-ms", "50",
                  // The catalogue is of a file.
                  "--retention-catalog-age-max-s", "0"};
  options.output_dir = dir_.path();
  options.name = name + "." + std::to_string(member.starts);
  LANEMQ_ASSIGN_OR_RETURN(member.process, Process::Start(std::move(options)));
  LANEMQ_ASSIGN_OR_RETURN(const std::string port,
                          member.process.WaitForOutput("ready port=([0-9]+)", 30s));
  member.proxy->SetTarget(std::stoi(port));
  return {};
}

void ClientCluster::KillBroker(int broker) { brokers_.at(At(broker)).process.Kill(); }

int ClientCluster::DrainBroker(int broker) {
  return brokers_.at(At(broker)).process.Terminate(25s);
}

void ClientCluster::Signal(int broker, int signal) {
  brokers_.at(At(broker)).process.Signal(signal);
}

std::string ClientCluster::Logs() const {
  std::ostringstream out;
  for (const Member& member : brokers_) out << member.process.Stderr() << "\n";
  return out.str();
}

ConsumerOptions ClientCluster::ForConsumer() const {
  ConsumerOptions options = For<ConsumerOptions>();
  options.auto_offset_reset = OffsetReset::kEarliest;
  return options;
}

std::vector<TopicPartition> ClientCluster::Partitions() const {
  std::vector<TopicPartition> partitions;
  for (int i = 0; i < options_.partitions; ++i) partitions.push_back({"orders", i});
  return partitions;
}

Result<std::vector<std::vector<std::string>>> ClientCluster::Rows() {
  std::vector<std::vector<std::string>> rows;
  for (int i = 0; i < options_.partitions; ++i) {
    LANEMQ_ASSIGN_OR_RETURN(const std::string text,
                            server_.Query("SELECT body FROM " + prefix_ + "_00.msg_1_" +
                                          std::to_string(i) + " ORDER BY `offset`"));
    std::istringstream lines(text);
    std::vector<std::string>& bodies = rows.emplace_back();
    for (std::string line; std::getline(lines, line);) bodies.push_back(line);
  }
  return rows;
}

}  // namespace lanemq::testing
