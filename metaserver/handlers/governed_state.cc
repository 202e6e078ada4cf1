#include "common/core/policy/governed_state.h"

#include <utility>

#include <fmt/format.h>

#include "common/core/policy/bundle_json.h"
#include "metaserver/handlers/governed.h"
#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {
namespace {

/// Of one request; each costs a look-up.
constexpr std::size_t kNamesMax = 10'000;

}  // namespace

Result<idl::GovernedStateResponse> GovernedState(Services& services,
                                                 const idl::GovernedStateRequest& request) {
  LANEMQ_ASSIGN_OR_RETURN(Governance* const governance, GovernanceOf(services));
  if (request.names.size() > kNamesMax) {
    return Error{ErrorCode::kInvalidRequest,
                 fmt::format("{} names, {} at most", request.names.size(), kNamesMax)};
  }
  LANEMQ_ASSIGN_OR_RETURN(const core::PolicyWorld world, governance->World());
  const core::StateFilter filter{.kinds = request.kinds,
                                 .names = {request.names.begin(), request.names.end()},
                                 .team = request.team,
                                 .prefix = request.prefix};
  LANEMQ_ASSIGN_OR_RETURN(const core::Bundle state,
                          core::GovernedState(world, filter, services.clock.WallNow()));
  std::string text = core::BundleToText(state);
  if (text.size() > core::kStateBytesMax) {
    return Error{ErrorCode::kInsufficientCapacity,
                 fmt::format("{} bytes, {} at most at once: narrow it by kind, team, prefix or "
                             "names",
                             text.size(), core::kStateBytesMax)};
  }
  idl::GovernedStateResponse response;
  response.__set_bundle_json(std::move(text));
  return response;
}

}  // namespace lanemq::metaserver
