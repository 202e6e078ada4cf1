// How a connection begins and ends; what it does in between is in connection.cc.
#include <algorithm>
#include <chrono>
#include <utility>

#include <boost/asio/error.hpp>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/rpc/connection.h"
#include "common/rpc/io_worker.h"
#include "common/rpc/socket_options.h"

namespace lanemq::rpc {
namespace {

namespace asio = boost::asio;

// For a client that takes nothing, while the memory for replies is used up.
constexpr std::chrono::seconds kPatienceWhenScarce{1};

using boost::system::error_code;

MonotonicTime Now() { return SystemClock::Instance().Now(); }

std::shared_ptr<const std::string> PeerOf(const asio::ip::tcp::socket& socket) {
  error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  if (error) return std::make_shared<const std::string>("unknown");
  return std::make_shared<const std::string>(endpoint.address().to_string() + ":" +
                                             std::to_string(endpoint.port()));
}

}  // namespace

// ---------------------------------------------------------------- the beginning

Connection::Connection(std::shared_ptr<ServerShared> shared, std::shared_ptr<IoWorker> worker,
                       asio::ip::tcp::socket socket, Lobby::Place place)
    : shared_(std::move(shared)),
      worker_(std::move(worker)),
      socket_(std::move(socket)),
      peer_(PeerOf(socket_)),
      place_(std::move(place)),
      reader_(is_unidentified() ? std::min(shared_->options.limits.frame_bytes_max,
                                           shared_->options.limits.unidentified.frame_bytes_max)
                                : shared_->options.limits.frame_bytes_max,
              &shared_->receive_budget),
      serve_frame_([this](std::span<const std::uint8_t> frame) { return ServeFrame(frame); }),
      began_(Now()),
      last_activity_(began_),
      last_read_(last_activity_),
      last_write_(last_activity_) {}

Connection::~Connection() = default;

void Connection::Start() {
  SetUpSocket(socket_);
  if (shared_->options.tls == nullptr) return Settle();
  tls_ = std::make_unique<TlsStream>(*shared_->options.tls, socket_.native_handle());
  is_shaking_hands_ = true;
  ShakeHands();
}

void Connection::ShakeHands() {
  switch (tls_->Advance()) {
    case TlsStream::Handshake::kWantsRead:
      return WaitReadable();
    case TlsStream::Handshake::kWantsWrite:
      return WaitWritable();
    case TlsStream::Handshake::kFailed:
      LANEMQ_LOG(DEBUG, "rpc.handshake_failed", {"peer", *peer_}, {"error", tls_->error()});
      return Close(WhyBroken());
    case TlsStream::Handshake::kDone:
      break;
  }
  is_shaking_hands_ = false;
  last_activity_ = Now();
  ServerCounters::Add(shared_->counters.handshakes, 1);
  if (shared_->options.identify) {
    const std::string name = tls_->PeerName();
    if (auto caller = name.empty() ? nullptr : shared_->options.identify(name)) {
      IsCaller(std::move(caller));
      caller_ends_at_ = tls_->PeerEndsAt();
    }
  }
  OnReadable();  // Requests may have come with the end of the handshake.
}

void Connection::IsCaller(std::shared_ptr<const core::Caller> caller) {
  caller_ = std::move(caller);
  caller_ends_at_.reset();
  place_.Leave();
  reader_.SetFrameBytesMax(shared_->options.limits.frame_bytes_max);
}

// ---------------------------------------------------------------- the end

void Connection::CheckTimes(MonotonicTime now) {
  const ServerLimits& limits = shared_->options.limits;
  if (is_closed_) return;
  if (is_unidentified() && now - began_ > limits.unidentified.patience) {
    shared_->HitLimit(LimitKind::kUnidentified);
    return Close(CloseReason::kUnidentified);
  }
  if (caller_ends_at_ && SystemClock::Instance().WallNow() >= *caller_ends_at_) {
    return Close(CloseReason::kExpired);
  }
  if (is_shaking_hands_) {
    if (now - last_activity_ > limits.frame_deadline) Close(CloseReason::kTls);
    return;
  }
  if (!out_.empty()) {
    if (now - out_head_began_ > limits.frame_deadline) return Close(CloseReason::kFrameDeadline);
    if (now - last_write_ > limits.stall_timeout) return Close(CloseReason::kStall);
    const bool is_slow = is_unidentified() || now - last_write_ > kPatienceWhenScarce;
    if (is_slow && shared_->is_out_scarce()) return CloseForMemory();
  }
  if (is_paused_) return;
  if (frame_began_) {
    if (now - *frame_began_ > limits.frame_deadline) return Close(CloseReason::kFrameDeadline);
    if (now - last_read_ > limits.stall_timeout) return Close(CloseReason::kStall);
  }
  if (HasNothingToDo() && now - last_activity_ > limits.idle_timeout) Close(CloseReason::kIdle);
}

void Connection::CancelAll() {
  const std::vector<InFlight> calls = std::exchange(in_flight_, {});
  for (const InFlight& call : calls) {
    ServerCounters::Add(shared_->counters.cancelled, 1);
    Reply reply;
    reply.outcome = CallOutcome::kCancelled;
    reply.duration = Now() - call.started;
    EndCall(call, reply);
    if (const auto alive = call.call.lock()) alive->CancelByPeer();
  }
}

void Connection::Close(CloseReason reason) {
  if (is_closed_) return;
  const auto self = shared_from_this();
  is_closed_ = true;
  shared_->receive_budget.Give(backlog_.size());
  backlog_.clear();
  out_.Clear();
  CountOut();
  place_.Leave();
  ServerCounters::Add(shared_->counters.closed[static_cast<std::size_t>(reason)], 1);
  // Last: whoever sees the end and connects again at once finds the room that he left.
  error_code ignored;
  if (tls_ != nullptr) tls_->SayGoodbye();
  socket_.close(ignored);
  CancelAll();
  worker_->Forget(self);
}

}  // namespace lanemq::rpc
