#include "metaserver/access/audit_reader.h"

#include <algorithm>
#include <map>
#include <utility>

#include "common/base/log.h"
#include "common/base/mutex.h"

namespace lanemq::metaserver {
namespace {

using core::AuditMerge;
using core::kMetadataSource;
using core::NodeId;

/// Of one source, however many there are.
constexpr std::size_t kSourceBytesMin = 64 * 1'024;

}  // namespace

/// The answers of data nodes, which may come after nobody waits for them any more.
struct AuditReader::Round {
  Mutex mutex;
  CondVar wake;
  std::map<NodeId, Result<core::AuditPage>> answers LANEMQ_GUARDED_BY(mutex);
};

core::AuditSearch AuditReader::SearchFor(const Query& query, const AuditMerge::Ask& ask) const {
  core::AuditSearch search = query.search;
  search.before_id = ask.before_id;
  search.max = ask.max;
  const std::size_t share = options_.bytes_max / (query.nodes.size() + 1);
  search.bytes_max = std::clamp(share, kSourceBytesMin, core::AuditSearch::kPageBytesMax);
  return search;
}

std::shared_ptr<AuditReader::Round> AuditReader::AskNodes(const Query& query, const Asks& asks,
                                                          Deadline deadline) {
  auto round = std::make_shared<Round>();
  for (const AuditMerge::Ask& ask : asks) {
    if (ask.source == kMetadataSource) continue;
    const auto node = std::ranges::find(query.nodes, ask.source, &core::DataNode::id);
    const auto answer = [round, source = ask.source](Result<core::AuditPage> page) {
      MutexLock lock(round->mutex);
      round->answers.emplace(source, std::move(page));
      round->wake.NotifyAll();
    };
    const bool is_posted =
        pool_.TryPost([this, answer, deadline, node = *node, search = SearchFor(query, ask)] {
          if (deadline.HasPassed(clock_)) {
            return answer(Error{ErrorCode::kRequestTimedOut, "its turn did not come in time"});
          }
          answer(nodes_.SearchAudit(node, search, deadline));
        });
    if (!is_posted) answer(Error{ErrorCode::kThrottled, "too many searches wait for data nodes"});
  }
  return round;
}

Status AuditReader::AskAll(const Query& query, const Asks& asks, Deadline page, AuditMerge& merge) {
  const Deadline node{std::min(page.at, Deadline::After(clock_, options_.node_timeout).at)};
  const auto round = AskNodes(query, asks, node);
  std::size_t asked = asks.size();
  if (asks.front().source == kMetadataSource) {
    --asked;
    auto own = metadata_.Search(SearchFor(query, asks.front()), page);
    if (!own.ok()) return own.error();
    merge.Add(kMetadataSource, *std::move(own));
  }
  MutexLock lock(round->mutex);
  while (round->answers.size() < asked && !node.HasPassed(clock_)) {
    round->wake.WaitFor(round->mutex, node.Left(clock_));
  }
  for (const AuditMerge::Ask& ask : asks) {
    if (ask.source == kMetadataSource) continue;
    const auto answer = round->answers.find(ask.source);
    if (answer != round->answers.end() && answer->second.ok()) {
      merge.Add(ask.source, *std::move(answer->second));
      continue;
    }
    LANEMQ_LOG(INFO, "audit.node_unreachable", {"node_id", ask.source.value},
               {"error", answer == round->answers.end() ? "no answer in time"
                                                        : answer->second.error().ToString()});
    merge.Fail(ask.source);
  }
  return {};
}

Result<AuditMerge::Page> AuditReader::Search(const Query& query) {
  const Deadline page = Deadline::After(clock_, options_.timeout);
  std::vector<NodeId> sources;
  if (query.is_of_metadata) sources.push_back(kMetadataSource);
  for (const core::DataNode& node : query.nodes) sources.push_back(node.id);
  AuditMerge merge(query.from, sources,
                   {.max = query.search.max, .bytes_max = query.search.bytes_max});
  for (int round = 0;; ++round) {
    const Asks asks = merge.Asks();
    if (asks.empty()) break;
    // A page that has something may end here: the next one goes on.
    const bool is_late = round >= options_.rounds_max || page.HasPassed(clock_);
    if (is_late && !merge.IsEmpty()) break;
    LANEMQ_RETURN_IF_ERROR(AskAll(query, asks, page, merge));
  }
  return merge.Take();
}

}  // namespace lanemq::metaserver
