#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>

#include "common/base/time.h"
#include "common/rpc/client.h"

namespace lanemq::rpc {

/// One call of an RpcClient on its way. Lives on the client's I/O thread.
struct ClientCall {
  using DeadlineIndex = std::multimap<MonotonicTime, std::shared_ptr<ClientCall>>;

  Endpoint endpoint;
  OwnedBytes frame;
  std::size_t seqid_at = 0;
  Deadline deadline;
  RpcClient::ReplyCallback callback;
  RpcClient::RunOn run_on = RpcClient::RunOn::kExecutor;

  bool is_refused = false;  ///< Too much was submitted at once; the frame is gone.
  bool is_queued = false;   ///< Waits in its endpoint's queue.
  bool is_sent = false;     ///< At least a byte of it has left.
  bool is_done = false;     ///< The callback has been called.
  std::int32_t seqid = 0;   ///< On its connection.
  MonotonicTime sent_at;
  DeadlineIndex::iterator deadline_entry;
  bool has_deadline_entry = false;
};

/// What ClientStats is made of. Thread-safe.
struct ClientCounters {
  std::atomic<std::int64_t> connections = 0;
  std::atomic<std::int64_t> in_flight = 0;
  std::atomic<std::int64_t> queued = 0;
  std::atomic<std::uint64_t> calls = 0;
  std::atomic<std::uint64_t> connects = 0;
  std::atomic<std::uint64_t> connect_failures = 0;
  std::atomic<std::uint64_t> timeouts = 0;
  std::atomic<std::uint64_t> late_replies = 0;
  std::atomic<std::uint64_t> broken_connections = 0;
};

}  // namespace lanemq::rpc
