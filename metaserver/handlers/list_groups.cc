#include "metaserver/handlers/group_wire.h"
#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {

Result<idl::ListGroupsResponse> ListGroups(Services& services,
                                           const idl::ListGroupsRequest& /*request*/) {
  constexpr std::chrono::seconds kTimeout{5};
  LANEMQ_ASSIGN_OR_RETURN(const auto groups,
                          services.groups.List(Deadline::After(services.clock, kTimeout)));
  idl::ListGroupsResponse out;
  for (const core::GroupSummary& group : groups) {
    idl::GroupListing& listing = out.groups.emplace_back();
    listing.group = group.group_id;
    listing.state = NameOf(group.state);
    listing.generation = group.generation.value;
    listing.protocol = group.protocol;
    listing.members = static_cast<std::int32_t>(group.members);
    if (group.empty_since) listing.__set_empty_since_us(group.empty_since->micros);
  }
  return out;
}

}  // namespace lanemq::metaserver
