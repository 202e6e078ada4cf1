#pragma once

#include "common/base/result.h"
#include "common/rpc/client.h"
#include "common/rpc/control_plane_client.h"
#include "metaserver/handlers/services.h"
#include "metaserver/oncall/group_watcher.h"

namespace lanemq::metaserver {

/// Asks the coordinator of a group what it knows of its members: this process, or another
/// metaserver over the wire.
///
/// Thread safety: Describe() from any thread.
class GroupDescriber {
 public:
  /// `self`: what others reach this metaserver at. `peers`: how it calls others. `services`
  /// outlives it.
  GroupDescriber(Services& services, core::Endpoint self, rpc::ClientOptions peers);

  /// A DescribeGroupFn. Errors: those of describeGroup; kCoordinatorNotAvailable.
  Result<GroupDetails> Describe(const std::string& group, Deadline deadline);

 private:
  Services& services_;
  const core::Endpoint self_;
  rpc::RpcClient transport_;
  rpc::ControlPlaneClient client_;
};

}  // namespace lanemq::metaserver
