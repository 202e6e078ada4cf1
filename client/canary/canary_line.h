#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "lanemq/options.h"

namespace lanemq {
class Admin;
}  // namespace lanemq

namespace lanemq::client {

/// The way to one data node and back: a topic with one partition there, a producer and a consumer
/// of their own, so that a node that hangs delays nobody else. Not thread-safe but for Wake().
class CanaryLine {
 public:
  /// Offset -1: stored, and the broker no longer knows where.
  using Answer = std::function<void(const Result<std::int64_t>& offset)>;

  virtual ~CanaryLine() = default;
  /// Makes the topic unless it is there, and reads from its end on. Blocks for some seconds.
  /// Repeated after an error, and when the topic is gone.
  virtual Status Open() = 0;
  /// Blocks for 2 s at most. `answer` comes later, on another thread, before the destructor
  /// returns; not after an error.
  virtual Status Send(std::string body, Answer answer) = 0;
  /// Bodies that have come. Errors: kDataLossDetected (a hole at Position()), kOffsetOutOfRange,
  /// and what Open() may mend.
  virtual Result<std::vector<std::string>> Poll(std::chrono::milliseconds timeout) = 0;
  /// The next offset to read, -1 when it is not known.
  virtual std::int64_t Position() = 0;
  /// Goes on at `offset`; nullopt: at the end.
  virtual Status SkipTo(std::optional<std::int64_t> offset) = 0;
  /// Makes a running or the next Poll() return. Any thread.
  virtual void Wake() = 0;
};

/// "lanemq.canary.NODE".
[[nodiscard]] std::string CanaryTopic(const std::string& node);

/// The line to `node` of a real cluster. `admin` outlives it. kInvalidConfig.
[[nodiscard]] Result<std::unique_ptr<CanaryLine>> MakeCanaryLine(Admin& admin,
                                                                 const ClientOptions& cluster,
                                                                 const std::string& node);

}  // namespace lanemq::client
