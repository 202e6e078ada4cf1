#include "common/rpc/client_impl.h"

#include <algorithm>
#include <pthread.h>
#include <utility>

#include <boost/asio/post.hpp>

#include "common/base/check.h"
#include "common/base/clock.h"
#include "common/base/log.h"

namespace lanemq::rpc {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kScratchBytes = 256u << 10;
constexpr std::size_t kPeersBeforePruning = 1'000;
constexpr int kBackoffDoublingsMax = 10;

thread_local const void* io_thread_of = nullptr;

MonotonicTime Now() { return SystemClock::Instance().Now(); }

}  // namespace

RpcClient::Impl::Impl(ClientOptions options)
    : options_(std::move(options)),
      random_(Random::FromSystem()),
      work_(io_.get_executor()),
      timer_(io_),
      scratch_(kScratchBytes),
      thread_([this] {
        pthread_setname_np(pthread_self(), options_.name.substr(0, 15).c_str());
        io_thread_of = this;
        io_.run();
      }) {}

RpcClient::Impl::~Impl() { Close(); }

bool RpcClient::Impl::IsIoThread() const { return io_thread_of == this; }

// ---------------------------------------------------------------- from any thread

void RpcClient::Impl::Submit(std::shared_ptr<ClientCall> call) {
  counters_.calls.fetch_add(1, std::memory_order_relaxed);
  std::optional<Error> refusal;
  {
    MutexLock lock(mutex_);
    if (is_closed_) {
      refusal = Error{ErrorCode::kClosed, "the client is closed", 0};
    } else {
      if (submitted_bytes_ + call->frame.size > options_.queued_bytes_per_endpoint_max) {
        call->is_refused = true;
        call->frame = {};
      }
      submitted_bytes_ += call->frame.size;
      submitted_.push_back(call);
      if (submitted_.size() == 1) asio::post(io_, [this] { TakeSubmitted(); });
    }
  }
  if (refusal) Run(*call, *refusal);
}

void RpcClient::Impl::Close() {
  LANEMQ_CHECK(!IsIoThread());
  {
    MutexLock lock(mutex_);
    if (!is_closed_) asio::post(io_, [this] { Shut(); });
    is_closed_ = true;
  }
  MutexLock lock(join_mutex_);
  if (thread_.joinable()) thread_.join();
}

ClientStats RpcClient::Impl::Stats() const {
  ClientStats stats;
  stats.connections = counters_.connections.load();
  stats.in_flight = counters_.in_flight.load();
  stats.queued = counters_.queued.load();
  stats.calls = counters_.calls.load();
  stats.connects = counters_.connects.load();
  stats.connect_failures = counters_.connect_failures.load();
  stats.timeouts = counters_.timeouts.load();
  stats.late_replies = counters_.late_replies.load();
  stats.broken_connections = counters_.broken_connections.load();
  return stats;
}

// ---------------------------------------------------------------- admission

void RpcClient::Impl::TakeSubmitted() {
  Calls calls;
  {
    MutexLock lock(mutex_);
    calls.swap(submitted_);
    submitted_bytes_ = 0;
  }
  std::vector<Endpoint> touched;
  for (const auto& call : calls) {
    Admit(call);
    if (touched.empty() || touched.back() != call->endpoint) touched.push_back(call->endpoint);
  }
  for (const Endpoint& endpoint : touched) Dispatch(PeerOf(endpoint));
  ArmTimer();
}

std::optional<Error> RpcClient::Impl::Refusal(const Peer& peer, const ClientCall& call) const {
  if (is_shut_) return Error{ErrorCode::kClosed, "the client is closed", 0};
  if (call.is_refused) {
    return Error{ErrorCode::kQueueFull, "too many bytes of calls at once", 0};
  }
  if (call.frame.data == nullptr || call.frame.size > options_.request_bytes_max + 4) {
    return Error{ErrorCode::kMessageTooLarge, "the request exceeds the limit of one call", 0};
  }
  const MonotonicTime now = Now();
  if (call.deadline.at <= now) {
    return Error{ErrorCode::kRequestTimedOut, "the deadline had passed; nothing was sent", 0};
  }
  if (peer.connections.empty() && now < peer.retry_at) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(peer.retry_at - now);
    return Error{peer.last_failure.code, peer.last_failure.message + "; not yet tried again",
                 left.count()};
  }
  if (peer.queue.size() >= options_.queued_per_endpoint_max ||
      peer.queued_bytes + call.frame.size > options_.queued_bytes_per_endpoint_max) {
    return Error{ErrorCode::kQueueFull, "too many calls wait for " + peer.endpoint.ToString(), 0};
  }
  return std::nullopt;
}

