#pragma once

#include <chrono>
#include <cstddef>
#include <string_view>

namespace lanemq::rpc {

/// What connections may use before they have said who they are, where that is asked for
/// (ServerOptions::must_identify).
struct UnidentifiedLimits {
  /// Of one request, without its length prefix; see ServerLimits::frame_bytes_max.
  std::size_t frame_bytes_max = 64u << 10;
  /// Reply bytes of one connection not yet taken; above it the connection is not read.
  std::size_t out_bytes_max = 64u << 10;
  /// From a connection's beginning, the TLS handshake included; then it is closed.
  std::chrono::milliseconds patience = std::chrono::seconds(10);
  /// Connections of one address (of IPv6: of one network of 64 bits); one more is closed at once.
  std::size_t connections_per_address_max = 100;
  /// Of all addresses together; 0: a quarter of ServerLimits::connections_max.
  std::size_t connections_max = 0;
};

/// What one server lets its clients use. Enforced whatever the client sends.
struct ServerLimits {
  /// Bytes of one request frame, without its length prefix. The default is what stock Thrift
  /// libraries accept; the connection of a larger one is closed. 1 to 100 MiB.
  std::size_t frame_bytes_max = 16'384'000;
  /// Bytes of one reply frame; a larger reply becomes an INTERNAL_ERROR. The same default.
  std::size_t reply_bytes_max = 16'384'000;
  /// Elements of one list, set or map in a request, and never more than the frame has bytes.
  std::size_t container_elements_max = 100'000;
  /// Bytes of one string or binary in a request, and never more than the frame has bytes.
  std::size_t string_bytes_max = 16'384'000;
  /// Memory of half-received requests of all connections together; the connection that would
  /// exceed it is closed. Memory is taken as bytes arrive, not as they are announced.
  std::size_t receive_bytes_max = 512u << 20;
  /// Request bytes of all calls in flight together; a request beyond it is answered THROTTLED.
  std::size_t in_flight_bytes_max = 512u << 20;

  /// Open connections; one more is closed at once.
  std::size_t connections_max = 20'000;
  /// Requests of one connection without an answer; above it the connection is not read.
  std::size_t in_flight_per_connection_max = 64;
  /// Reply bytes of one connection not yet taken by its client; above it the connection is not
  /// read.
  std::size_t out_bytes_per_connection_max = 32u << 20;
  /// The same of all connections together. A connection whose client does not take a reply that
  /// would exceed it is closed. Above three quarters of it, requests are answered THROTTLED, and
  /// connections are closed whose clients take nothing for a second, or have not said who they are.
  std::size_t out_bytes_max = 256u << 20;

  UnidentifiedLimits unidentified;

  /// A connection with nothing in flight and nothing half-sent is closed after this long.
  std::chrono::milliseconds idle_timeout = std::chrono::minutes(10);
  /// A half-received request, or a reply the client does not take, without any progress.
  std::chrono::milliseconds stall_timeout = std::chrono::seconds(10);
  /// From the first byte of a request to its last, and of one reply likewise, however steadily
  /// it drips. Likewise from a connection's beginning to the end of its TLS handshake.
  std::chrono::milliseconds frame_deadline = std::chrono::seconds(30);
  /// How often the three times above are looked at; they are late by at most this.
  std::chrono::milliseconds sweep_interval = std::chrono::milliseconds(500);
};

/// Which limit was hit; see ServerOptions::on_limit.
enum class LimitKind {
  kConnections,      ///< A connection was refused.
  kReceiveBytes,     ///< A connection was closed.
  kInFlightBytes,    ///< A request was answered THROTTLED.
  kInFlightCalls,    ///< Reading of one connection paused.
  kOutBytes,         ///< Reading of one connection paused.
  kAllOutBytes,      ///< Of all connections: a request was THROTTLED, or a connection closed.
  kUnidentified,     ///< A connection was refused, or closed: it has not said who it is.
  kFileDescriptors,  ///< accept() failed for want of resources; accepting pauses shortly.
};
/// For example "in_flight_bytes"; the label of metrics.
[[nodiscard]] std::string_view NameOf(LimitKind kind);

}  // namespace lanemq::rpc
