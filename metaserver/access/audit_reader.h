#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/base/thread_pool.h"
#include "common/core/audit/audit_merge.h"
#include "common/core/store/audit_log.h"
#include "common/core/store/node_admin.h"
#include "common/core/types/catalog.h"

namespace lanemq::metaserver {

/// Reads the audit logs of the metadata database and of data nodes as one.
///
/// Data nodes are asked side by side, each for a bounded time: those that do not answer in it are
/// told, and hold nobody up longer. Blocking. Thread safety: Search() from any thread; the
/// destructor waits for what was asked last.
class AuditReader {
 public:
  struct Options {
    std::size_t threads = 16;
    std::size_t queue_max = 4'000;                  ///< Questions that wait for a thread.
    std::chrono::milliseconds node_timeout{2'000};  ///< Of one question.
    std::chrono::milliseconds timeout{8'000};       ///< Of a page.
    int rounds_max = 32;                            ///< Of questions, for one page.
    /// What is in memory for one page, shared among the sources.
    std::size_t bytes_max = 32u << 20;
  };
  /// What is asked for: `search.before_id` is not looked at.
  struct Query {
    core::AuditSearch search;
    core::AuditPositions from;
    bool is_of_metadata = true;         ///< Whether the metadata database is among the sources.
    std::vector<core::DataNode> nodes;  ///< The others.
  };

  /// Not owned; they outlive this object.
  AuditReader(Options options, core::AuditLog& metadata, core::NodeAdmin& nodes, const Clock& clock)
      : options_(options),
        metadata_(metadata),
        nodes_(nodes),
        clock_(clock),
        pool_({"audit-nodes", options.threads, options.queue_max}) {}

  /// A page. Errors: those of the metadata database's log, when it is a source.
  Result<core::AuditMerge::Page> Search(const Query& query);

 private:
  struct Round;
  using Asks = std::vector<core::AuditMerge::Ask>;
  Status AskAll(const Query& query, const Asks& asks, Deadline page, core::AuditMerge& merge);
  std::shared_ptr<Round> AskNodes(const Query& query, const Asks& asks, Deadline deadline);
  [[nodiscard]] core::AuditSearch SearchFor(const Query& query,
                                            const core::AuditMerge::Ask& ask) const;

  const Options options_;
  core::AuditLog& metadata_;
  core::NodeAdmin& nodes_;
  const Clock& clock_;
  ThreadPool pool_;
};

}  // namespace lanemq::metaserver
