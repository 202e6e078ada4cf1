#include "common/rpc/server.h"

#include <utility>
#include <vector>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/mutex.h"
#include "common/rpc/io_worker.h"
#include "common/rpc/server_shared.h"

namespace lanemq::rpc {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

class Server::Impl {
 public:
  Impl(ServerOptions options, std::shared_ptr<apache::thrift::async::TAsyncProcessor> processor)
      : shared_(std::make_shared<ServerShared>(std::move(options), std::move(processor))) {}

  Status Start();
  Status Drain(std::chrono::milliseconds patience, const std::function<void()>& answer_parked);
  void CloseConnections(std::function<bool(const core::Caller&)> is_void);
  void Stop();
  std::uint16_t port() const { return port_; }
  const ServerShared& shared() const { return *shared_; }

 private:
  Status Listen();
  void AcceptNext();
  void OnAccepted(const error_code& error, tcp::socket socket, IoWorker& worker);
  void Admit(tcp::socket socket, IoWorker& worker);
  void Refuse(LimitKind limit);
  void StopAccepting();
  IoWorker& LeastLoaded();
  [[nodiscard]] std::size_t Connections() const;

  const std::shared_ptr<ServerShared> shared_;
  std::vector<std::shared_ptr<IoWorker>> workers_;
  std::uint16_t port_ = 0;
  bool is_started_ = false;

  // On the first worker's thread, once started.
  std::unique_ptr<tcp::acceptor> acceptor_;
  std::unique_ptr<asio::steady_timer> accept_timer_;

  Mutex mutex_;
  CondVar connection_closed_;
};

Status Server::Impl::Start() {
  LANEMQ_CHECK(!is_started_);
  const ServerOptions& options = shared_->options;
  for (std::size_t i = 0; i < std::max<std::size_t>(options.threads, 1); ++i) {
    workers_.push_back(std::make_shared<IoWorker>(shared_, [this] {
      if (!shared_->is_draining.load()) return;
      MutexLock lock(mutex_);
      connection_closed_.NotifyAll();
    }));
  }
  if (Status status = Listen(); !status.ok()) {
    acceptor_.reset();
    accept_timer_.reset();
    workers_.clear();
    return status;
  }
  is_started_ = true;
  AcceptNext();
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    workers_[i]->Start(options.name + "-io" + std::to_string(i));
  }
  LANEMQ_LOG(INFO, "rpc.listening", {"name", options.name}, {"host", options.host},
             {"port", port_});
  return {};
}

Status Server::Impl::Listen() {
  const ServerOptions& options = shared_->options;
  asio::io_context& io = workers_[0]->io();
  acceptor_ = std::make_unique<tcp::acceptor>(io);
  accept_timer_ = std::make_unique<asio::steady_timer>(io);
  error_code error;
  const auto address = asio::ip::make_address(options.host, error);
  const tcp::endpoint endpoint(address, options.port);
  if (!error) acceptor_->open(endpoint.protocol(), error);
  if (!error) acceptor_->set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_->bind(endpoint, error);
  if (!error) acceptor_->listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    return Error{
        ErrorCode::kInvalidConfig,
        "listen on '" + options.host + ":" + std::to_string(options.port) + "': " + error.message(),
        0};
  }
  port_ = acceptor_->local_endpoint(error).port();
  return {};
}

IoWorker& Server::Impl::LeastLoaded() {
  IoWorker* best = workers_[0].get();
  for (const auto& worker : workers_) {
    if (worker->connections() < best->connections()) best = worker.get();
  }
  return *best;
}

std::size_t Server::Impl::Connections() const {
  std::size_t sum = 0;
  for (const auto& worker : workers_) sum += worker->connections();
  return sum;
}

void Server::Impl::AcceptNext() {
  IoWorker& worker = LeastLoaded();
  acceptor_->async_accept(worker.io(),
                          [this, &worker](const error_code& error, tcp::socket socket) {
                            OnAccepted(error, std::move(socket), worker);
                          });
}

void Server::Impl::OnAccepted(const error_code& error, tcp::socket socket, IoWorker& worker) {
  if (!acceptor_->is_open()) return;
  if (error == asio::error::no_descriptors || error == asio::error::no_buffer_space ||
      error == asio::error::no_memory || error.value() == ENFILE) {
    shared_->HitLimit(LimitKind::kFileDescriptors);
    accept_timer_->expires_after(std::chrono::milliseconds(100));
    accept_timer_->async_wait([this](const error_code& timer_error) {
      if (!timer_error && acceptor_->is_open()) AcceptNext();
    });
    return;
  }
  if (!error) Admit(std::move(socket), worker);
  AcceptNext();
}

void Server::Impl::Admit(tcp::socket socket, IoWorker& worker) {
  if (Connections() >= shared_->options.limits.connections_max) {
    return Refuse(LimitKind::kConnections);
  }
  Lobby::Place place;
  if (shared_->options.must_identify) {
    error_code gone;
    const tcp::endpoint peer = socket.remote_endpoint(gone);
    if (gone) return;
    place = shared_->lobby->Enter(peer.address().to_string());
    if (!place.is_taken()) return Refuse(LimitKind::kUnidentified);
  }
  ServerCounters::Add(shared_->counters.accepted, 1);
  worker.Adopt(std::move(socket), std::move(place));
}

