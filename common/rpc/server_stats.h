#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace lanemq::rpc {

/// Why a connection ended. The order is that of ServerStats::closed.
enum class CloseReason : std::size_t {
  kPeer,           ///< The client closed it, or it broke.
  kIdle,           ///< Idle timeout.
  kStall,          ///< No progress within a frame.
  kFrameDeadline,  ///< A frame took too long, however steadily.
  kFrameLength,    ///< Zero, negative or too large a length.
  kProtocol,       ///< Neither strict binary nor compact, or no Thrift call at all.
  kReceiveBytes,   ///< Memory for half-received requests was used up.
  kDrain,          ///< Drain() or Stop().
  kTls,            ///< TLS was violated, or its handshake took too long.
  kRevoked,        ///< CloseConnections(): the caller does not count any more.
  kUnidentified,   ///< Nobody has said in time who is there.
  kReplyBytes,     ///< Memory for replies that clients do not take was used up.
  kExpired,        ///< The certificate that said who is there has ended.
  kCount,
};
/// For example "frame_deadline"; the label of metrics.
[[nodiscard]] std::string_view NameOf(CloseReason reason);

/// Counters and gauges of one server at one moment. Counters start at 0 with Start().
struct ServerStats {
  // Gauges.
  std::int64_t connections = 0;
  std::int64_t in_flight = 0;  ///< Calls handed to a handler and not answered.
  std::int64_t parked = 0;     ///< Those of them that registered OnCancel: long polls.
  std::int64_t receive_bytes = 0;
  std::int64_t in_flight_bytes = 0;
  std::int64_t out_bytes = 0;     ///< Replies that clients have not taken yet.
  std::int64_t unidentified = 0;  ///< Connections that have not said who they are, if they must.
  // Counters.
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;     ///< Connections above a limit of their number.
  std::uint64_t handshakes = 0;  ///< Of TLS, to their end.
  std::uint64_t frames_in = 0;
  std::uint64_t frames_out = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t malformed = 0;  ///< Requests answered PROTOCOL_ERROR; the connection lives on.
  std::uint64_t unknown_methods = 0;  ///< Requests answered UNKNOWN_METHOD.
  std::uint64_t rejected = 0;         ///< Answered with an error before a handler saw them.
  std::uint64_t abandoned = 0;        ///< Calls whose handler never answered: a defect.
  std::uint64_t answered_twice = 0;   ///< Second answers, ignored: a defect.
  std::uint64_t cancelled = 0;        ///< Calls whose client went away before the answer.
  std::uint64_t pauses = 0;           ///< Times a connection was not read because of its limits.
  std::array<std::uint64_t, static_cast<std::size_t>(CloseReason::kCount)> closed{};
};

}  // namespace lanemq::rpc
