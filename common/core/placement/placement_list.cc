#include "common/core/placement/placement_list.h"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace lanemq::core {
namespace {

/// What comes behind it is wanted.
struct Place {
  std::string_view topic;
  std::int32_t partition = -1;
};

Result<Place> ParseCursor(std::string_view cursor) {
  if (cursor.empty()) return Place{};
  const std::size_t slash = cursor.rfind('/');
  Place place;
  if (slash != std::string_view::npos && slash > 0) {
    place.topic = cursor.substr(0, slash);
    const char* const end = cursor.data() + cursor.size();
    const auto parsed = std::from_chars(cursor.data() + slash + 1, end, place.partition);
    if (parsed.ec == std::errc{} && parsed.ptr == end && place.partition >= 0) return place;
  }
  return Error{ErrorCode::kInvalidRequest, "cursor: this is not what next_page has said"};
}

std::string CursorOf(const PlacedPartition& place) {
  return place.topic->name + "/" + std::to_string(place.partition->index);
}

}  // namespace

Result<PlacementPage> ListPlacements(const CatalogSnapshot& snapshot, const PlacementWish& wish) {
  LANEMQ_ASSIGN_OR_RETURN(const Place behind, ParseCursor(wish.cursor));
  PlacementPage page;
  const std::string_view from = std::max<std::string_view>(behind.topic, wish.topic_prefix);
  for (auto topic = std::ranges::lower_bound(snapshot.topics, from, {}, &Topic::name);
       topic != snapshot.topics.end() && topic->name.starts_with(wish.topic_prefix); ++topic) {
    for (const Partition& partition : topic->partitions) {
      if (topic->name == behind.topic && partition.index <= behind.partition) continue;
      if (wish.node && partition.node != *wish.node) continue;
      if (page.partitions.size() == wish.max) {
        page.next = CursorOf(page.partitions.back());
        return page;
      }
      page.partitions.push_back({&*topic, &partition});
    }
  }
  return page;
}

}  // namespace lanemq::core
