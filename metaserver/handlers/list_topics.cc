#include <string_view>
#include <unordered_map>

#include "common/rpc/wire/catalog.h"
#include "metaserver/handlers/handlers.h"
#include "metaserver/handlers/topic_figures.h"
#include "metaserver/oncall/facts_board.h"
#include "metaserver/oncall/on_call.h"

namespace lanemq::metaserver {
namespace {

void AddFigures(const Services& services, const core::CatalogSnapshot& snapshot,
                std::vector<idl::TopicMetadata>& topics) {
  std::unordered_map<core::TopicId, idl::TopicFigures> figures;
  const OnCall* on_call = services.on_call;
  const FactsBoard* facts = services.facts;
  const auto picture = on_call == nullptr ? nullptr : on_call->board().Current();
  if (picture && facts != nullptr) {
    figures = FiguresOf(*picture, facts->Look(), snapshot.topics, services.clock.Now());
  }
  const auto book = services.guard.book();
  for (idl::TopicMetadata& topic : topics) {
    const auto known = figures.find(core::TopicId{topic.topic_id});
    if (known != figures.end()) topic.__set_figures(known->second);
    if (book == nullptr) continue;
    const std::string_view owner = book->OwnerOf(core::ResourceKind::kTopic, topic.name);
    if (!owner.empty()) topic.__set_owner(std::string(owner));
  }
}

}  // namespace

Result<idl::ListTopicsResponse> ListTopics(Services& services,
                                           const idl::ListTopicsRequest& request) {
  const auto snapshot = services.cache.Current();
  idl::ListTopicsResponse out;
  const bool with_deleted = request.__isset.include_deleted && request.include_deleted;
  const bool without_partitions = request.__isset.omit_partitions && request.omit_partitions;
  for (const core::Topic& topic : snapshot->topics) {
    if (topic.deletion && !with_deleted) continue;
    out.topics.push_back(without_partitions ? wire::ToWireWithoutPartitions(topic)
                                            : ToWire(topic, *snapshot));
  }
  if (request.include_figures) AddFigures(services, *snapshot, out.topics);
  return out;
}

}  // namespace lanemq::metaserver
