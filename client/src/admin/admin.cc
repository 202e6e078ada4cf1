#include "lanemq/admin.h"

#include "client/src/admin/admin_impl.h"
#include "client/src/options/endpoints.h"
#include "common/rpc/wire/errors.h"

namespace lanemq {
namespace {

// For a first look at the cluster, where an answer without it is possible.
constexpr std::chrono::seconds kFirstViewWait{2};

}  // namespace

Admin::Admin(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Admin::~Admin() = default;

Result<std::unique_ptr<Admin>> Admin::Create(AdminOptions options) {
  LANEMQ_RETURN_IF_ERROR(options.Validate());
  LANEMQ_ASSIGN_OR_RETURN(client::Security security, client::MakeSecurity(options));
  return std::unique_ptr<Admin>(new Admin(std::make_unique<Impl>(options, std::move(security))));
}

Result<TopicDescription> Admin::CreateTopic(const NewTopic& topic, bool validate_only) {
  idl::CreateTopicRequest request;
  request.name = topic.name;
  request.partitions = topic.partitions;
  if (!topic.config.empty()) request.__set_config(topic.config);
  if (!topic.description.empty()) request.__set_description(topic.description);
  if (!topic.pinned_nodes.empty()) request.__set_pinned_nodes(topic.pinned_nodes);
  if (validate_only) request.__set_validate_only(true);
  return impl_->DescribeReply(impl_->Control(&rpc::ControlPlaneClient::CreateTopicSync, request));
}

Result<std::vector<TopicDescription>> Admin::ListTopics() {
  LANEMQ_ASSIGN_OR_RETURN(
      const auto response,
      impl_->Control(&rpc::ControlPlaneClient::ListTopicsSync, idl::ListTopicsRequest()));
  LANEMQ_ASSIGN_OR_RETURN(const NodesById nodes, impl_->NodesToName());
  std::vector<TopicDescription> topics;
  for (const idl::TopicMetadata& topic : response.topics) topics.push_back(Describe(topic, nodes));
  return topics;
}

Result<TopicDescription> Admin::DescribeTopic(const std::string& name) {
  idl::DescribeTopicRequest request;
  request.name = name;
  return impl_->DescribeReply(impl_->Control(&rpc::ControlPlaneClient::DescribeTopicSync, request));
}

Result<TopicDescription> Admin::AlterTopic(const std::string& name,
                                           const std::map<std::string, std::string>& set,
                                           const std::vector<std::string>& unset,
                                           std::optional<std::string> description) {
  idl::AlterTopicRequest request;
  request.name = name;
  if (!set.empty()) request.__set_set_config(set);
  if (!unset.empty()) request.__set_unset_config(unset);
  if (description) request.__set_description(*description);
  return impl_->DescribeReply(impl_->Control(&rpc::ControlPlaneClient::AlterTopicSync, request));
}

Result<TopicDescription> Admin::AddPartitions(const std::string& name, std::int32_t partitions) {
  idl::AddPartitionsRequest request;
  request.name = name;
  request.partitions = partitions;
  return impl_->DescribeReply(impl_->Control(&rpc::ControlPlaneClient::AddPartitionsSync, request));
}

Result<TopicDescription> Admin::UndeleteTopic(const std::string& name) {
  idl::UndeleteTopicRequest request;
  request.name = name;
  return impl_->DescribeReply(impl_->Control(&rpc::ControlPlaneClient::UndeleteTopicSync, request));
}

Status Admin::DeleteTopic(const std::string& name, bool purge_now) {
  idl::DeleteTopicRequest request;
  request.name = name;
  if (purge_now) request.__set_purge_now(true);
  LANEMQ_RETURN_IF_ERROR(impl_->Control(&rpc::ControlPlaneClient::DeleteTopicSync, request));
  return {};
}

Result<NodeDescription> Admin::AddNode(const NewNode& node) {
  idl::AddDataNodeRequest request;
  request.name = node.name;
  request.host = node.host;
  request.port = node.port;
  request.__set_schema_prefix(node.schema_prefix);
  LANEMQ_ASSIGN_OR_RETURN(const auto response,
                          impl_->Control(&rpc::ControlPlaneClient::AddDataNodeSync, request));
  return Describe(response.node);
}

Result<NodeDescription> Admin::AlterNode(const std::string& name, const std::string& state) {
  idl::AlterDataNodeRequest request;
  request.name = name;
  if (state == "writable") request.__set_state(idl::NodeState::WRITABLE);
  if (state == "closed") request.__set_state(idl::NodeState::CLOSED);
  if (state == "disabled") request.__set_state(idl::NodeState::DISABLED);
  if (!request.__isset.state) {
    return Error{ErrorCode::kInvalidRequest,
                 "'" + state + "' is no state of a data node: writable, closed or disabled"};
  }
  LANEMQ_ASSIGN_OR_RETURN(const auto response,
                          impl_->Control(&rpc::ControlPlaneClient::AlterDataNodeSync, request));
  return Describe(response.node);
}

Result<std::vector<NodeDescription>> Admin::ListNodes() {
  LANEMQ_ASSIGN_OR_RETURN(const NodesById nodes, impl_->Nodes());
  std::vector<NodeDescription> out;
  for (const auto& [id, node] : nodes) out.push_back(Describe(node));
  return out;
}

Result<std::vector<BrokerDescription>> Admin::ListBrokers(bool include_dead) {
  idl::ListBrokersRequest request;
  request.__set_include_dead(include_dead);
  LANEMQ_ASSIGN_OR_RETURN(const auto response,
                          impl_->Control(&rpc::ControlPlaneClient::ListBrokersSync, request));
  std::vector<BrokerDescription> brokers;
  for (const idl::Broker& broker : response.brokers) brokers.push_back(Describe(broker));
  return brokers;
}

Result<StoredRecord> Admin::GetMessage(const TopicPartition& partition, std::int64_t offset) {
  idl::GetMessageRequest request;
  request.topic = partition.topic;
  request.partition = partition.partition;
  request.offset = offset;
  LANEMQ_ASSIGN_OR_RETURN(auto response,
                          impl_->Data(&rpc::DataPlaneClient::GetMessageSync, request));
  StoredRecord out;
  idl::StoredMessage& message = response.message;
  out.record.source = std::make_shared<const TopicPartition>(partition);
  out.record.offset = message.offset;
  out.record.timestamp_us = message.timestamp_us;
  if (message.__isset.key) out.record.key = std::move(message.key);
  if (message.__isset.body) out.record.body = std::move(message.body);
  for (idl::Header& h : message.headers) out.record.headers.push_back({h.name, h.value});
  out.record.codec = message.codec;
  out.producer_id = message.producer_id;
  out.sequence = message.sequence;
  out.table = response.table_name;
  out.node_name = response.data_node;
  return out;
}

Result<std::vector<GroupOffset>> Admin::GroupOffsets(const std::string& group) {
  idl::FetchOffsetsRequest request;
  request.group = group;
  LANEMQ_ASSIGN_OR_RETURN(const auto response,
                          impl_->Data(&rpc::DataPlaneClient::FetchOffsetsSync, request));
  std::vector<GroupOffset> offsets;
  idl::ListOffsetsRequest ends;
  for (const auto& result : response.partitions) {
    if (result.__isset.error) return wire::FromWire(result.error).Wrap(result.topic);
    if (result.offset < 0) continue;
    offsets.push_back({{result.topic, result.partition},
                       result.offset,
                       -1,
                       result.generation,
                       result.committed_at_us,
                       result.metadata});
    idl::ListOffsetsPartition& end = ends.partitions.emplace_back();
    end.topic = result.topic;
    end.partition = result.partition;
    end.timestamp_us = -1;
  }
  if (offsets.empty()) return offsets;
  LANEMQ_ASSIGN_OR_RETURN(const auto listed,
                          impl_->Data(&rpc::DataPlaneClient::ListOffsetsSync, ends));
  for (std::size_t i = 0; i < offsets.size() && i < listed.partitions.size(); ++i) {
    if (listed.partitions[i].__isset.offset) {
      offsets[i].log_end_offset = listed.partitions[i].offset;
    }
  }
  return offsets;
}

Result<ServerDescription> Admin::DescribeServer(const std::string& address) {
  LANEMQ_ASSIGN_OR_RETURN(const rpc::Endpoint endpoint, client::ParseEndpoint(address));
  LANEMQ_ASSIGN_OR_RETURN(const auto info,
                          impl_->cluster().data_plane().ServerInfoSync(
                              endpoint, idl::ServerInfoRequest(), impl_->RequestDeadline()));
  return ServerDescription{
      address, info.role, info.version, info.now_us, info.metadata_version, info.cluster_id};
}

Result<std::vector<std::string>> Admin::KnownServers() {
  impl_->cluster().WaitForView(Deadline::After(impl_->cluster().clock(), kFirstViewWait));
  std::vector<std::string> servers;
  for (const rpc::Endpoint& endpoint : impl_->cluster().KnownServers()) {
    servers.push_back(endpoint.ToString());
  }
  return servers;
}

}  // namespace lanemq
