#pragma once

#include <functional>
#include <utility>

#include "ControlPlane.h"
#include "metaserver/handlers/brokers.h"
#include "metaserver/handlers/context.h"
#include "metaserver/handlers/nodes.h"
#include "metaserver/handlers/topics.h"

namespace lanemq::metaserver {

/// The generated service. What waits for a database goes to the worker threads; the rest is
/// answered from the cache on the I/O thread.
class ControlPlane final : public idl::ControlPlaneCobSvIf {
 public:
  template <typename T>
  using Cob = std::function<void(const T&)>;
  using ErrorCob = std::function<void(::apache::thrift::TDelayedException*)>;

  explicit ControlPlane(const HandlerContext& context) : context_(context) {}

#define LANEMQ_BLOCKING(method, Request, Response, body)                                      \
  void method(Cob<idl::Response> cob, ErrorCob error, const idl::Request& request) override { \
    context_.Run(rpc::Responder<idl::Response>(std::move(cob), std::move(error)),             \
                 [this, request] { return body(context_, request); });                        \
  }
  LANEMQ_BLOCKING(createTopic, CreateTopicRequest, TopicResponse, HandleCreateTopic)
  LANEMQ_BLOCKING(alterTopic, AlterTopicRequest, TopicResponse, HandleAlterTopic)
  LANEMQ_BLOCKING(addPartitions, AddPartitionsRequest, TopicResponse, HandleAddPartitions)
  LANEMQ_BLOCKING(deleteTopic, DeleteTopicRequest, DeleteTopicResponse, HandleDeleteTopic)
  LANEMQ_BLOCKING(addDataNode, AddDataNodeRequest, DataNodeResponse, HandleAddDataNode)
  LANEMQ_BLOCKING(alterDataNode, AlterDataNodeRequest, DataNodeResponse, HandleAlterDataNode)
  LANEMQ_BLOCKING(brokerHeartbeat, BrokerHeartbeatRequest, BrokerHeartbeatResponse,
                  HandleBrokerHeartbeat)
  LANEMQ_BLOCKING(unregisterBroker, UnregisterBrokerRequest, UnregisterBrokerResponse,
                  HandleUnregisterBroker)
#undef LANEMQ_BLOCKING

  void listTopics(Cob<idl::ListTopicsResponse> cob, ErrorCob error,
                  const idl::ListTopicsRequest&) override {
    Responder(cob, error).Respond(HandleListTopics(context_));
  }
  void describeTopic(Cob<idl::TopicResponse> cob, ErrorCob error,
                     const idl::DescribeTopicRequest& request) override {
    Responder(cob, error).Finish(HandleDescribeTopic(context_, request));
  }
  void listDataNodes(Cob<idl::ListDataNodesResponse> cob, ErrorCob error,
                     const idl::ListDataNodesRequest&) override {
    Responder(cob, error).Respond(HandleListDataNodes(context_));
  }
  void listBrokers(Cob<idl::ListBrokersResponse> cob, ErrorCob error,
                   const idl::ListBrokersRequest& request) override {
    Responder(cob, error).Respond(HandleListBrokers(context_, request));
  }
  void catalog(Cob<idl::CatalogResponse> cob, ErrorCob error,
               const idl::CatalogRequest& request) override {
    Responder(cob, error).Respond(HandleCatalog(context_, request));
  }
  void metadata(Cob<idl::MetadataResponse> cob, ErrorCob error,
                const idl::MetadataRequest& request) override {
    Responder(cob, error).Respond(HandleMetadata(context_, request));
  }
  void serverInfo(Cob<idl::ServerInfo> cob, ErrorCob error,
                  const idl::ServerInfoRequest&) override {
    Responder(cob, error).Respond(HandleServerInfo(context_));
  }

 private:
  template <typename T>
  static rpc::Responder<T> Responder(Cob<T>& cob, ErrorCob& error) {
    return rpc::Responder<T>(std::move(cob), std::move(error));
  }

  const HandlerContext& context_;
};

}  // namespace lanemq::metaserver
