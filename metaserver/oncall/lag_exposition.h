#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "common/base/time.h"
#include "metaserver/oncall/lag_board.h"
#include "metaserver/oncall/text_metrics.h"

namespace lanemq::metaserver {

/// Pictures as families of lanemq_group_*, lanemq_topic_* and lanemq_lag_*. The text of labels is
/// kept from one picture to the next: escaping 40,000 of them each time would cost more than all
/// the rest. Not thread-safe; one owner.
class LagExposition {
 public:
  /// Everything of `picture`, as of `now`. `seconds`: what the evaluation took of a thread.
  void Write(const LagPicture& picture, MonotonicTime now, double seconds, TextMetrics& out);
  /// Forgets the labels.
  void Clear() { labels_.clear(); }

 private:
  struct Labels {
    std::string group;                                             ///< {group,topic}
    std::vector<std::pair<std::int32_t, std::string>> partitions;  ///< {group,topic,partition}
    std::string topic_name;
    std::int64_t used = 0;
  };
  Labels& LabelsOf(const core::GroupTopicLag& group);
  void WritePartitions(const LagPicture& picture, TextMetrics& out);
  void WriteGroups(const LagPicture& picture, TextMetrics& out) const;
  static void WriteVerdicts(const LagPicture& picture, TextMetrics& out);
  static void WriteTopics(const LagPicture& picture, TextMetrics& out);
  static void WriteRounds(const LagPicture& picture, MonotonicTime now, TextMetrics& out);

  std::int64_t number_ = 0;
  std::int64_t rows_dropped_ = 0;  ///< Of all pictures.
  std::map<std::pair<std::string, core::TopicId>, Labels> labels_;
  std::vector<const Labels*> of_groups_;  ///< One per group of the picture, while it is written.
};

}  // namespace lanemq::metaserver
