#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "common/base/result.h"

namespace lanemq::chaos {

/// How often a connection is cut, per chunk of bytes that passes. Chances are 0 to 1.
struct Cuts {
  /// A request is dropped and the connection closed: it had no effect.
  double before_request = 0;
  /// Half of a request is passed on and the connection closed.
  double inside_request = 0;
  /// A request is passed on, and the connection closed when the first byte of the answer comes
  /// back: it took effect, and nobody hears of it.
  double before_reply = 0;
  /// Half of a chunk of the answer is passed on and the connection closed.
  double inside_reply = 0;
};

/// Counts since the start.
struct ChaosStats {
  std::int64_t connections = 0;
  std::int64_t before_request = 0;
  std::int64_t inside_request = 0;
  std::int64_t before_reply = 0;
  std::int64_t inside_reply = 0;
  std::int64_t cut_all = 0;  ///< Connections cut by CutAll() and Block().
  [[nodiscard]] std::int64_t cuts() const {
    return before_request + inside_request + before_reply + inside_reply + cut_all;
  }
};

/// Stands before a TCP server of this machine, passes bytes on and cuts connections, at chosen
/// places or at random from a seed. Knows nothing of protocols: a chunk is what one read gives,
/// which for request-answer protocols is a request or an answer.
///
/// Thread safety: every method from any thread.
class ChaosProxy {
 public:
  /// Listens on a port of the system's choice on 127.0.0.1 and passes on to `target_port` there.
  static Result<std::unique_ptr<ChaosProxy>> Start(int target_port, std::uint64_t seed);
  ~ChaosProxy();
  ChaosProxy(const ChaosProxy&) = delete;
  ChaosProxy& operator=(const ChaosProxy&) = delete;

  [[nodiscard]] int port() const;
  /// New connections go there from now on.
  void SetTarget(int target_port);
  /// From now on, for old and new connections.
  void SetCuts(Cuts cuts);
  /// Cuts every connection now.
  void CutAll();
  /// True: cuts every connection and closes new ones at once, until false.
  void Block(bool is_blocked);
  [[nodiscard]] ChaosStats Stats() const;

 private:
  class Impl;
  explicit ChaosProxy(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace lanemq::chaos
