#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "client/src/admin/describe.h"
#include "client/src/cluster/cluster.h"
#include "common/rpc/control_plane_client.h"
#include "common/rpc/data_plane_client.h"
#include "lanemq/admin.h"
#include "lanemq/on_call.h"

namespace lanemq {

/// What every method of Admin needs: calls that fail over. Thread safety: every method from any
/// thread.
class Admin::Impl {
 public:
  Impl(const AdminOptions& options, client::Security security)
      : cluster_(options, std::move(security), "admin") {}

  /// `method` of the control plane on any metaserver.
  template <typename Response, typename Request>
  Result<Response> Control(Result<Response> (rpc::ControlPlaneClient::*method)(const rpc::Endpoint&,
                                                                               const Request&,
                                                                               Deadline),
                           const Request& request) {
    return cluster_.CallAny<Response>(&client::Cluster::Metaservers, RequestDeadline(),
                                      [&](const rpc::Endpoint& server, Deadline deadline) {
                                        return (cluster_.control_plane().*method)(server, request,
                                                                                  deadline);
                                      });
  }

  /// `method` of the data plane on any broker.
  template <typename Response, typename Request>
  Result<Response> Data(Result<Response> (rpc::DataPlaneClient::*method)(const rpc::Endpoint&,
                                                                         const Request&, Deadline),
                        const Request& request) {
    return cluster_.CallAny<Response>(&client::Cluster::Brokers, RequestDeadline(),
                                      [&](const rpc::Endpoint& server, Deadline until) {
                                        return (cluster_.data_plane().*method)(server, request,
                                                                               until);
                                      });
  }

  Result<NodesById> Nodes() {
    LANEMQ_ASSIGN_OR_RETURN(
        const auto response,
        Control(&rpc::ControlPlaneClient::ListDataNodesSync, idl::ListDataNodesRequest()));
    NodesById nodes;
    for (const idl::DataNode& node : response.nodes) nodes[node.node_id] = node;
    return nodes;
  }

  /// What topics are described with. None for those who may not see data nodes: their names are
  /// left out then.
  Result<NodesById> NodesToName() {
    auto nodes = Nodes();
    if (nodes.ok() || nodes.error().code != ErrorCode::kClusterAuthorizationFailed) return nodes;
    return NodesById();
  }

  Result<TopicDescription> DescribeReply(const Result<idl::TopicResponse>& reply) {
    LANEMQ_RETURN_IF_ERROR(reply);
    LANEMQ_ASSIGN_OR_RETURN(const NodesById nodes, NodesToName());
    return Describe(reply->topic, nodes);
  }

  Deadline RequestDeadline() const {
    return Deadline::After(cluster_.clock(), cluster_.options().request_timeout);
  }
  client::Cluster& cluster() { return cluster_; }
  OnCallAdmin& on_call() { return on_call_; }

 private:
  client::Cluster cluster_;
  OnCallAdmin on_call_{cluster_};
};

}  // namespace lanemq
