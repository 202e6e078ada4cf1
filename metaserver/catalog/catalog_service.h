#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/core/catalog/login_hosts.h"
#include "common/core/store/catalog_store.h"
#include "common/core/store/message_store.h"
#include "common/core/store/node_admin.h"
#include "common/core/store/node_vault.h"
#include "common/core/types/audit.h"
#include "metaserver/catalog/snapshot_cache.h"

namespace lanemq::metaserver {

/// Changes of the catalogue.
///
/// What needs message tables has three steps: (1) one metadata transaction records the intention
/// with its places, (2) the tables are made or removed on the data nodes, each step harmless when
/// repeated, (3) one metadata transaction says that it is done. A crash or an error between two of
/// them is finished by the same call again, by any metaserver, or by the background job.
///
/// Whoever asks for a change gives the note for the audit log, whose row is written in step 1:
/// finishing is nobody's change.
/// Blocking. Thread safety: every method from any thread.
/// Errors of every method: those of CatalogStore, kDataNodeUnavailable with the intention kept.
class CatalogService {
 public:
  struct Options {
    /// For one whole change.
    std::chrono::milliseconds change_timeout{30'000};
    /// For how long a deleted topic can be brought back. 0: its tables go at once. Each topic keeps
    /// what it was promised when it was deleted.
    std::chrono::milliseconds undelete_retention{0};
    /// Who may be shown the login that servers have in their files.
    core::LoginHosts servers_login_hosts{};
  };

  struct CreateTopic {
    core::NewTopic topic;
    /// Compare the description of an existing topic too.
    bool has_description = false;
    std::vector<std::string> pinned_nodes;
    bool validate_only = false;
  };

  CatalogService(Options options, core::CatalogStore& store, core::MessageStore& messages,
                 core::NodeAdmin& nodes, const core::NodeVault& vault, SnapshotCache& cache,
                 const Clock& clock);

  /// The topic, active. With `validate_only` what it would be, with id 0.
  /// An equal existing topic (partitions, settings, description if given) is returned, finished
  /// first when it was in creation; one in deletion is deleted first, unless it can be brought
  /// back, which keeps its name: kTopicAlreadyExists. Errors: kInvalidTopic, kInvalidPartitions,
  /// kInvalidConfig, kInvalidRequest, kTopicAlreadyExists, kInsufficientCapacity.
  Result<core::Topic> Create(const CreateTopic& request, const core::AuditNote& note);
  enum class DeleteHow { kUndoable, kForGood };
  /// Until when it can be brought back; nullopt: it is gone. kForGood removes one as well that was
  /// deleted and can be brought back.
  /// Errors: kUnknownTopicOrPartition when there is none (any more), or, with kUndoable, when it is
  /// deleted already.
  Result<std::optional<core::TopicDeletion>> Delete(const std::string& name,
                                                    const core::AuditNote& note,
                                                    DeleteHow how = DeleteHow::kUndoable);
  /// The topic as it was when it was deleted. One that is not deleted is returned as it is.
  /// Errors: kUnknownTopicOrPartition; kFailedPrecondition when its tables go already.
  Result<core::Topic> Undelete(const std::string& name, const core::AuditNote& note);
  /// Errors: kInvalidConfig, kUnknownTopicOrPartition.
  Result<core::Topic> Alter(const core::TopicChange& change, const core::AuditNote& note);
  /// Errors: kInvalidPartitions, kUnknownTopicOrPartition, kInsufficientCapacity.
  Result<core::Topic> AddPartitions(const std::string& name, std::int32_t total,
                                    const core::AuditNote& note);

  /// Does what is left of steps 2 and 3 of a topic. Tables of one that can be brought back stay.
  Status Finish(const core::TopicRecord& record);

  /// Makes the node's schemas, then records it. With `login` servers sign in there as it says from
  /// then on, and otherwise as their files say, unless the node is there already.
  /// kFailedPrecondition, with what the server said, when the login is refused there or may not do
  /// what servers have to; and when servers' files say, and may not be shown at that host, which is
  /// then not called at all. The same of AlterNode().
  Result<core::DataNode> AddNode(core::DataNode node, const core::AuditNote& note,
                                 const std::optional<core::NodeLogin>& login = std::nullopt);
  /// A new address must be of a server that has the node's partitions, and a new login must work
  /// there, before servers hear of them: kFailedPrecondition. A login without a user: as the
  /// servers' files say from now on. `change.sealed_credentials` is not looked at.
  Result<core::DataNode> AlterNode(core::NodeChange change, const core::AuditNote& note,
                                   const std::optional<core::NodeLogin>& login = std::nullopt);
  /// Seals credentials anew that were sealed with another key than the first one. What cannot be
  /// opened or stored stays as it is, and the log says so.
  void ResealNodes();

  /// Everything that the metadata database has of nodes and topics, finished or not.
  struct Records {
    std::vector<core::DataNode> nodes;
    std::vector<core::TopicRecord> topics;
    std::vector<core::PartitionLocation> moving;  ///< See CatalogSnapshot.
  };
  Result<Records> LoadRecords(Deadline deadline);

 private:
  [[nodiscard]] Deadline ForChange() const;
  Status MakeTables(const core::TopicRecord& record, Deadline deadline);
  Status DropTables(const core::TopicRecord& record, std::int32_t from, Deadline deadline);
  Status FinishCreation(const core::TopicRecord& record, Deadline deadline);
  Status FinishDeletion(const core::TopicRecord& record, Deadline deadline);
  Result<core::Topic> FindActive(const std::string& name, Deadline deadline);
  /// The credentials of `node` from now on, sealed: as they are when they are the same.
  Status Seal(const core::NodeLogin& login, core::DataNode& node) const;
  /// Whether a login works at `node`, whose schemas are brought up to date, and may do everything.
  Status TryLogin(const core::DataNode& node, Deadline deadline);
  /// Fills in `change.sealed_credentials`.
  Status CheckNewPlace(core::NodeChange& change, const std::optional<core::NodeLogin>& login,
                       Deadline deadline);
  /// Makes sure that `messages_` can reach the nodes of `record`.
  void LearnNodes(const core::TopicRecord& record);

  const Options options_;
  core::CatalogStore& store_;
  core::MessageStore& messages_;
  core::NodeAdmin& nodes_;
  const core::NodeVault& vault_;
  SnapshotCache& cache_;
  const Clock& clock_;
};

}  // namespace lanemq::metaserver
