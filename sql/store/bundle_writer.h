#pragma once

#include <chrono>
#include <cstdint>

#include "common/base/result.h"
#include "common/core/policy/changes.h"
#include "common/core/types/audit.h"
#include "sql/store/access_change.h"

namespace lanemq::sql {

/// Writes everything of a bundle that is rows of the metadata schema alone, in the transaction that
/// `change` is in, which holds catalogue and access state. What comes by the thousand (topics that
/// were made, groups, owners, grants) is read and written many rows at a time: the number of
/// statements rises with the kinds of changes, and by a few for each 500 of them. What changes or
/// deletes single topics, teams and quotas goes one by one.
///
/// Not thread-safe; one owner, one bundle.
class BundleWriter {
 public:
  /// `keep_deleted`: for how long deleted topics can be brought back; 0: not at all.
  BundleWriter(AccessChange& change, const core::AuditNote& note, std::int64_t request,
               std::chrono::microseconds keep_deleted)
      : change_(change), note_(note), request_(request), keep_deleted_(keep_deleted) {}

  /// What is made comes before what refers to it, and what is removed after what has referred to
  /// it. Errors: those of GovernanceStore::Commit().
  Status Write(const core::Bundle& bundle);
  [[nodiscard]] bool has_changed_catalogue() const { return has_changed_catalogue_; }

 private:
  Status ActivateTopics(const core::Bundle& bundle);
  Status AlterTopics(const core::Bundle& bundle);
  Status WriteTopicFacts(const core::Bundle& bundle);
  Status WriteGroupFacts(const core::Bundle& bundle);
  Status WriteOwners(const core::Bundle& bundle);
  Status WriteGrants(const core::Bundle& bundle);
  Status Revoke(const core::RevokeGrantChange& revoked);
  Status DeleteTopic(const core::DeleteTopicChange& deleted);
  Status DeleteGroup(const core::DeleteGroupChange& deleted);

  AccessChange& change_;
  const core::AuditNote& note_;
  const std::int64_t request_;
  const std::chrono::microseconds keep_deleted_;
  bool has_changed_catalogue_ = false;
};

}  // namespace lanemq::sql
