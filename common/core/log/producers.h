#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/base/result.h"
#include "common/core/types/ids.h"

namespace lanemq::core {

/// Consecutive sequences that were stored at consecutive offsets.
struct SequenceRun {
  std::int64_t first_sequence = 0;
  std::int64_t count = 0;
  Offset first_offset;
  bool operator==(const SequenceRun&) const = default;

  [[nodiscard]] bool Contains(std::int64_t sequence) const {
    return sequence >= first_sequence && sequence < first_sequence + count;
  }
  [[nodiscard]] Offset OffsetOf(std::int64_t sequence) const {
    return Offset{first_offset.value + (sequence - first_sequence)};
  }
};

struct ProducersLimits {
  std::size_t producers_max = 10'000;  ///< The longest silent one is forgotten first.
  std::size_t runs_max = 32;           ///< Per producer; the oldest is forgotten first.
  std::size_t encoded_runs_max = 8;    ///< Per producer, in a snapshot.
};

/// The idempotent producers of one partition: which sequence each sends next and where its recent
/// ones were stored, so that a repeated batch gets its original offsets.
///
/// A function of the log alone: whoever notes the same rows in the same order knows the same.
/// Producer ids that are not positive (no idempotence, or a broker's own) are not remembered.
/// Not thread-safe; one owner.
class Producers {
 public:
  explicit Producers(ProducersLimits limits = {}) : limits_(limits) {}
  Producers(Producers&&) = default;
  Producers& operator=(Producers&&) = default;

  /// The sequence that follows the newest stored one; nullopt when `producer` is not remembered.
  [[nodiscard]] std::optional<std::int64_t> NextSequence(ProducerId producer) const;
  /// The run that holds `sequence`; nullopt when it is not remembered.
  [[nodiscard]] std::optional<SequenceRun> Find(ProducerId producer, std::int64_t sequence) const;
  /// Remembers that `run` is in the log, after everything noted before.
  void Note(ProducerId producer, const SequenceRun& run);
  [[nodiscard]] std::size_t size() const { return by_age_.size(); }

  /// A snapshot, oldest producer first; with the newest runs of each only.
  [[nodiscard]] std::string Encode() const;
  /// kCorruptMessage when `encoded` is not what Encode() makes; producers above the limit are cut.
  static Result<Producers> Decode(std::string_view encoded, ProducersLimits limits = {});

 private:
  struct Producer {
    ProducerId id;
    std::int64_t next_sequence = 0;
    std::vector<SequenceRun> runs;  // Oldest first.
  };
  using ByAge = std::list<Producer>;

  ProducersLimits limits_;
  ByAge by_age_;  // The longest silent one first.
  std::unordered_map<ProducerId, ByAge::iterator> index_;
};

}  // namespace lanemq::core
