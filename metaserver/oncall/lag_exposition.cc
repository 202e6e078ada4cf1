#include "metaserver/oncall/lag_exposition.h"

#include <algorithm>
#include <chrono>

namespace lanemq::metaserver {
namespace {

using core::GroupTopicLag;
using core::JudgedPartition;
using enum TextMetrics::Type;

template <typename Duration>
double Seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

double Seconds(WallTime at) { return static_cast<double>(at.micros) / 1e6; }

}  // namespace

LagExposition::Labels& LagExposition::LabelsOf(const GroupTopicLag& group) {
  Labels& labels = labels_[{group.group, group.topic}];
  labels.used = number_;
  if (labels.group.empty()) {
    labels.group = LabelText({{"group", group.group}, {"topic", group.topic_name}});
  }
  const auto is_same = [](const JudgedPartition& partition, const auto& known) {
    return partition.sample.key.partition == known.first;
  };
  if (std::ranges::equal(group.partitions, labels.partitions, is_same)) return labels;
  labels.partitions.clear();
  for (const JudgedPartition& partition : group.partitions) {
    const std::int32_t index = partition.sample.key.partition;
    labels.partitions.emplace_back(index, LabelText({{"group", group.group},
                                                     {"topic", group.topic_name},
                                                     {"partition", std::to_string(index)}}));
  }
  return labels;
}

void LagExposition::Write(const LagPicture& picture, MonotonicTime now, double seconds,
                          TextMetrics& out) {
  ++number_;
  of_groups_.clear();
  of_groups_.reserve(picture.groups.size());
  for (const GroupTopicLag& group : picture.groups) of_groups_.push_back(&LabelsOf(group));
  // What must not be missing comes first: series beyond the limit are not written.
  out.Family("lanemq_lag_last_evaluation_timestamp_seconds", kGauge,
             "When lag was last judged; missing or old: nobody is on call");
  out.Series("", Seconds(picture.wall));
  out.Family("lanemq_lag_evaluation_seconds", kGauge, "What the last judging took");
  out.Series("", seconds);
  out.Family("lanemq_lag_rows_dropped_total", kCounter,
             "Offsets of groups beyond the sampler's limits, in all evaluations");
  rows_dropped_ += picture.rows_dropped;
  out.Series("", rows_dropped_);
  WriteRounds(picture, now, out);
  WriteVerdicts(picture, out);
  WriteGroups(picture, out);
  WriteTopics(picture, out);
  WritePartitions(picture, out);
  of_groups_.clear();
  std::erase_if(labels_, [this](const auto& entry) { return entry.second.used != number_; });
}

void LagExposition::WriteRounds(const LagPicture& picture, MonotonicTime now, TextMetrics& out) {
  out.Family("lanemq_lag_round_seconds", kGauge, "What the last reading of a data node took");
  for (const NodeRound& node : picture.nodes) {
    out.Series({{"node", node.name}}, Seconds(node.took));
  }
  out.Family("lanemq_lag_round_age_seconds", kGauge,
             "Since a data node was last read, or since it is to be");
  for (const NodeRound& node : picture.nodes) {
    const MonotonicTime since = node.rounds > 0 ? node.finished : node.began_to_sample;
    out.Series({{"node", node.name}}, Seconds(now - since));
  }
  out.Family("lanemq_lag_round_failures_total", kCounter, "Readings of a data node that failed");
  for (const NodeRound& node : picture.nodes) out.Series({{"node", node.name}}, node.failures);
}

void LagExposition::WriteVerdicts(const LagPicture& picture, TextMetrics& out) {
  out.Family("lanemq_group_status", kGauge, "1: the status of a group on a topic");
  for (const GroupTopicLag& group : picture.groups) {
    out.Series({{"group", group.group},
                {"topic", group.topic_name},
                {"status", core::ToString(group.status)}},
               std::int64_t{1});
  }
  out.Family("lanemq_group_cause", kGauge, "1: why a group that is in trouble is");
  for (const GroupTopicLag& group : picture.groups) {
    if (group.cause == core::LagCause::kNone) continue;
    out.Series({{"group", group.group},
                {"topic", group.topic_name},
                {"cause", core::ToString(group.cause)}},
               std::int64_t{1});
  }
  out.Family("lanemq_group_info", kGauge, "1: whose a group is, and whether it alerts");
  for (const GroupTopicLag& group : picture.groups) {
    out.Series({{"group", group.group},
                {"topic", group.topic_name},
                {"team", group.objective.owner},
                {"tier", group.objective.tier},
                {"alerts", group.objective.alerts_on ? "on" : "off"}},
               std::int64_t{1});
  }
}

void LagExposition::WriteGroups(const LagPicture& picture, TextMetrics& out) const {
  const auto each = [&](auto write) {
    for (std::size_t i = 0; i < picture.groups.size(); ++i) {
      write(picture.groups[i], of_groups_[i]->group);
    }
  };
  out.Family("lanemq_group_members", kGauge, "Members of a group");
  each([&](const GroupTopicLag& group, const std::string& labels) {
    out.Series(labels, std::int64_t{group.members});
  });
  out.Family("lanemq_group_lag_objective_seconds", kGauge,
             "Age of the oldest unread message that is still fine");
  each([&](const GroupTopicLag& group, const std::string& labels) {
    out.Series(labels, Seconds(group.objective.objective));
  });
  out.Family("lanemq_group_retention_headroom_seconds", kGauge,
             "Until retention reaches what a group has not read");
  each([&](const GroupTopicLag& group, const std::string& labels) {
    if (group.headroom) out.Series(labels, Seconds(*group.headroom));
  });
  out.Family("lanemq_group_skipped_messages_total", kCounter,
             "Messages that were removed before a group had read them");
  for (const GroupTopicLag& group : picture.groups) {
    if (group.lost_messages == 0) continue;
    out.Series({{"group", group.group}, {"topic", group.topic_name}, {"reason", "retention"}},
               group.lost_messages);
  }
}

void LagExposition::WriteTopics(const LagPicture& picture, TextMetrics& out) {
  out.Family("lanemq_topic_messages_produced_total", kCounter, "Messages of a topic, ever");
  for (const TopicRate& topic : picture.topics) {
    // What looks like fewer than before would be a reset.
    if (topic.is_whole) out.Series({{"topic", topic.topic_name}}, topic.produced);
  }
  out.Family("lanemq_topic_least_hourly_messages", kGauge,
             "Messages in the hour that had the least, of the last 24 full ones");
  for (const TopicRate& topic : picture.topics) {
    if (topic.least_hourly) out.Series({{"topic", topic.topic_name}}, *topic.least_hourly);
  }
  out.Family("lanemq_topic_groups", kGauge, "Groups with an offset in a topic");
  for (const TopicRate& topic : picture.topics) {
    out.Series({{"topic", topic.topic_name}}, std::int64_t{topic.groups});
  }
}

void LagExposition::WritePartitions(const LagPicture& picture, TextMetrics& out) {
  const auto each = [&](auto write) {
    for (std::size_t i = 0; i < picture.groups.size(); ++i) {
      const auto& partitions = picture.groups[i].partitions;
      for (std::size_t j = 0; j < partitions.size(); ++j) {
        write(partitions[j], of_groups_[i]->partitions[j].second);
      }
    }
  };
  out.Family("lanemq_group_lag_seconds", kGauge, "Age of the oldest unread message");
  each([&](const JudgedPartition& partition, const std::string& labels) {
    out.Series(labels, Seconds(partition.verdict.lag));
  });
  out.Family("lanemq_group_lag_messages", kGauge, "Unread messages");
  each([&](const JudgedPartition& partition, const std::string& labels) {
    out.Series(labels, partition.verdict.lag_messages);
  });
  out.Family("lanemq_group_committed_offset", kGauge, "The next offset a group reads");
  each([&](const JudgedPartition& partition, const std::string& labels) {
    if (partition.sample.committed.value >= 0) {
      out.Series(labels, partition.sample.committed.value);
    }
  });
  out.Family("lanemq_group_last_commit_timestamp_seconds", kGauge, "When a group last committed");
  each([&](const JudgedPartition& partition, const std::string& labels) {
    if (partition.sample.committed.value >= 0) {
      out.Series(labels, Seconds(partition.sample.committed_at));
    }
  });
}

}  // namespace lanemq::metaserver