void Server::Impl::Refuse(LimitKind limit) {
  ServerCounters::Add(shared_->counters.refused, 1);
  shared_->HitLimit(limit);
}

void Server::Impl::StopAccepting() {
  asio::post(workers_[0]->io(), [this] {
    error_code ignored;
    acceptor_->close(ignored);
    accept_timer_->cancel();
  });
}

Status Server::Impl::Drain(std::chrono::milliseconds patience,
                           const std::function<void()>& answer_parked) {
  if (!is_started_) return {};
  const Deadline deadline = Deadline::After(SystemClock::Instance(), patience);
  shared_->is_draining.store(true);
  StopAccepting();
  if (answer_parked) answer_parked();
  for (const auto& worker : workers_) worker->Drain();
  {
    MutexLock lock(mutex_);
    while (Connections() > 0 && !deadline.HasPassed(SystemClock::Instance())) {
      connection_closed_.WaitFor(mutex_, deadline.Left(SystemClock::Instance()));
    }
  }
  const std::size_t left = Connections();
  Stop();
  if (left == 0) return {};
  return Error{ErrorCode::kRequestTimedOut,
               std::to_string(left) + " connections were closed by force", 0};
}

void Server::Impl::CloseConnections(std::function<bool(const core::Caller&)> is_void) {
  const auto shared = std::make_shared<const IoWorker::IsVoid>(std::move(is_void));
  for (const auto& worker : workers_) worker->CloseVoid(shared);
}

void Server::Impl::Stop() {
  if (!is_started_) return;
  is_started_ = false;
  shared_->is_draining.store(true);
  StopAccepting();
  for (const auto& worker : workers_) worker->Stop();
  acceptor_.reset();
  accept_timer_.reset();
  // The workers stay: other threads may still call CloseConnections(), which finds them stopped.
}

Server::Server(ServerOptions options,
               std::shared_ptr<apache::thrift::async::TAsyncProcessor> processor)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(processor))) {}
Server::~Server() { impl_->Stop(); }
Status Server::Start() { return impl_->Start(); }
std::uint16_t Server::port() const { return impl_->port(); }
Status Server::Drain(std::chrono::milliseconds patience,
                     const std::function<void()>& answer_parked) {
  return impl_->Drain(patience, answer_parked);
}
void Server::CloseConnections(std::function<bool(const core::Caller&)> is_void) {
  impl_->CloseConnections(std::move(is_void));
}
void Server::Stop() { impl_->Stop(); }

ServerStats Server::Stats() const {
  const ServerCounters& from = impl_->shared().counters;
  ServerStats stats;
  stats.connections = from.connections.load();
  stats.in_flight = from.in_flight.load();
  stats.parked = from.parked.load();
  stats.receive_bytes = impl_->shared().receive_budget.used();
  stats.in_flight_bytes = impl_->shared().in_flight_budget.used();
  stats.out_bytes = impl_->shared().out_budget.used();
  stats.unidentified = static_cast<std::int64_t>(impl_->shared().lobby->size());
  stats.accepted = from.accepted.load();
  stats.refused = from.refused.load();
  stats.handshakes = from.handshakes.load();
  stats.frames_in = from.frames_in.load();
  stats.frames_out = from.frames_out.load();
  stats.bytes_in = from.bytes_in.load();
  stats.bytes_out = from.bytes_out.load();
  stats.malformed = from.malformed.load();
  stats.unknown_methods = from.unknown_methods.load();
  stats.rejected = from.rejected.load();
  stats.abandoned = from.abandoned.load();
  stats.answered_twice = from.answered_twice.load();
  stats.cancelled = from.cancelled.load();
  stats.pauses = from.pauses.load();
  for (std::size_t i = 0; i < stats.closed.size(); ++i) stats.closed[i] = from.closed[i].load();
  return stats;
}

std::string_view NameOf(LimitKind kind) {
  switch (kind) {
    case LimitKind::kConnections:
      return "connections";
    case LimitKind::kReceiveBytes:
      return "receive_bytes";
    case LimitKind::kInFlightBytes:
      return "in_flight_bytes";
    case LimitKind::kInFlightCalls:
      return "in_flight_calls";
    case LimitKind::kOutBytes:
      return "out_bytes";
    case LimitKind::kAllOutBytes:
      return "all_out_bytes";
    case LimitKind::kUnidentified:
      return "unidentified";
    case LimitKind::kFileDescriptors:
      return "file_descriptors";
  }
  return "unknown";
}

std::string_view NameOf(CloseReason reason) {
  switch (reason) {
    case CloseReason::kPeer:
      return "peer";
    case CloseReason::kIdle:
      return "idle";
    case CloseReason::kStall:
      return "stall";
    case CloseReason::kFrameDeadline:
      return "frame_deadline";
    case CloseReason::kFrameLength:
      return "frame_length";
    case CloseReason::kProtocol:
      return "protocol";
    case CloseReason::kReceiveBytes:
      return "receive_bytes";
    case CloseReason::kDrain:
      return "drain";
    case CloseReason::kTls:
      return "tls";
    case CloseReason::kRevoked:
      return "revoked";
    case CloseReason::kUnidentified:
      return "unidentified";
    case CloseReason::kReplyBytes:
      return "reply_bytes";
    case CloseReason::kExpired:
      return "expired";
    case CloseReason::kCount:
      break;
  }
  return "unknown";
}

}  // namespace lanemq::rpc
