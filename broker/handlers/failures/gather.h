#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "broker/handlers/by_node.h"
#include "common/base/mutex.h"
#include "common/base/result.h"
#include "common/rpc/responder.h"

namespace lanemq::broker {

/// A call that gathers rows from data nodes, all of which must answer.
template <typename Request, typename Response, typename Row>
class GatherCall : public std::enable_shared_from_this<GatherCall<Request, Response, Row>> {
 public:
  GatherCall(Request r, rpc::Responder<Response> to)
      : request(std::move(r)), responder(std::move(to)) {}

  /// Runs `work(part)` for each part, side by side. Then, once: `finish(rows)` with what they gave,
  /// or the call fails with the error of one, the data node's name in front. `view` must be set.
  void Run(NodeWorkers& workers, std::vector<NodePart> parts,
           std::function<Result<std::vector<Row>>(const NodePart&)> work,
           std::function<void(std::vector<Row>&&)> finish) {
    const auto self = this->shared_from_this();
    RunOnNodes(
        workers, std::move(parts),
        [self, work = std::move(work)](const NodePart& part) { self->Add(part, work(part)); },
        [self](const NodePart& part, const Error& error) { self->Add(part, error); },
        [self, finish = std::move(finish)] { self->End(finish); });
  }

  const Request request;
  const rpc::Responder<Response> responder;
  std::shared_ptr<const CatalogView> view;  ///< Set before Run().

 private:
  void Add(const NodePart& part, Result<std::vector<Row>> found) {
    MutexLock lock(mutex_);
    if (!found.ok()) {
      error_ = ErrorOf(*view, part.node, found.error());
      return;
    }
    for (Row& row : *found) rows_.push_back(std::move(row));
  }
  void End(const std::function<void(std::vector<Row>&&)>& finish) {
    std::vector<Row> rows;
    {
      MutexLock lock(mutex_);
      if (error_) return responder.Fail(*error_);
      rows = std::move(rows_);
    }
    finish(std::move(rows));
  }

  Mutex mutex_;
  std::vector<Row> rows_ LANEMQ_GUARDED_BY(mutex_);
  std::optional<Error> error_ LANEMQ_GUARDED_BY(mutex_);
};

}  // namespace lanemq::broker
