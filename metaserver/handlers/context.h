#pragma once

#include <atomic>
#include <string>
#include <utility>

#include "common/base/clock.h"
#include "common/base/thread_pool.h"
#include "common/core/store/catalog_store.h"
#include "common/core/store/node_admin.h"
#include "common/rpc/responder.h"
#include "metaserver/catalog/catalog_cache.h"
#include "metaserver/catalog/topic_service.h"
#include "metaserver/options.h"

namespace lanemq::metaserver {

/// What handlers work with. Owned by the Metaserver, which outlives them.
struct HandlerContext {
  const MetaserverOptions& options;
  core::CatalogStore& catalog;
  core::NodeAdmin& nodes;
  CatalogCache& cache;
  TopicService& topics;
  ThreadPool& workers;
  const Clock& clock;
  const std::atomic<bool>& is_draining;

  [[nodiscard]] Deadline RequestDeadline() const {
    return Deadline::After(clock, options.request_timeout);
  }

  /// Runs `work` (which returns a Result<T>) on a worker thread and answers with what it returns.
  template <typename T, typename Work>
  void Run(const rpc::Responder<T>& responder, Work work) const {
    const bool is_accepted = workers.TryPost(
        [responder, work = std::move(work)]() mutable { responder.Finish(work()); });
    if (is_accepted) return;
    responder.Fail({ErrorCode::kThrottled, "too many requests wait at this metaserver", 200});
  }
};

}  // namespace lanemq::metaserver
