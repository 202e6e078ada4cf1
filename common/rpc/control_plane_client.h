#pragma once

#include <functional>
#include <memory>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/rpc/client.h"

namespace lanemq::idl {
class AddDataNodeRequest;
class AddPartitionsRequest;
class AlterDataNodeRequest;
class AlterTopicRequest;
class BrokerHeartbeatRequest;
class BrokerHeartbeatResponse;
class CatalogRequest;
class CatalogResponse;
class CreateTopicRequest;
class DataNodeResponse;
class DeleteGroupRequest;
class DeleteGroupResponse;
class DeleteTopicRequest;
class DeleteTopicResponse;
class DescribeGroupRequest;
class DescribeGroupResponse;
class DescribeTopicRequest;
class FindCoordinatorRequest;
class FindCoordinatorResponse;
class ForgetOutboxRequest;
class ForgetOutboxResponse;
class GroupHeartbeatRequest;
class GroupHeartbeatResponse;
class JoinGroupRequest;
class JoinGroupResponse;
class LeaveGroupRequest;
class LeaveGroupResponse;
class ListBrokersRequest;
class ListBrokersResponse;
class ListDataNodesRequest;
class ListDataNodesResponse;
class ListGroupsRequest;
class ListGroupsResponse;
class ListOutboxesRequest;
class ListOutboxesResponse;
class ListTopicsRequest;
class ListTopicsResponse;
class MetadataRequest;
class MetadataResponse;
class ReportOutboxRequest;
class ReportOutboxResponse;
class ServerInfo;
class ServerInfoRequest;
class SyncGroupRequest;
class SyncGroupResponse;
class TopicResponse;
class UndeleteTopicRequest;
class UnregisterBrokerRequest;
class UnregisterBrokerResponse;
}  // namespace lanemq::idl

namespace lanemq::rpc {

/// Calls metaservers.
///
/// Every method exists twice: with a callback, and blocking (`...Sync`, not from a callback that
/// runs on the I/O thread). Errors are those of RpcClient plus what the server declares; a method
/// the server does not know is kUnsupportedVersion. Thread safety: every method from any thread.
/// Does not own the RpcClient, which outlives it.
class ControlPlaneClient {
 public:
  template <typename T>
  using Callback = std::function<void(Result<T>)>;

  explicit ControlPlaneClient(RpcClient& client) : client_(client) {}

