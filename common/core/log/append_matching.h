#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "common/core/log/append_request.h"

namespace lanemq::core {

/// Recognises the rows of attempted requests in the log, by (producer id, sequence): the answer to
/// "did the insert whose reply was lost take effect?".
///
/// Not thread-safe; one owner.
class AppendMatching {
 public:
  /// For every request of `queue` that is_attempted.
  explicit AppendMatching(const std::deque<AppendRequest>& queue);

  /// Rows read from the log. The same rows may be shown again.
  void Look(std::span<const RecordIdentity> rows);
  /// Outcomes of requests all of whose records have been seen; each is handed out once.
  std::vector<std::pair<AppendRequestId, AppendOutcome>> TakeFound();

 private:
  struct Wanted {
    AppendRequestId id;
    std::vector<Offset> offsets;  // Offset{0}: not seen.
    std::size_t seen = 0;
    WallTime timestamp;
  };
  struct Identity {
    ProducerId producer;
    std::int64_t sequence = 0;
    bool operator==(const Identity&) const = default;
  };
  struct IdentityHash {
    std::size_t operator()(const Identity& identity) const {
      // Unsigned: producer ids are random over all 63 bits.
      return static_cast<std::size_t>(static_cast<std::uint64_t>(identity.producer.value) * 31 +
                                      static_cast<std::uint64_t>(identity.sequence));
    }
  };
  struct Place {
    std::size_t request = 0;
    std::size_t record = 0;
  };

  std::vector<Wanted> wanted_;
  std::unordered_map<Identity, Place, IdentityHash> places_;
  std::vector<std::size_t> complete_;
};

}  // namespace lanemq::core
