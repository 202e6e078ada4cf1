#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

#include "common/base/random.h"
#include "common/rpc/lobby.h"
#include "common/rpc/memory_budget.h"
#include "common/rpc/message.h"
#include "common/rpc/request_id.h"
#include "common/rpc/server.h"
#include "common/rpc/server_stats.h"

namespace lanemq::rpc {

/// What the counters of ServerStats are made of. Thread-safe.
struct ServerCounters {
  using Gauge = std::atomic<std::int64_t>;
  using Counter = std::atomic<std::uint64_t>;

  Gauge connections = 0;
  Gauge in_flight = 0;
  Gauge parked = 0;
  Counter accepted = 0;
  Counter refused = 0;
  Counter handshakes = 0;
  Counter frames_in = 0;
  Counter frames_out = 0;
  Counter bytes_in = 0;
  Counter bytes_out = 0;
  Counter malformed = 0;
  Counter unknown_methods = 0;
  Counter rejected = 0;
  Counter abandoned = 0;
  Counter answered_twice = 0;
  Counter cancelled = 0;
  Counter pauses = 0;
  std::array<Counter, static_cast<std::size_t>(CloseReason::kCount)> closed{};

  template <typename T>
  static void Add(std::atomic<T>& counter, std::size_t amount) {
    counter.fetch_add(static_cast<T>(amount), std::memory_order_relaxed);
  }
};

/// What all connections and calls of one server share. Calls keep it, and with it the processor,
/// alive when they are answered after the server is gone.
struct ServerShared {
  ServerShared(ServerOptions server_options,
               std::shared_ptr<apache::thrift::async::TAsyncProcessor> async_processor)
      : options(std::move(server_options)),
        processor(std::move(async_processor)),
        decode{options.limits.container_elements_max, options.limits.string_bytes_max,
               MakeThriftConfig(
                   std::max(options.limits.frame_bytes_max, options.limits.reply_bytes_max))},
        receive_budget(options.limits.receive_bytes_max),
        in_flight_budget(options.limits.in_flight_bytes_max),
        out_budget(options.limits.out_bytes_max),
        lobby(std::make_shared<Lobby>(options.limits.unidentified.connections_per_address_max,
                                      UnidentifiedMax(options.limits))),
        ids(static_cast<std::uint64_t>(Random::FromSystem().PositiveId())) {}

  void HitLimit(LimitKind kind) const {
    if (options.on_limit) options.on_limit(kind);
  }

  [[nodiscard]] static std::size_t UnidentifiedMax(const ServerLimits& limits) {
    if (limits.unidentified.connections_max > 0) return limits.unidentified.connections_max;
    return std::max<std::size_t>(limits.connections_max / 4, 1);
  }
  /// Replies that nobody takes have used up most of their memory.
  [[nodiscard]] bool is_out_scarce() const {
    const std::size_t scarce = options.limits.out_bytes_max / 4 * 3;
    return out_budget.used() > static_cast<std::int64_t>(scarce);
  }

  const ServerOptions options;
  const std::shared_ptr<apache::thrift::async::TAsyncProcessor> processor;
  const DecodeLimits decode;
  MemoryBudget receive_budget;
  MemoryBudget in_flight_budget;
  MemoryBudget out_budget;
  const std::shared_ptr<Lobby> lobby;
  ServerCounters counters;
  RequestIds ids;
  std::atomic<bool> is_draining = false;
};

}  // namespace lanemq::rpc