void RpcClient::Impl::Admit(const std::shared_ptr<ClientCall>& call) {
  Peer& peer = PeerOf(call->endpoint);
  DropIdle(peer);
  // What can be sent at once does not wait in the queue, so the queue's limit is for what cannot.
  if (peer.queue.size() >= options_.queued_per_endpoint_max) {
    Dispatch(peer);
    std::erase_if(peer.queue, [](const auto& queued) { return queued->is_done; });
  }
  if (auto error = Refusal(peer, *call)) {
    Fail(call, std::move(*error));
    return;
  }
  call->deadline_entry = deadlines_.emplace(call->deadline.at, call);
  call->has_deadline_entry = true;
  call->is_queued = true;
  peer.queued_bytes += call->frame.size;
  counters_.queued.fetch_add(1, std::memory_order_relaxed);
  peer.queue.push_back(call);
}

RpcClient::Impl::Peer& RpcClient::Impl::PeerOf(const Endpoint& endpoint) {
  const auto it = peers_.find(endpoint);
  if (it != peers_.end()) return it->second;
  if (peers_.size() >= kPeersBeforePruning) {
    std::erase_if(peers_, [](const auto& entry) {
      return entry.second.connections.empty() && entry.second.queue.empty();
    });
  }
  Peer& peer = peers_[endpoint];
  peer.endpoint = endpoint;
  return peer;
}

// ---------------------------------------------------------------- connections

void RpcClient::Impl::Dispatch(Peer& peer) {
  std::vector<std::shared_ptr<ClientConnection>> used;
  while (!peer.queue.empty()) {
    const std::shared_ptr<ClientCall> call = peer.queue.front();
    if (!call->is_done) {
      const auto connection = Pick(peer);
      if (connection == nullptr) break;
      call->is_queued = false;
      peer.queued_bytes -= call->frame.size;
      counters_.queued.fetch_sub(1, std::memory_order_relaxed);
      connection->Send(call);
      if (std::find(used.begin(), used.end(), connection) == used.end()) used.push_back(connection);
    }
    peer.queue.pop_front();
  }
  for (const auto& connection : used) connection->Flush();
}

std::shared_ptr<ClientConnection> RpcClient::Impl::Pick(Peer& peer) {
  std::shared_ptr<ClientConnection> best;
  bool is_connecting = false;
  for (const auto& connection : peer.connections) {
    // Nor are two opened to a server that may refuse us.
    is_connecting = is_connecting || !connection->was_accepted();
    if (!connection->is_open()) continue;
    if (best == nullptr || connection->in_flight() < best->in_flight()) best = connection;
  }
  const bool wants_more = best == nullptr || best->in_flight() >= options_.spread_at;
  if (wants_more && !is_connecting && Now() >= peer.retry_at &&
      peer.connections.size() < std::max<std::size_t>(options_.connections_per_endpoint_max, 1)) {
    OpenConnection(peer);
  }
  if (best != nullptr && best->in_flight() < options_.in_flight_per_connection_max) return best;
  return nullptr;
}

void RpcClient::Impl::OpenConnection(Peer& peer) {
  const auto connection =
      std::make_shared<ClientConnection>(io_, *this, options_, counters_, peer.endpoint, scratch_);
  peer.connections.push_back(connection);
  counters_.connections.fetch_add(1, std::memory_order_relaxed);
  connection->Connect();
}

void RpcClient::Impl::DropIdle(Peer& peer) {
  const MonotonicTime now = Now();
  const auto connections = peer.connections;
  for (const auto& connection : connections) {
    if (connection->is_open() && connection->in_flight() == 0 &&
        now - connection->last_used() > options_.idle_max) {
      connection->Break("idle");
    }
  }
}

void RpcClient::Impl::OnConnected(ClientConnection& connection) {
  counters_.connects.fetch_add(1, std::memory_order_relaxed);
  Dispatch(PeerOf(connection.endpoint()));
}

void RpcClient::Impl::OnAccepted(ClientConnection& connection) {
  Peer& peer = PeerOf(connection.endpoint());
  peer.failures = 0;
  peer.retry_at = {};
}

void RpcClient::Impl::OnRoom(ClientConnection& connection) {
  Peer& peer = PeerOf(connection.endpoint());
  if (!peer.queue.empty()) Dispatch(peer);
}

