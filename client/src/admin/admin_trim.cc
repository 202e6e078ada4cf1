// Trims of logs.
#include <utility>

#include "client/src/admin/admin_impl.h"

namespace lanemq {

Result<std::vector<TrimmedPartition>> Admin::Trim(const std::vector<TrimTo>& partitions,
                                                  const TrimOptions& options) {
  idl::TrimRequest request;
  for (const TrimTo& to : partitions) {
    idl::TrimPartition& partition = request.partitions.emplace_back();
    partition.__set_topic(to.partition.topic);
    partition.__set_partition(to.partition.partition);
    if (to.before_offset) partition.__set_before_offset(*to.before_offset);
    if (to.before_us) partition.__set_before_us(*to.before_us);
  }
  request.__set_lose_unread(options.lose_unread);
  request.__set_dry_run(options.dry_run);
  request.__set_requested_by(impl_->cluster().options().client_id);
  if (!options.reason.empty()) request.__set_reason(options.reason);
  LANEMQ_ASSIGN_OR_RETURN(auto response, impl_->Data(&rpc::DataPlaneClient::TrimSync, request));
  std::vector<TrimmedPartition> trimmed;
  for (idl::TrimPartitionResult& result : response.partitions) {
    TrimmedPartition& one = trimmed.emplace_back();
    one.partition = {std::move(result.topic), result.partition};
    one.old_start = result.old_start;
    one.new_start = result.new_start;
    one.groups_below = std::move(result.groups_below);
    if (result.__isset.error) {
      one.error = Error{ErrorCodeFromNumber(result.error.code), std::move(result.error.message)};
    }
  }
  return trimmed;
}

}  // namespace lanemq
