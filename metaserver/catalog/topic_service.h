#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/core/store/catalog_store.h"
#include "common/core/store/message_store.h"
#include "metaserver/catalog/catalog_cache.h"

namespace lanemq::metaserver {

struct CreateTopic {
  core::NewTopic topic;
  std::vector<std::string> pinned_nodes;
  bool validate_only = false;
};

/// Changes of topics, each in three steps that a crash may come between:
/// (1) one transaction in the metadata database records the intention, (2) message tables are made
/// or dropped on the data nodes, (3) the metadata database records that it is done. Steps 2 and 3
/// are harmless to repeat: FinishAll() and a repeated request do.
/// Thread safety: every method from any thread. Blocking.
class TopicService {
 public:
  TopicService(core::CatalogStore& catalog, core::MessageStore& messages, CatalogCache& cache)
      : catalog_(catalog), messages_(messages), cache_(cache) {}

  /// An equal existing topic is returned. Errors: kTopicAlreadyExists when it differs, those of the
  /// rules and the placement, kFailedPrecondition while one of this name is being deleted.
  Result<core::Topic> Create(const CreateTopic& request, Deadline deadline);
  Result<core::Topic> Alter(const core::TopicChange& change, Deadline deadline);
  Result<core::Topic> AddPartitions(const std::string& name, std::int32_t total, Deadline deadline);
  Status Delete(const std::string& name, Deadline deadline);

  /// Finishes what was left half-made or half-deleted. How many topics it finished.
  Result<std::int64_t> FinishAll(Deadline deadline);

 private:
  Status Check(const CreateTopic& request) const;
  Result<core::Topic> Preview(const CreateTopic& request) const;
  Result<core::Topic> Finish(const core::TopicRecord& record, Deadline deadline);
  Status FinishDelete(const core::Topic& topic, Deadline deadline);
  Result<core::Topic> Load(const std::string& name, Deadline deadline);

  core::CatalogStore& catalog_;
  core::MessageStore& messages_;
  CatalogCache& cache_;
};

}  // namespace lanemq::metaserver
