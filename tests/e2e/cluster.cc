#include "tests/e2e/cluster.h"

#include <algorithm>
#include <deque>
#include <fstream>
#include <iostream>
#include <signal.h>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "lanemq_types.h"
#include "tests/e2e/seeded_catalog.h"
#include "tests/support/wait_for.h"

namespace lanemq::e2e {
namespace {

using std::chrono_literals::operator""s;
using testing::WaitFor;

constexpr auto kStartTimeout = 30s;
constexpr const char* kHost = "127.0.0.1";

Deadline In(std::chrono::nanoseconds time) {
  return Deadline::After(SystemClock::Instance(), time);
}

std::string Address(const rpc::Endpoint& endpoint) { return endpoint.ToString(); }

}  // namespace

Cluster::Cluster(ClusterOptions options)
    : options_(std::move(options)), prefix_(testing::UniquePrefix()), dir_("lanemq-e2e") {}

Result<std::unique_ptr<Cluster>> Cluster::Start(ClusterOptions options) {
  auto cluster = std::unique_ptr<Cluster>(new Cluster(std::move(options)));
  LANEMQ_RETURN_IF_ERROR(cluster->StartDatabases());
  const auto count = [](int number) { return static_cast<std::size_t>(number); };
  cluster->metaservers_.resize(count(cluster->options_.metaservers));
  cluster->brokers_.resize(count(cluster->options_.brokers));
  for (int i = 0; i < cluster->options_.metaservers; ++i) {
    LANEMQ_RETURN_IF_ERROR(cluster->StartMetaserver(i));
  }
  if (cluster->metaservers_.empty()) return cluster;
  LANEMQ_RETURN_IF_ERROR(cluster->AddDataNode());
  LANEMQ_RETURN_IF_ERROR(cluster->StartBrokers());
  return cluster;
}

Status Cluster::StartBrokers() {
  for (int i = 0; i < options_.brokers; ++i) LANEMQ_RETURN_IF_ERROR(StartBroker(i));
  return {};
}

int Cluster::data_port() const { return data_proxy_ ? data_proxy_->port() : data_server_->port(); }

Cluster::~Cluster() {
  for (int i = 0; i < static_cast<int>(brokers_.size()); ++i) KillBroker(i);
  for (int i = 0; i < static_cast<int>(metaservers_.size()); ++i) KillMetaserver(i);
  client_.Close();
  for (const std::string& line : ErrorLines()) ADD_FAILURE() << "unexpected in a log: " << line;
  if (::testing::Test::HasFailure()) std::cout << LogTails() << std::flush;
}

Status Cluster::StartDatabases() {
  std::string why;
  data_server_ = metadata_server_ = testing::SharedServer(options_.engine, &why);
  if (data_server_ == nullptr) return Error{ErrorCode::kFailedPrecondition, why};
  if (options_.has_own_metadata_server) {
    LANEMQ_ASSIGN_OR_RETURN(own_metadata_server_,
                            testing::DatabaseServer::Start({.engine = options_.engine}));
    metadata_server_ = own_metadata_server_.get();
  }
  if (options_.has_own_data_server) {
    LANEMQ_ASSIGN_OR_RETURN(own_data_server_,
                            testing::DatabaseServer::Start({.engine = options_.engine}));
    data_server_ = own_data_server_.get();
  }
  if (options_.is_data_node_proxied) {
    LANEMQ_ASSIGN_OR_RETURN(data_proxy_,
                            chaos::ChaosProxy::Start(data_server_->port(), options_.seed));
  }
  return {};
}

Status Cluster::AddDataNode() {
  for (int i = 1; i <= options_.data_nodes; ++i) {
    idl::AddDataNodeRequest request;
    request.name = fmt::format("node{}", i);
    request.host = data_server_->host();
    request.port = data_port();
    request.__set_schema_prefix(i == 1 ? prefix_ : fmt::format("{}n{}", prefix_, i));
    request.__set_schemas_max(options_.schemas_per_node);
    const auto added = control_plane_.AddDataNodeSync(metaserver(), request, In(20s));
    if (!added.ok()) return added.error().Wrap("add data node");
  }
  return {};
}

Status Cluster::Launch(Member& member, std::vector<std::string> argv) {
  // A name per start: the ready line of the last life must not be taken for this one's.
  const std::string name = fmt::format("{}.{}", member.name, ++member.starts);
  member.logs.push_back((dir_.path() / (name + ".err")).string());
  LANEMQ_ASSIGN_OR_RETURN(
      member.process,
      testing::Process::Start({.argv = std::move(argv), .output_dir = dir_.path(), .name = name}));
  const auto ports =
      member.process.WaitForOutput("ready (port=[0-9]+ admin_port=[0-9]+)", kStartTimeout);
  if (!ports.ok()) return ports.error().Wrap(name + ": " + member.process.Stderr());
  const MutexLock lock(mutex_);
  if (std::sscanf(ports->c_str(), "port=%d admin_port=%d", &member.port, &member.admin_port) != 2) {
    return Error{ErrorCode::kUnknownServerError, "not a ready line: " + *ports};
  }
  return {};
}

Status Cluster::StartMetaserver(int index) {
  Member& member = metaservers_.at(static_cast<std::size_t>(index));
  member.name = fmt::format("metaserver{}", index + 1);
  std::vector<std::string> argv = {
      std::string(LANEMQ_BIN_DIR) + "/lanemq-metaserver",
      fmt::format("--listen={}:{}", kHost, member.port),
      fmt::format("--meta-host={}", metadata_server_->host()),
      fmt::format("--meta-port={}", metadata_server_->port()),
      fmt::format("--meta-user={}", metadata_server_->user()),
      fmt::format("--node-user={}", data_server_->user()),
      fmt::format("--schema-prefix={}", prefix_),
  };
  argv.insert(argv.end(), options_.metaserver_flags.begin(), options_.metaserver_flags.end());
  return Launch(member, std::move(argv));
}

Status Cluster::StartBroker(int index) {
  Member& member = brokers_.at(static_cast<std::size_t>(index));
  member.name = fmt::format("broker{}", index + 1);
  std::string metaservers;
  for (int i = 0; i < options_.metaservers; ++i) {
    metaservers += (i == 0 ? "" : ",") + Address(metaserver(i));
  }
  std::vector<std::string> argv = {
      std::string(LANEMQ_BIN_DIR) + "/lanemq-broker",
      fmt::format("--broker-id={}", index + 1),
      fmt::format("--listen={}:{}", kHost, member.port),
      fmt::format("--data-dir={}", (dir_.path() / (member.name + ".data")).string()),
      fmt::format("--db-user={}", data_server_->user()),
  };
  if (!metaservers.empty()) {
    argv.push_back("--metaserver=" + metaservers);
  } else {
    argv.push_back("--start-patience-ms=100");
  }
  argv.insert(argv.end(), options_.broker_flags.begin(), options_.broker_flags.end());
  return Launch(member, std::move(argv));
}

Result<TestTopic> Cluster::CreateTopic(const std::string& name, std::int32_t partitions) {
  if (metaservers_.empty()) {
    std::vector<std::filesystem::path> files;
    for (int i = 0; i < brokers(); ++i) {
      files.push_back(dir_.path() / fmt::format("broker{}.data", i + 1) / "catalog.snapshot");
    }
    LANEMQ_ASSIGN_OR_RETURN(auto tables, SeedCatalog(*data_server_, data_port(), prefix_, name,
                                                     partitions, files, options_.topic_config));
    LANEMQ_RETURN_IF_ERROR(StartBrokers());
    LANEMQ_RETURN_IF_ERROR(WaitUntilKnown(name));
    return TestTopic{name, 1, std::move(tables)};
  }
  idl::CreateTopicRequest request;
  request.name = name;
  request.partitions = partitions;
  const auto created = control_plane_.CreateTopicSync(metaserver(), request, In(30s));
  if (!created.ok()) return created.error().Wrap("create topic");
  TestTopic topic{name, created->topic.topic_id, {}};
  for (const idl::PartitionMetadata& partition : created->topic.partitions) {
    topic.tables.push_back(fmt::format("`{}_{:02}`.`msg_{}_{}`", prefix_, partition.schema_index,
                                       topic.id, partition.partition));
  }
  LANEMQ_RETURN_IF_ERROR(WaitUntilKnown(name));
  return topic;
}

Status Cluster::WaitUntilKnown(const std::string& topic) {
  idl::MetadataRequest ask;
  ask.__set_topics({topic});
  for (int i = 0; i < brokers(); ++i) {
    const auto knows = WaitFor(
        [&] {
          const auto known = data_plane_.MetadataSync(broker(i), ask, In(5s));
          return known.ok() && known->topics.size() == 1 &&
                 known->topics[0].state == idl::TopicState::ACTIVE;
        },
        20s, "the topic at " + brokers_[static_cast<std::size_t>(i)].name);
    if (!knows) return Error{ErrorCode::kRequestTimedOut, knows.message()};
  }
  return {};
}

rpc::Endpoint Cluster::EndpointOf(const Member& member) const {
  const MutexLock lock(mutex_);
  return {kHost, static_cast<std::uint16_t>(member.port)};
}

rpc::Endpoint Cluster::broker(int index) const {
  return EndpointOf(brokers_.at(static_cast<std::size_t>(index)));
}

rpc::Endpoint Cluster::broker_admin(int index) const {
  const MutexLock lock(mutex_);
  const Member& member = brokers_.at(static_cast<std::size_t>(index));
  return {kHost, static_cast<std::uint16_t>(member.admin_port)};
}

rpc::Endpoint Cluster::metaserver_admin(int index) const {
  const MutexLock lock(mutex_);
  const Member& member = metaservers_.at(static_cast<std::size_t>(index));
  return {kHost, static_cast<std::uint16_t>(member.admin_port)};
}

rpc::Endpoint Cluster::metaserver(int index) const {
  return EndpointOf(metaservers_.at(static_cast<std::size_t>(index)));
}

std::vector<std::string> Cluster::bootstrap() const {
  std::vector<std::string> servers;
  for (const Member& member : metaservers_) servers.push_back(Address(EndpointOf(member)));
  for (const Member& member : brokers_) servers.push_back(Address(EndpointOf(member)));
  return servers;
}

void Cluster::KillBroker(int index) { broker_process(index).Kill(); }

int Cluster::StopBroker(int index, std::chrono::milliseconds timeout) {
  return broker_process(index).Terminate(timeout);
}

testing::Process& Cluster::broker_process(int index) {
  return brokers_.at(static_cast<std::size_t>(index)).process;
}

void Cluster::KillMetaserver(int index) {
  metaservers_.at(static_cast<std::size_t>(index)).process.Kill();
}

testing::Process& Cluster::metaserver_process(int index) {
  return metaservers_.at(static_cast<std::size_t>(index)).process;
}

int Cluster::StopMetaserver(int index, std::chrono::milliseconds timeout) {
  return metaservers_.at(static_cast<std::size_t>(index)).process.Terminate(timeout);
}

std::string Cluster::LogTails(std::size_t lines) const {
  std::string text;
  for (const auto* members : {&metaservers_, &brokers_}) {
    for (const Member& member : *members) {
      for (const std::string& path : member.logs) {
        std::ifstream file(path);
        std::deque<std::string> tail;
        for (std::string line; std::getline(file, line); tail.push_back(line)) {
          if (tail.size() == lines) tail.pop_front();
        }
        text +=
            fmt::format("---- the end of {}\n", std::filesystem::path(path).filename().string());
        for (const std::string& line : tail) text += line + "\n";
      }
    }
  }
  return text;
}

std::vector<std::string> Cluster::ErrorLines() const {
  std::vector<std::string> errors;
  for (const auto* members : {&metaservers_, &brokers_}) {
    for (const Member& member : *members) {
      for (const std::string& path : member.logs) {
        std::ifstream file(path);
        for (std::string line; std::getline(file, line);) {
          const bool is_error = line.find("Z error lanemq") != std::string::npos ||
                                line.find(R"("level":"error")") != std::string::npos ||
                                line.find("Sanitizer") != std::string::npos ||
                                line.find("terminate called") != std::string::npos;
          const bool is_expected = std::ranges::any_of(expected_errors_, [&](const auto& text) {
            return line.find(text) != std::string::npos;
          });
          if (is_error && !is_expected) errors.push_back(member.name + ": " + line);
        }
      }
    }
  }
  return errors;
}

namespace {

std::int64_t FromStatus(pid_t pid, const std::string& field) {
  std::ifstream file(fmt::format("/proc/{}/status", pid));
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(field + ":")) return std::atoll(line.c_str() + field.size() + 1);
  }
  return 0;
}

}  // namespace

std::int64_t ResidentKib(pid_t pid) { return FromStatus(pid, "VmRSS"); }
int ThreadsOf(pid_t pid) { return static_cast<int>(FromStatus(pid, "Threads")); }

}  // namespace lanemq::e2e
