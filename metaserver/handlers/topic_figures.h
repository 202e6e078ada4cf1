#pragma once

#include <span>
#include <unordered_map>

#include "common/base/time.h"
#include "common/core/types/catalog.h"
#include "lanemq_types.h"
#include "metaserver/oncall/facts.h"
#include "metaserver/oncall/lag_board.h"

namespace lanemq::metaserver {

/// What lag samples and facts know of each of `topics`; those of which nothing is known are left
/// out. Of partitions whose node was not read for 60 s before `now` nothing is known, and so of
/// their topic. Pure.
[[nodiscard]] std::unordered_map<core::TopicId, idl::TopicFigures> FiguresOf(
    const LagPicture& picture, const FactsView& facts, std::span<const core::Topic> topics,
    MonotonicTime now);

}  // namespace lanemq::metaserver
