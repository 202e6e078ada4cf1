#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "common/core/lag/lag_causes.h"
#include "common/core/lag/lag_evaluator.h"
#include "common/core/lag/lag_rates.h"
#include "common/core/lag/lag_track.h"
#include "common/core/store/lag_history.h"
#include "common/core/types/catalog.h"
#include "metaserver/oncall/group_book.h"
#include "metaserver/oncall/lag_board.h"
#include "metaserver/oncall/sampler.h"

namespace lanemq::metaserver {

/// Makes pictures of samples: verdicts, rates, causes. It remembers what verdicts need of the past.
/// Pure: told everything. Not thread-safe; one owner.
class Evaluation {
 public:
  using GroupTopic = std::pair<std::string, core::TopicId>;
  struct Options {
    core::LagWindows windows;
    std::size_t causes_max = 50;  ///< Groups whose coordinators are asked, the worst ones.
    /// Tracks that were loaded and whose partitions were not sampled since are forgotten.
    std::chrono::nanoseconds loaded_kept = std::chrono::minutes{10};
    /// What was known of a partition that is not sampled any more, but in the catalogue, since it
    /// moves to another data node.
    std::chrono::nanoseconds unsampled_kept = std::chrono::minutes{2};
  };
  struct Input {
    std::shared_ptr<const core::CatalogSnapshot> catalog;
    std::vector<Sampler::View> nodes;       ///< By id.
    std::shared_ptr<const GroupBook> book;  ///< nullptr: nothing was read yet.
    /// By the node's name: since when no canary had a message of it back. Others are well.
    std::map<std::string, std::chrono::milliseconds> canary_failing_for;
    MonotonicTime now;
    WallTime wall;
  };

  explicit Evaluation(Options options) : options_(options) {}

  /// Goes on from what another metaserver has written. For partitions that were not sampled yet.
  void Load(std::span<const core::LagHistoryRow> rows, MonotonicTime now);
  /// Forgets everything.
  void Clear();

  [[nodiscard]] LagPicture Evaluate(const Input& input);
  /// Groups and topics in trouble as of the last evaluation, the worst first, of at most
  /// `causes_max` groups: whose details causes are found with.
  [[nodiscard]] const std::vector<GroupTopic>& wanted() const { return wanted_; }
  /// Looks for causes again, in a picture of the last evaluation, with a newer book.
  void FindCauses(LagPicture& picture, const Input& input) const;

  /// The tracks of a group on a topic, for LagHistoryRow::partitions.
  [[nodiscard]] std::string SavedTracks(const std::string& group, core::TopicId topic) const;

 private:
  struct TopicFacts {
    const core::Topic* topic = nullptr;                 ///< Of catalog_.
    std::optional<std::chrono::milliseconds> keep_for;  ///< Of what nobody has read.
    bool is_unread_allowed = false;
  };
  struct PartitionState {
    core::LagTrack track;
    core::RateWindow committed;
    std::int64_t seen = 0;  ///< Number of the last evaluation that had a sample of it.
    MonotonicTime seen_at;  ///< When that was.
    core::JudgedPartition last;
  };
  struct GroupState {
    std::map<std::int32_t, PartitionState> partitions;
    core::LagObjective objective;
    const core::ObjectiveTable* objective_of =
        nullptr;  ///< The table `objective` was looked up in.
  };
  struct LogState {
    core::RateWindow end;
    std::int64_t seen = 0;
    MonotonicTime seen_at;
  };

  void TakeCatalog(const Input& input);
  void TakePartitions(const NodeSamples& samples);
  void TakeGroups(const NodeSamples& samples);
  /// nullptr: the catalogue does not have it.
  [[nodiscard]] const core::Partition* Find(const core::PartitionKey& key) const;
  /// The catalogue has the partition, on this node. While one moves, samples of two nodes may have
  /// it, of different times.
  [[nodiscard]] bool IsOn(core::NodeId node, const core::PartitionKey& key) const;
  /// Nobody could say anything about it, which is no news of the groups that read it.
  [[nodiscard]] bool IsUnsampled(const core::PartitionKey& key, MonotonicTime seen_at) const;
  /// What was last known of partitions that were not sampled stays for a while.
  void KeepUnsampled();
  core::GroupTopicLag& LagOf(const GroupTopic& key, const TopicFacts& facts,
                             const GroupState& state);
  GroupState& StateOf(const GroupTopic& key, const TopicFacts& facts);
  core::LagTrack LoadedTrack(const GroupTopic& key, std::int32_t partition);
  void Forget(MonotonicTime now);
  void Finish(core::GroupTopicLag& group, const GroupState& state, const Input& input) const;
  void FindCause(core::GroupTopicLag& group, const Input& input) const;
  void CountTopics(LagPicture& picture, const Input& input) const;
  void ChooseWanted(const LagPicture& picture);

  const Options options_;
  std::int64_t number_ = 0;
  MonotonicTime now_;  ///< Of this evaluation.
  std::shared_ptr<const core::CatalogSnapshot> catalog_;
  std::shared_ptr<const core::ObjectiveTable> objectives_;
  std::unordered_map<core::TopicId, TopicFacts> topics_;
  /// Of this evaluation.
  std::unordered_map<core::PartitionKey, core::PartitionSample> sampled_;
  std::unordered_map<core::PartitionKey, LogState> logs_;
  std::map<GroupTopic, GroupState> groups_;
  std::map<GroupTopic, core::GroupTopicLag> lags_;  ///< Of this evaluation, until it is finished.
  std::map<GroupTopic, core::PartitionTracks> loaded_;
  MonotonicTime loaded_at_;
  std::vector<GroupTopic> wanted_;
};

}  // namespace lanemq::metaserver