  void CreateTopic(const Endpoint& endpoint, const idl::CreateTopicRequest& request,
                   Deadline deadline, Callback<idl::TopicResponse> callback);
  Result<idl::TopicResponse> CreateTopicSync(const Endpoint& endpoint,
                                             const idl::CreateTopicRequest& request,
                                             Deadline deadline);
  void ListTopics(const Endpoint& endpoint, const idl::ListTopicsRequest& request,
                  Deadline deadline, Callback<idl::ListTopicsResponse> callback);
  Result<idl::ListTopicsResponse> ListTopicsSync(const Endpoint& endpoint,
                                                 const idl::ListTopicsRequest& request,
                                                 Deadline deadline);
  void DescribeTopic(const Endpoint& endpoint, const idl::DescribeTopicRequest& request,
                     Deadline deadline, Callback<idl::TopicResponse> callback);
  Result<idl::TopicResponse> DescribeTopicSync(const Endpoint& endpoint,
                                               const idl::DescribeTopicRequest& request,
                                               Deadline deadline);
  void AlterTopic(const Endpoint& endpoint, const idl::AlterTopicRequest& request,
                  Deadline deadline, Callback<idl::TopicResponse> callback);
  Result<idl::TopicResponse> AlterTopicSync(const Endpoint& endpoint,
                                            const idl::AlterTopicRequest& request,
                                            Deadline deadline);
  void AddPartitions(const Endpoint& endpoint, const idl::AddPartitionsRequest& request,
                     Deadline deadline, Callback<idl::TopicResponse> callback);
  Result<idl::TopicResponse> AddPartitionsSync(const Endpoint& endpoint,
                                               const idl::AddPartitionsRequest& request,
                                               Deadline deadline);
  void DeleteTopic(const Endpoint& endpoint, const idl::DeleteTopicRequest& request,
                   Deadline deadline, Callback<idl::DeleteTopicResponse> callback);
  Result<idl::DeleteTopicResponse> DeleteTopicSync(const Endpoint& endpoint,
                                                   const idl::DeleteTopicRequest& request,
                                                   Deadline deadline);
  void UndeleteTopic(const Endpoint& endpoint, const idl::UndeleteTopicRequest& request,
                     Deadline deadline, Callback<idl::TopicResponse> callback);
  Result<idl::TopicResponse> UndeleteTopicSync(const Endpoint& endpoint,
                                               const idl::UndeleteTopicRequest& request,
                                               Deadline deadline);
  void AddDataNode(const Endpoint& endpoint, const idl::AddDataNodeRequest& request,
                   Deadline deadline, Callback<idl::DataNodeResponse> callback);
  Result<idl::DataNodeResponse> AddDataNodeSync(const Endpoint& endpoint,
                                                const idl::AddDataNodeRequest& request,
                                                Deadline deadline);
  void AlterDataNode(const Endpoint& endpoint, const idl::AlterDataNodeRequest& request,
                     Deadline deadline, Callback<idl::DataNodeResponse> callback);
  Result<idl::DataNodeResponse> AlterDataNodeSync(const Endpoint& endpoint,
                                                  const idl::AlterDataNodeRequest& request,
                                                  Deadline deadline);
  void ListDataNodes(const Endpoint& endpoint, const idl::ListDataNodesRequest& request,
                     Deadline deadline, Callback<idl::ListDataNodesResponse> callback);
  Result<idl::ListDataNodesResponse> ListDataNodesSync(const Endpoint& endpoint,
                                                       const idl::ListDataNodesRequest& request,
                                                       Deadline deadline);
  void ListBrokers(const Endpoint& endpoint, const idl::ListBrokersRequest& request,
                   Deadline deadline, Callback<idl::ListBrokersResponse> callback);
  Result<idl::ListBrokersResponse> ListBrokersSync(const Endpoint& endpoint,
                                                   const idl::ListBrokersRequest& request,
                                                   Deadline deadline);
  void BrokerHeartbeat(const Endpoint& endpoint, const idl::BrokerHeartbeatRequest& request,
                       Deadline deadline, Callback<idl::BrokerHeartbeatResponse> callback);
  Result<idl::BrokerHeartbeatResponse> BrokerHeartbeatSync(
      const Endpoint& endpoint, const idl::BrokerHeartbeatRequest& request, Deadline deadline);
  void UnregisterBroker(const Endpoint& endpoint, const idl::UnregisterBrokerRequest& request,
                        Deadline deadline, Callback<idl::UnregisterBrokerResponse> callback);
  Result<idl::UnregisterBrokerResponse> UnregisterBrokerSync(
      const Endpoint& endpoint, const idl::UnregisterBrokerRequest& request, Deadline deadline);
  void Catalog(const Endpoint& endpoint, const idl::CatalogRequest& request, Deadline deadline,
               Callback<idl::CatalogResponse> callback);
  Result<idl::CatalogResponse> CatalogSync(const Endpoint& endpoint,
                                           const idl::CatalogRequest& request, Deadline deadline);
  void FindCoordinator(const Endpoint& endpoint, const idl::FindCoordinatorRequest& request,
                       Deadline deadline, Callback<idl::FindCoordinatorResponse> callback);
  Result<idl::FindCoordinatorResponse> FindCoordinatorSync(
      const Endpoint& endpoint, const idl::FindCoordinatorRequest& request, Deadline deadline);
  void JoinGroup(const Endpoint& endpoint, const idl::JoinGroupRequest& request, Deadline deadline,
                 Callback<idl::JoinGroupResponse> callback);
  Result<idl::JoinGroupResponse> JoinGroupSync(const Endpoint& endpoint,
                                               const idl::JoinGroupRequest& request,
                                               Deadline deadline);
  void SyncGroup(const Endpoint& endpoint, const idl::SyncGroupRequest& request, Deadline deadline,
                 Callback<idl::SyncGroupResponse> callback);
  Result<idl::SyncGroupResponse> SyncGroupSync(const Endpoint& endpoint,
                                               const idl::SyncGroupRequest& request,
                                               Deadline deadline);
  void GroupHeartbeat(const Endpoint& endpoint, const idl::GroupHeartbeatRequest& request,
                      Deadline deadline, Callback<idl::GroupHeartbeatResponse> callback);
  Result<idl::GroupHeartbeatResponse> GroupHeartbeatSync(const Endpoint& endpoint,
                                                         const idl::GroupHeartbeatRequest& request,
                                                         Deadline deadline);
  void LeaveGroup(const Endpoint& endpoint, const idl::LeaveGroupRequest& request,
                  Deadline deadline, Callback<idl::LeaveGroupResponse> callback);
  Result<idl::LeaveGroupResponse> LeaveGroupSync(const Endpoint& endpoint,
                                                 const idl::LeaveGroupRequest& request,
                                                 Deadline deadline);
  void ListGroups(const Endpoint& endpoint, const idl::ListGroupsRequest& request,
                  Deadline deadline, Callback<idl::ListGroupsResponse> callback);
  Result<idl::ListGroupsResponse> ListGroupsSync(const Endpoint& endpoint,
                                                 const idl::ListGroupsRequest& request,
                                                 Deadline deadline);
  void DescribeGroup(const Endpoint& endpoint, const idl::DescribeGroupRequest& request,
                     Deadline deadline, Callback<idl::DescribeGroupResponse> callback);
  Result<idl::DescribeGroupResponse> DescribeGroupSync(const Endpoint& endpoint,
                                                       const idl::DescribeGroupRequest& request,
                                                       Deadline deadline);
  void DeleteGroup(const Endpoint& endpoint, const idl::DeleteGroupRequest& request,
                   Deadline deadline, Callback<idl::DeleteGroupResponse> callback);
  Result<idl::DeleteGroupResponse> DeleteGroupSync(const Endpoint& endpoint,
                                                   const idl::DeleteGroupRequest& request,
                                                   Deadline deadline);
  void ReportOutbox(const Endpoint& endpoint, const idl::ReportOutboxRequest& request,
                    Deadline deadline, Callback<idl::ReportOutboxResponse> callback);
  Result<idl::ReportOutboxResponse> ReportOutboxSync(const Endpoint& endpoint,
                                                     const idl::ReportOutboxRequest& request,
                                                     Deadline deadline);
  void ListOutboxes(const Endpoint& endpoint, const idl::ListOutboxesRequest& request,
                    Deadline deadline, Callback<idl::ListOutboxesResponse> callback);
  Result<idl::ListOutboxesResponse> ListOutboxesSync(const Endpoint& endpoint,
                                                     const idl::ListOutboxesRequest& request,
                                                     Deadline deadline);
  void ForgetOutbox(const Endpoint& endpoint, const idl::ForgetOutboxRequest& request,
                    Deadline deadline, Callback<idl::ForgetOutboxResponse> callback);
  Result<idl::ForgetOutboxResponse> ForgetOutboxSync(const Endpoint& endpoint,
                                                     const idl::ForgetOutboxRequest& request,
                                                     Deadline deadline);
  void Metadata(const Endpoint& endpoint, const idl::MetadataRequest& request, Deadline deadline,
                Callback<idl::MetadataResponse> callback);
  Result<idl::MetadataResponse> MetadataSync(const Endpoint& endpoint,
                                             const idl::MetadataRequest& request,
                                             Deadline deadline);
  void ServerInfo(const Endpoint& endpoint, const idl::ServerInfoRequest& request,
                  Deadline deadline, Callback<idl::ServerInfo> callback);
  Result<idl::ServerInfo> ServerInfoSync(const Endpoint& endpoint,
                                         const idl::ServerInfoRequest& request, Deadline deadline);

 private:
  RpcClient& client_;
};

}  // namespace lanemq::rpc
