#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "broker/handlers/by_node.h"
#include "broker/handlers/handler_context.h"
#include "common/rpc/responder.h"
#include "common/rpc/wire/errors.h"

namespace lanemq::broker {

/// A call with a list of partitions, each of which gets a result of its own, or an error, at its
/// place. Each data node's thread writes to places of its own.
template <typename Request, typename Response>
struct PartitionCall {
  PartitionCall(Request&& r, rpc::Responder<Response> to)
      : request(std::move(r)), responder(std::move(to)) {
    responder.NoteDetail(DetailOf(request.partitions));
    for (const auto& wanted : request.partitions) {
      auto& result = response.partitions.emplace_back();
      result.topic = wanted.topic;
      result.partition = wanted.partition;
    }
  }
  void Fail(std::size_t place, const Error& error) {
    response.partitions[place].error = wire::ToWire(error, responder.request_id());
    response.partitions[place].__isset.error = true;
  }
  void Fail(const NodePart& part, const Error& error) {
    for (const std::size_t place : part.places) Fail(place, error);
  }

  Request request;
  const rpc::Responder<Response> responder;
  Response response;
};

/// Refuses a call that was not `checked` well. Otherwise makes its State and goes on with
/// `begin(state, view)` once its topics are known.
template <typename State, typename Request, typename Response, typename Begin>
void StartCall(Catalog& catalog, const Status& checked, Request&& request,
               rpc::Responder<Response> responder, Begin begin) {
  if (!checked.ok()) {
    responder.Fail(checked.error());
    return;
  }
  auto state = std::make_shared<State>(std::forward<Request>(request), std::move(responder));
  WithTopics(catalog, TopicsOf(state->request.partitions),
             [state, begin = std::move(begin)](std::shared_ptr<const CatalogView> view) {
               begin(state, std::move(view));
             });
}

/// Runs `work(part)` for each of `parts`, then answers. Nodes where too much waits get their error.
template <typename Call, typename Work>
void RunParts(NodeWorkers& workers, const std::shared_ptr<Call>& call, std::vector<NodePart> parts,
              Work work) {
  RunOnNodes(
      workers, std::move(parts), std::move(work),
      [call](const NodePart& part, const Error& error) { call->Fail(part, error); },
      [call] { call->responder.Respond(call->response); });
}

/// The same for all of the call's partitions; those that are nowhere get their error.
template <typename Call, typename Work>
void RunByNode(NodeWorkers& workers, const CatalogView& view, const std::shared_ptr<Call>& call,
               Work work) {
  auto parts =
      SplitByNode(view, call->request.partitions,
                  [&](std::size_t place, const Error& error) { call->Fail(place, error); });
  RunParts(workers, call, std::move(parts), std::move(work));
}

}  // namespace lanemq::broker
