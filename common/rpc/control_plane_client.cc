#include "common/rpc/control_plane_client.h"

#include <utility>

#include "ControlPlane.h"
#include "common/rpc/typed_call.h"

namespace lanemq::rpc {

// One pair per method of the IDL: service that declares it, method, name here, request, reply.
#define LANEMQ_METHOD(service, method, Name, Request, Reply)                                   \
  void ControlPlaneClient::Name(const Endpoint& endpoint, const idl::Request& request,         \
                                Deadline deadline, Callback<idl::Reply> callback) {            \
    TypedCall<idl::service##_##method##_pargs, idl::service##_##method##_presult, idl::Reply>( \
        client_, endpoint, #method, request, deadline, std::move(callback));                   \
  }                                                                                            \
  Result<idl::Reply> ControlPlaneClient::Name##Sync(                                           \
      const Endpoint& endpoint, const idl::Request& request, Deadline deadline) {              \
    return TypedCallSync<idl::service##_##method##_pargs, idl::service##_##method##_presult,   \
                         idl::Reply>(client_, endpoint, #method, request, deadline);           \
  }

LANEMQ_METHOD(ControlPlane, createTopic, CreateTopic, CreateTopicRequest, TopicResponse)
LANEMQ_METHOD(ControlPlane, listTopics, ListTopics, ListTopicsRequest, ListTopicsResponse)
LANEMQ_METHOD(ControlPlane, describeTopic, DescribeTopic, DescribeTopicRequest, TopicResponse)
LANEMQ_METHOD(ControlPlane, alterTopic, AlterTopic, AlterTopicRequest, TopicResponse)
LANEMQ_METHOD(ControlPlane, addPartitions, AddPartitions, AddPartitionsRequest, TopicResponse)
LANEMQ_METHOD(ControlPlane, deleteTopic, DeleteTopic, DeleteTopicRequest, DeleteTopicResponse)
LANEMQ_METHOD(ControlPlane, undeleteTopic, UndeleteTopic, UndeleteTopicRequest, TopicResponse)
LANEMQ_METHOD(ControlPlane, addDataNode, AddDataNode, AddDataNodeRequest, DataNodeResponse)
LANEMQ_METHOD(ControlPlane, alterDataNode, AlterDataNode, AlterDataNodeRequest, DataNodeResponse)
LANEMQ_METHOD(ControlPlane, listDataNodes, ListDataNodes, ListDataNodesRequest,
              ListDataNodesResponse)
LANEMQ_METHOD(ControlPlane, listBrokers, ListBrokers, ListBrokersRequest, ListBrokersResponse)
LANEMQ_METHOD(ControlPlane, brokerHeartbeat, BrokerHeartbeat, BrokerHeartbeatRequest,
              BrokerHeartbeatResponse)
LANEMQ_METHOD(ControlPlane, unregisterBroker, UnregisterBroker, UnregisterBrokerRequest,
              UnregisterBrokerResponse)
LANEMQ_METHOD(ControlPlane, catalog, Catalog, CatalogRequest, CatalogResponse)
LANEMQ_METHOD(ControlPlane, findCoordinator, FindCoordinator, FindCoordinatorRequest,
              FindCoordinatorResponse)
LANEMQ_METHOD(ControlPlane, joinGroup, JoinGroup, JoinGroupRequest, JoinGroupResponse)
LANEMQ_METHOD(ControlPlane, syncGroup, SyncGroup, SyncGroupRequest, SyncGroupResponse)
LANEMQ_METHOD(ControlPlane, groupHeartbeat, GroupHeartbeat, GroupHeartbeatRequest,
              GroupHeartbeatResponse)
LANEMQ_METHOD(ControlPlane, leaveGroup, LeaveGroup, LeaveGroupRequest, LeaveGroupResponse)
LANEMQ_METHOD(ControlPlane, listGroups, ListGroups, ListGroupsRequest, ListGroupsResponse)
LANEMQ_METHOD(ControlPlane, describeGroup, DescribeGroup, DescribeGroupRequest,
              DescribeGroupResponse)
LANEMQ_METHOD(ControlPlane, deleteGroup, DeleteGroup, DeleteGroupRequest, DeleteGroupResponse)
LANEMQ_METHOD(ControlPlane, reportOutbox, ReportOutbox, ReportOutboxRequest, ReportOutboxResponse)
LANEMQ_METHOD(ControlPlane, listOutboxes, ListOutboxes, ListOutboxesRequest, ListOutboxesResponse)
LANEMQ_METHOD(ControlPlane, forgetOutbox, ForgetOutbox, ForgetOutboxRequest, ForgetOutboxResponse)
LANEMQ_METHOD(Common, metadata, Metadata, MetadataRequest, MetadataResponse)
LANEMQ_METHOD(Common, serverInfo, ServerInfo, ServerInfoRequest, ServerInfo)
#undef LANEMQ_METHOD

}  // namespace lanemq::rpc