void RpcClient::Impl::OnClosed(ClientConnection& connection, Calls calls, const std::string& why,
                               const std::optional<Error>& refusal) {
  Peer& peer = PeerOf(connection.endpoint());
  std::erase_if(peer.connections, [&](const auto& c) { return c.get() == &connection; });
  counters_.connections.fetch_sub(1, std::memory_order_relaxed);
  const std::string where = peer.endpoint.ToString() + ": " + why;
  Error failure{ErrorCode::kBrokerNotAvailable, where, 0};
  if (refusal) failure = Error{refusal->code, where, refusal->retry_after_ms};
  for (const auto& call : calls) {
    Fail(call, refusal         ? failure
               : call->is_sent ? Error{ErrorCode::kNetworkException, where, 0}
               : is_shut_      ? Error{ErrorCode::kClosed, "the client is closed", 0}
                               : failure);
  }
  if (is_shut_) return;
  if (connection.was_accepted() && !refusal) {
    if (!calls.empty()) counters_.broken_connections.fetch_add(1, std::memory_order_relaxed);
    // What still waits tries a new connection.
    Dispatch(peer);
    return;
  }
  counters_.connect_failures.fetch_add(1, std::memory_order_relaxed);
  BackOff(peer);
  LANEMQ_LOG(DEBUG, "rpc.connect_failed", {"endpoint", where}, {"failures", peer.failures});
  peer.last_failure = failure;
  if (peer.connections.empty()) FailQueue(peer, failure);
}

void RpcClient::Impl::BackOff(Peer& peer) {
  const int doublings = std::min(peer.failures++, kBackoffDoublingsMax);
  const std::chrono::nanoseconds full = std::min<std::chrono::nanoseconds>(
      options_.reconnect_backoff * (1 << doublings), options_.reconnect_backoff_max);
  const double share = 0.5 + random_.Unit() / 2;
  peer.retry_at = Now() + std::chrono::nanoseconds(
                              static_cast<std::int64_t>(static_cast<double>(full.count()) * share));
}

// ---------------------------------------------------------------- deadlines

void RpcClient::Impl::ArmTimer() {
  if (deadlines_.empty() || is_shut_) return;
  const MonotonicTime next = deadlines_.begin()->first;
  if (timer_at_ && *timer_at_ <= next) return;
  timer_at_ = next;
  timer_.expires_after(std::max(next - Now(), std::chrono::nanoseconds(0)));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) OnTimer();
  });
}

void RpcClient::Impl::OnTimer() {
  timer_at_.reset();
  const MonotonicTime now = Now();
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    Expire(std::shared_ptr<ClientCall>(deadlines_.begin()->second));
  }
  ArmTimer();
}

void RpcClient::Impl::Expire(const std::shared_ptr<ClientCall>& call) {
  counters_.timeouts.fetch_add(1, std::memory_order_relaxed);
  Fail(call, {ErrorCode::kRequestTimedOut,
              call->endpoint.ToString() + (call->is_sent ? ": no reply before the deadline"
                                                         : ": not sent before the deadline"),
              0});
  Peer& peer = PeerOf(call->endpoint);
  const auto connections = peer.connections;
  for (const auto& connection : connections) connection->GiveUp(call);
}

// ---------------------------------------------------------------- ends of calls

void RpcClient::Impl::OnReply(const std::shared_ptr<ClientCall>& call,
                              std::span<const std::uint8_t> reply) {
  if (Finish(*call)) Run(*call, reply);
}

bool RpcClient::Impl::Finish(ClientCall& call) {
  if (call.is_done) return false;
  call.is_done = true;
  if (call.has_deadline_entry) deadlines_.erase(call.deadline_entry);
  call.has_deadline_entry = false;
  if (call.is_queued) {
    // Its place in the queue goes when Dispatch() comes to it.
    call.is_queued = false;
    PeerOf(call.endpoint).queued_bytes -= call.frame.size;
    counters_.queued.fetch_sub(1, std::memory_order_relaxed);
    call.frame = {};
  }
  return true;
}

void RpcClient::Impl::Fail(const std::shared_ptr<ClientCall>& call, Error error) {
  if (Finish(*call)) Run(*call, std::move(error));
}

void RpcClient::Impl::Run(ClientCall& call, Result<std::span<const std::uint8_t>> result) {
  const ReplyCallback callback = std::exchange(call.callback, nullptr);
  if (!options_.executor || call.run_on == RunOn::kIoThread) {
    callback(std::move(result));
    return;
  }
  std::function<void()> task;
  if (result.ok()) {
    const auto copy = std::make_shared<std::vector<std::uint8_t>>(result->begin(), result->end());
    task = [callback, copy] { callback(std::span<const std::uint8_t>(*copy)); };
  } else {
    task = [callback, error = result.error()] { callback(error); };
  }
  if (!options_.executor(task)) task();
}

void RpcClient::Impl::FailQueue(Peer& peer, const Error& error) {
  const auto queue = std::exchange(peer.queue, {});
  for (const auto& call : queue) Fail(call, error);
}

void RpcClient::Impl::Shut() {
  is_shut_ = true;
  TakeSubmitted();
  for (auto& [endpoint, peer] : peers_) {
    FailQueue(peer, {ErrorCode::kClosed, "the client is closed", 0});
    const auto connections = peer.connections;
    for (const auto& connection : connections) connection->Break("the client was closed");
  }
  timer_.cancel();
  work_.reset();
}

}  // namespace lanemq::rpc
