#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "common/core/store/lag_history.h"
#include "metaserver/oncall/lag_board.h"

namespace lanemq::metaserver {

/// Sums pictures up into rows of the finest tier of the history: one per group and topic, and one
/// per topic alone. What is idle has a row every five minutes only. Pure; not thread-safe.
class HistoryRows {
 public:
  /// The tracks of a group on a topic, for LagHistoryRow::partitions.
  using SavedTracksFn = std::function<std::string(const std::string& group, core::TopicId topic)>;

  /// `at`: the metadata database's clock when the picture was made. Returns the rows of the bucket
  /// before, when that has ended with it.
  std::vector<core::LagHistoryRow> Add(const LagPicture& picture, WallTime at,
                                       const SavedTracksFn& tracks);
  /// Rows of the bucket that has begun, as far as it goes: writing it again later replaces them.
  [[nodiscard]] std::vector<core::LagHistoryRow> Begun(const SavedTracksFn& tracks) const;
  /// Goes on from the rows that another metaserver wrote for the bucket that has begun.
  void Load(std::span<const core::LagHistoryRow> rows);
  void Clear();

 private:
  using Key = std::pair<std::string, core::TopicId>;
  struct Entry {
    core::LagHistoryRow row;
    core::LagStatus worst = core::LagStatus::kOk;
    bool is_active = false;
  };
  struct Memory {
    std::int64_t position = 0;  ///< Offsets or ends summed, as of the last picture.
    std::size_t parts = 0;      ///< Of so many partitions.
    std::int64_t used = 0;      ///< Number of the picture.
    std::int64_t written = 0;   ///< Bucket of the last row.
  };
  void AddTopics(const LagPicture& picture, std::map<core::TopicId, std::int64_t>& produced);
  void AddGroups(const LagPicture& picture, const std::map<core::TopicId, std::int64_t>& produced);
  Entry& EntryOf(const Key& key);
  /// How far it went since the last picture; 0 when that is not known.
  std::int64_t Step(const Key& key, std::int64_t position, std::size_t parts, std::int64_t number);
  [[nodiscard]] bool IsWorthARow(const Key& key, const Entry& entry) const;

  std::int64_t bucket_ = 0;  ///< Its beginning in microseconds; 0: none has begun.
  std::map<Key, Entry> entries_;
  std::map<Key, Memory> memory_;
  std::map<Key, core::LagHistoryRow> loaded_;
};

}  // namespace lanemq::metaserver
