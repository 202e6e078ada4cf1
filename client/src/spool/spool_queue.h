#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "client/src/spool/journal.h"
#include "common/core/outbox/outbox_streams.h"
#include "common/core/types/outbox.h"

namespace lanemq::client {

/// What is spooled and not done: where each record is in the journal, and which ones come next for
/// each partition. Records themselves stay in the journal: about 100 bytes of memory each.
///
/// Pure: no I/O. Not thread-safe; one owner.
class SpoolQueue {
 public:
  void Add(const core::OutboxMessage& message, const JournalPlace& place);
  /// It is in another place of the journal now.
  void Move(std::int64_t id, const JournalPlace& place);
  /// Harmless when it is not there.
  void Remove(std::int64_t id);
  [[nodiscard]] bool Has(std::int64_t id) const { return entries_.contains(id); }
  [[nodiscard]] const JournalPlace& PlaceOf(std::int64_t id) const { return entries_.at(id).place; }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  /// The first id of what is left; nullopt: nothing is.
  [[nodiscard]] std::optional<std::int64_t> Oldest() const;
  /// Of the journal, by what is left.
  [[nodiscard]] std::optional<std::uint32_t> OldestSegment() const;
  /// Of the records that are left, in the journal.
  [[nodiscard]] std::uint64_t bytes() const;
  [[nodiscard]] std::uint64_t BytesIn(std::uint32_t segment) const;
  [[nodiscard]] std::vector<std::int64_t> IdsIn(std::uint32_t segment) const;

  /// Topics with records left.
  [[nodiscard]] std::vector<std::string> Topics() const;
  [[nodiscard]] std::vector<std::int64_t> IdsOf(const std::string& topic) const;
  /// How many partitions the topic has, from now on.
  void SetPartitions(const std::string& topic, std::int32_t count);
  /// As it was set; nullopt: never.
  [[nodiscard]] std::optional<std::int32_t> PartitionsOf(const std::string& topic) const;
  /// Records for a partition that their topic does not have.
  [[nodiscard]] std::vector<std::int64_t> Misplaced() const;

  struct Limits {
    std::size_t rows_max = 1'000;  ///< Per partition.
    std::size_t bytes_max = 16u << 20;
  };
  /// What may be planned next: the first records of each partition that has no group in `streams`,
  /// and records without a key, oldest first. Partitions take turns in being first. `done`: stored
  /// or refused, though not removed yet; they are passed over. `was_cut`: there is more than the
  /// limit of bytes let through.
  [[nodiscard]] std::vector<std::int64_t> Next(const core::OutboxStreams& streams,
                                               const std::unordered_set<std::int64_t>& done,
                                               const Limits& limits, bool* was_cut);

 private:
  struct Entry {
    JournalPlace place;
    std::int32_t topic = 0;
    std::int32_t partition = -1;  ///< Asked for by the record; else -1.
    std::uint32_t hash = 0;       ///< Of the key.
    bool has_key = false;
    bool is_delayed = false;
  };
  struct Line {
    core::OutboxStreamKey key;  ///< Partition -1: whichever; without a key.
    std::deque<std::int64_t> ids;
  };
  struct Topic {
    std::string name;
    std::int32_t partitions = 0;  ///< 0: not known.
    std::size_t records = 0;
    std::map<std::pair<std::int32_t, bool>, Line> lines;
    std::deque<std::int64_t> misplaced;
  };

  [[nodiscard]] std::int32_t PartitionFor(const Topic& topic, const Entry& entry) const;
  std::deque<std::int64_t>& LineOf(Topic& topic, const Entry& entry);
  static bool IsReady(const Line& line, const core::OutboxStreams& streams);
  [[nodiscard]] const Topic* FindTopic(const std::string& name) const;

  std::map<std::int64_t, Entry> entries_;
  std::map<std::uint32_t, std::uint64_t> bytes_in_;  // By segment.
  std::vector<Topic> topics_;
  std::map<std::string, std::int32_t, std::less<>> topic_index_;
  std::size_t turn_ = 0;
};

}  // namespace lanemq::client
