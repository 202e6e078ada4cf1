#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/handlers/by_node.h"
#include "broker/handlers/handler_context.h"
#include "common/core/store/dead_letter_store.h"
#include "lanemq_types.h"

namespace lanemq::broker {

/// What is wrong with a filter by itself, if anything.
Status CheckFilter(const idl::DeadLetterFilter& filter, const core::Limits& limits);
/// The topics it names.
[[nodiscard]] std::vector<std::string> TopicsOf(const idl::DeadLetterFilter& filter);
/// The filter of each data node that can have such letters: with ids, its own ones. It must have
/// passed CheckFilter(). kUnknownTopicOrPartition.
Result<std::map<core::NodeId, core::DeadLetterFilter>> SplitFilter(
    const CatalogView& view, const idl::DeadLetterFilter& filter);
/// kDataNodeUnavailable when a partition that the filter looks at on `node` is not there, or
/// leaves: "no such letters" would be no answer. After the node was asked.
Status CheckPresence(const HandlerContext& context, const CatalogView& view, core::NodeId node,
                     const core::DeadLetterFilter& filter, Deadline deadline);
/// Parts without a list for the nodes of SplitFilter().
[[nodiscard]] std::vector<NodePart> PartsOf(
    const std::map<core::NodeId, core::DeadLetterFilter>& filters);

/// Nullopt: the caller may read the topic's records. Else what is said instead of them. Members of
/// a group have read them once; who may not consume the topic any more must not go on. People have
/// to be allowed to peek.
[[nodiscard]] std::optional<std::string> WhyHidden(const Guard& guard, const core::Caller* caller,
                                                   const std::string& topic);

/// A letter for the wire. Copies the payload. Requires its topic in `view`.
void ToWire(const CatalogView& view, const core::DeadLetter& letter, idl::DeadLetter& out);
/// What the wire calls it: "running".
[[nodiscard]] const char* RedriveStateName(core::RedriveState state);
[[nodiscard]] idl::Redrive ToWire(const core::RedriveJob& job, const std::string& data_node);
[[nodiscard]] idl::DeadLetterDeed ToWire(const core::DeadLetterDeed& deed);

/// Calls `then` with a view that knows these topics, after a bounded refresh if need be. Those it
/// does not know then are deleted: the janitor removes their rows.
void WithTopicIds(Catalog& catalog, std::shared_ptr<const CatalogView> view,
                  const std::vector<core::TopicId>& ids,
                  std::function<void(std::shared_ptr<const CatalogView>)> then);

}  // namespace lanemq::broker
