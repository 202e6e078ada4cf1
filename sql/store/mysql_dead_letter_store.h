#pragma once

#include "common/core/store/dead_letter_store.h"
#include "sql/store/data_nodes.h"

namespace lanemq::sql {

/// Dead letters on one data node. Reading is in mysql_dead_letter_store.cc, drop and expiry in
/// mysql_dead_letter_drop.cc, the jobs of redrives in mysql_dead_letter_jobs.cc, what moves letters
/// in mysql_dead_letter_redrive.cc.
///
/// Bounds: a page looks at 5,000 letters and holds 1,000 or 8 MiB; CountBy() counts the group's
/// first 500,000 letters; Drop() drops 500 and Expire() and StepRedrive() up to 1,000 in a
/// transaction, StepRedrive() no more than 16 MiB of bodies and, to a topic, of one partition.
/// Audit: a row per transaction that drops; for a redrive one when it is asked for and one when it
/// is done, with how many it moved; for expiry one a day and group, unless somebody did something
/// in between. What changes nothing leaves none.
class MySqlDeadLetterStore final : public core::DeadLetterStore {
 public:
  /// `nodes` must outlive the store.
  MySqlDeadLetterStore(DataNodes& nodes, core::NodeId node) : nodes_(nodes), node_(node) {}

  Result<core::DeadLetterPage> List(const core::DeadLetterFilter& filter,
                                    const std::optional<core::FailedId>& after, std::int32_t max,
                                    bool with_bodies, Deadline deadline) override;
  Result<core::DeadLetter> Get(const core::FailedId& id, Deadline deadline) override;
  Result<std::vector<Count>> CountBy(std::string_view group, Deadline deadline) override;
  Result<std::vector<core::DeadLetterDeed>> ListDeeds(std::string_view group, std::int32_t max,
                                                      Deadline deadline) override;

  Result<Dropped> Drop(const core::DeadLetterFilter& filter, const core::OperatorNote& note,
                       Deadline deadline) override;
  Result<std::int64_t> Expire(std::chrono::microseconds age, std::int32_t max,
                              const core::Fence& fence, Deadline deadline) override;

  Result<core::RedriveJob> BeginRedrive(const core::RedriveJob& job, Deadline deadline) override;
  Result<std::vector<core::RedriveJob>> ListRedrives(std::string_view group, bool only_running,
                                                     std::int32_t max, Deadline deadline) override;
  Result<core::RedriveJob> GetRedrive(std::int64_t id, Deadline deadline) override;
  Status CancelRedrive(std::int64_t id, const core::OperatorNote& note, Deadline deadline) override;

  Status RedriveEdited(const core::FailedId& id, const core::DeadLetterEdit& edit,
                       const core::OperatorNote& note, Deadline deadline) override;
  /// To the group: what is in its retries of the same record is replaced. To the topic: letters of
  /// partitions that no longer exist stay, and are passed.
  Result<core::RedriveJob> StepRedrive(std::int64_t id, std::int32_t max, const core::Fence& fence,
                                       Deadline deadline) override;

 private:
  DataNodes& nodes_;
  const core::NodeId node_;
};

}  // namespace lanemq::sql
