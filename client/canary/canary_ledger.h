#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/time.h"

namespace lanemq::client {

struct CanaryTimes {
  std::chrono::nanoseconds late_after = std::chrono::seconds(1);  ///< From sending to reading.
  /// From the acknowledgement: not back by then, it is lost.
  std::chrono::nanoseconds lost_after = std::chrono::seconds(30);
  /// Without any answer for so long, sending has failed. More than the producer's patience.
  std::chrono::nanoseconds answer_within = std::chrono::seconds(60);
  std::chrono::nanoseconds window = std::chrono::seconds(60);  ///< Of the percentiles.
};

/// Since the beginning. Each message sent becomes exactly one of ok, late, lost and produce_errors,
/// once it is decided; a message that comes back after it was called lost stays lost.
struct CanaryCounts {
  std::int64_t ok = 0;
  std::int64_t late = 0;
  std::int64_t lost = 0;
  std::int64_t produce_errors = 0;
  std::int64_t duplicates = 0;  ///< Came back once more.
  bool operator==(const CanaryCounts&) const = default;
};

/// What became of the messages that one canary sent to one data node. Pure: time comes in.
/// Bounded: kRemembered messages, and as many delays. Not thread-safe.
class CanaryLedger {
 public:
  /// Messages of which an answer is awaited, or a second copy would be noticed.
  static constexpr std::size_t kRemembered = 1'000;

  CanaryLedger(CanaryTimes times, MonotonicTime now) : times_(times), last_back_(now) {}

  /// The number of the next message, which is sent now. nullopt: kRemembered are on their way.
  std::optional<std::int64_t> Send(MonotonicTime now);
  void Acked(std::int64_t sequence, MonotonicTime now, std::int64_t offset);
  void Failed(std::int64_t sequence);
  /// How long it took, if it is the first copy and was not given up.
  std::optional<std::chrono::nanoseconds> Back(std::int64_t sequence, MonotonicTime now);
  /// Decides what has waited too long.
  void Advance(MonotonicTime now);

  [[nodiscard]] const CanaryCounts& counts() const { return counts_; }
  /// Sent and not decided.
  [[nodiscard]] std::int64_t on_their_way() const { return on_their_way_; }
  /// Since a message came back, be it late; since the beginning when none did.
  [[nodiscard]] std::chrono::nanoseconds SilentFor(MonotonicTime now) const {
    return now - last_back_;
  }
  /// Of the delays within the window; `share` in (0, 1]. 0 without any.
  [[nodiscard]] std::chrono::nanoseconds Percentile(double share, MonotonicTime now) const;
  /// The lowest offset beyond `position` of an acknowledged message that is awaited: where to read
  /// on behind a hole.
  [[nodiscard]] std::optional<std::int64_t> AwaitedBeyond(std::int64_t position) const;

 private:
  enum class State { kSent, kAcked, kBack, kLost, kFailed };
  struct Message {
    State state = State::kSent;
    bool has_come = false;
    MonotonicTime sent;
    MonotonicTime acked;
    std::int64_t offset = -1;
  };
  struct Delay {
    MonotonicTime at;
    std::chrono::nanoseconds took{0};
  };

  /// Null: never sent, or forgotten.
  Message* Find(std::int64_t sequence);
  void Decide(Message& message, State state, std::int64_t& count);
  [[nodiscard]] static bool IsOpen(const Message& message) {
    return message.state == State::kSent || message.state == State::kAcked;
  }

  const CanaryTimes times_;
  CanaryCounts counts_;
  std::int64_t on_their_way_ = 0;
  std::int64_t first_ = 1;  ///< The number of messages_.front().
  std::deque<Message> messages_;
  std::deque<Delay> delays_;
  MonotonicTime last_back_;
};

/// The body of a canary's message. `run` is of one process and one start of it, so that several,
/// and one before and after its restart, do not take each other's messages for their own.
[[nodiscard]] std::string CanaryBody(std::string_view run, std::int64_t sequence);
/// The sequence of a message of `run`; nullopt: somebody else's.
[[nodiscard]] std::optional<std::int64_t> SequenceOf(std::string_view body, std::string_view run);

}  // namespace lanemq::client
