#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "common/base/mutex.h"
#include "common/base/time.h"

namespace lanemq {

/// Ids of tokens that the book does not have, and when each was first seen: a token that was issued
/// a moment ago must not be refused before the book has been compared with what there is.
///
/// Bounded: when `ids_max` are being waited for, further ones are refused at once.
/// Thread safety: every method from any thread.
class Sightings {
 public:
  struct Options {
    std::size_t ids_max = 10'000;
    /// An id is refused once the book was compared by a question asked so long after its first
    /// sighting: whoever is asked may himself be behind by that.
    std::chrono::milliseconds margin{0};
    /// An id is forgotten after this long: one that comes again is looked into again.
    std::chrono::milliseconds kept{60'000};
  };
  explicit Sightings(Options options) : options_(options) {}

  /// Whether the id may be newer than the book; notes the first sighting. Not of one that is
  /// Gone().
  bool MayBeNew(const std::string& id, MonotonicTime now);
  /// The book at hand was what there is, or was replaced by it, when somebody was asked at
  /// `asked_at`.
  void Confirm(MonotonicTime asked_at);
  /// The id was in a book, and is in the next one no more: it is not new. The last `ids_max` are
  /// remembered.
  void Gone(const std::string& id);
  [[nodiscard]] std::size_t size() const;

 private:
  const Options options_;
  mutable Mutex mutex_;
  std::unordered_map<std::string, MonotonicTime> first_seen_ LANEMQ_GUARDED_BY(mutex_);
  std::deque<std::string> gone_order_ LANEMQ_GUARDED_BY(mutex_);
  std::unordered_set<std::string> gone_ LANEMQ_GUARDED_BY(mutex_);
  MonotonicTime confirmed_ LANEMQ_GUARDED_BY(mutex_);
  MonotonicTime swept_at_ LANEMQ_GUARDED_BY(mutex_);
};

}  // namespace lanemq
