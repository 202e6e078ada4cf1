#include "common/rpc/connection.h"

#include <algorithm>
#include <array>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include "common/base/check.h"
#include "common/base/clock.h"
#include "common/rpc/io_worker.h"

namespace lanemq::rpc {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

// After so many reads the other connections of the thread get their turn.
constexpr int kReadsPerTurn = 8;
constexpr std::size_t kBuffersPerWrite = 64;

// The connection whose ServeFrame() runs on this thread: its replies need no detour.
thread_local const Connection* serving = nullptr;

MonotonicTime Now() { return SystemClock::Instance().Now(); }

}  // namespace

// ---------------------------------------------------------------- reading

void Connection::WaitReadable() {
  if (tls_ != nullptr && !is_shaking_hands_ && tls_->has_more()) return ReadOn();
  if (is_waiting_readable_) return;
  is_waiting_readable_ = true;
  socket_.async_wait(asio::ip::tcp::socket::wait_read,
                     [self = shared_from_this()](const error_code& error) {
                       self->is_waiting_readable_ = false;
                       if (self->is_closed_) return;
                       if (error) {
                         self->Close(CloseReason::kPeer);
                       } else if (!self->is_paused_) {
                         self->OnReadable();
                       }
                     });
}

// The others of the thread get their turn first.
void Connection::ReadOn() {
  if (std::exchange(is_reading_on_, true)) return;
  asio::post(socket_.get_executor(), [self = shared_from_this()] {
    self->is_reading_on_ = false;
    if (!self->is_closed_ && !self->is_paused_) self->OnReadable();
  });
}

void Connection::OnReadable() {
  if (is_shaking_hands_) return ShakeHands();
  for (int i = 0; i < kReadsPerTurn; ++i) {
    if (ReadOnce() != ReadResult::kMore) break;
  }
  Settle();
}

Connection::ReadResult Connection::ReadOnce() {
  const std::span<std::uint8_t> room = is_discarding_ ? std::span<std::uint8_t>() : reader_.Room();
  const bool is_direct = !room.empty();
  const std::span<std::uint8_t> target = is_direct ? room : std::span(worker_->scratch());
  error_code error;
  const std::size_t size =
      tls_ != nullptr ? tls_->ReadSome(target, error)
                      : socket_.read_some(asio::buffer(target.data(), target.size()), error);
  if (error == asio::error::would_block || error == asio::error::try_again) return ReadResult::kDry;
  if (error == asio::error::interrupted) return ReadResult::kMore;
  if (error || size == 0) {
    Close(WhyBroken());
    return ReadResult::kStop;
  }
  last_read_ = last_activity_ = Now();
  ServerCounters::Add(shared_->counters.bytes_in, size);
  if (is_discarding_) return size == target.size() ? ReadResult::kMore : ReadResult::kDry;

  const auto bytes = std::span<const std::uint8_t>(target.first(size));
  const auto progress =
      is_direct ? reader_.Filled(size, serve_frame_) : reader_.Feed(bytes, serve_frame_);
  if (is_closed_) return ReadResult::kStop;
  if (progress.outcome == FrameReader::Outcome::kPaused) {
    KeepBacklog(bytes.subspan(progress.consumed));
    return ReadResult::kStop;
  }
  if (progress.outcome != FrameReader::Outcome::kOk) {
    CloseBroken(progress.outcome);
    return ReadResult::kStop;
  }
  if (reader_.is_mid_frame() && !frame_began_) frame_began_ = last_read_;
  return size == target.size() ? ReadResult::kMore : ReadResult::kDry;
}

// A client that was refused may have sent large requests behind its token already. It hears why,
// which a connection that is closed with unread bytes would cut off, and goes; or its time ends.
bool Connection::MayDiscard(FrameReader::Outcome outcome) const {
  return outcome == FrameReader::Outcome::kBadLength && is_unidentified() && reader_.length() > 0 &&
         reader_.length() <= shared_->options.limits.frame_bytes_max;
}

void Connection::CloseBroken(FrameReader::Outcome outcome) {
  if (MayDiscard(outcome)) {
    is_discarding_ = true;
    shared_->HitLimit(LimitKind::kUnidentified);
    return;
  }
  if (outcome == FrameReader::Outcome::kBadLength) return Close(CloseReason::kFrameLength);
  shared_->HitLimit(LimitKind::kReceiveBytes);
  Close(CloseReason::kReceiveBytes);
}

CloseReason Connection::WhyBroken() const {
  return tls_ != nullptr && tls_->is_violated() ? CloseReason::kTls : CloseReason::kPeer;
}

void Connection::KeepBacklog(std::span<const std::uint8_t> rest) {
  if (!shared_->receive_budget.TryTake(rest.size())) {
    CloseBroken(FrameReader::Outcome::kNoMemory);
    return;
  }
  backlog_.assign(rest.begin(), rest.end());
}

void Connection::DigestBacklog() {
  const std::vector<std::uint8_t> backlog = std::exchange(backlog_, {});
  if (backlog.empty()) return;
  shared_->receive_budget.Give(backlog.size());
  const auto progress = reader_.Feed(backlog, serve_frame_);
  if (is_closed_) return;
  if (progress.outcome == FrameReader::Outcome::kPaused) {
    KeepBacklog(std::span(backlog).subspan(progress.consumed));
  } else if (progress.outcome != FrameReader::Outcome::kOk) {
    CloseBroken(progress.outcome);
  } else if (reader_.is_mid_frame()) {
    frame_began_ = Now();
  }
}

std::size_t Connection::OutBytesMax() const {
  const ServerLimits& limits = shared_->options.limits;
  const std::size_t usual = limits.out_bytes_per_connection_max;
  return is_unidentified() ? std::min(usual, limits.unidentified.out_bytes_max) : usual;
}

bool Connection::ShouldPause() const {
  return in_flight_.size() >= shared_->options.limits.in_flight_per_connection_max ||
         out_.bytes() >= OutBytesMax();
}

void Connection::Pause() {
  if (is_paused_) return;
  is_paused_ = true;
  ServerCounters::Add(shared_->counters.pauses, 1);
  const bool is_calls = in_flight_.size() >= shared_->options.limits.in_flight_per_connection_max;
  shared_->HitLimit(is_calls ? LimitKind::kInFlightCalls : LimitKind::kOutBytes);
}

void Connection::Resume() {
  is_paused_ = false;
  last_read_ = Now();
  if (frame_began_) frame_began_ = last_read_;  // It was us who did not read.
  DigestBacklog();
}

// ---------------------------------------------------------------- serving

bool Connection::ServeFrame(std::span<const std::uint8_t> frame) {
  frame_began_.reset();
  ServerCounters::Add(shared_->counters.frames_in, 1);
  std::optional<MessageHead> head = ReadHead(frame, shared_->decode);
  if (!head) {
    Close(CloseReason::kProtocol);
    return false;
  }
  if (const auto refusal = Refusal(*head, frame.size())) {
    Refuse(*head, *refusal, frame.size());
  } else {
    const std::uint64_t id = next_call_id_++;
    const auto call = std::make_shared<Call>(shared_, shared_from_this(), id, std::move(*head),
                                             peer_, caller_, frame.size());
    in_flight_.push_back({id, call->number(), call, call->method(), frame.size(), call->started()});
    ServerCounters::Add(shared_->counters.in_flight, 1);
    const Connection* const outer = std::exchange(serving, this);
    call->Start(frame);
    serving = outer;
  }
  if (!ShouldPause()) return true;
  Pause();
  return false;
}

std::optional<Error> Connection::Refusal(const MessageHead& head, std::size_t bytes) const {
  if (shared_->is_draining.load()) {
    return Error{ErrorCode::kShuttingDown, "this server is shutting down", 0};
  }
  if (shared_->options.admit) {
    if (auto error = shared_->options.admit({head.method, *peer_, bytes, caller_.get()}))
      return error;
  }
  if (shared_->is_out_scarce()) {
    shared_->HitLimit(LimitKind::kAllOutBytes);
    return Error{ErrorCode::kThrottled, "too many replies wait for clients that do not take them",
                 100};
  }
  if (!shared_->in_flight_budget.TryTake(bytes)) {
    shared_->HitLimit(LimitKind::kInFlightBytes);
    return Error{ErrorCode::kThrottled, "too many request bytes in flight", 100};
  }
  return std::nullopt;
}

void Connection::Refuse(const MessageHead& head, const Error& error, std::size_t bytes) {
  ServerCounters::Add(shared_->counters.rejected, 1);
  ReplyBuffer buffer(shared_->options.limits.reply_bytes_max, shared_->decode.config);
  const std::string request_id = shared_->ids.ToText(shared_->ids.Next());
  if (!head.is_oneway) WriteDeclaredError(head, error, request_id, buffer);
  OwnedBytes frame = buffer.Take();
  if (shared_->options.on_call) {
    CallEvent event{head.method, CallOutcome::kRejected, error.code, {}, bytes, frame.size};
    event.peer = *peer_;
    event.request_id = [&] { return request_id; };
    shared_->options.on_call(event);
  }
  Queue(std::move(frame));
}

void Connection::Deliver(Reply reply) {
  if (serving == this) {
    Accept(std::move(reply));
  } else {
    worker_->Post(shared_from_this(), std::move(reply));
  }
}

void Connection::Identify(std::shared_ptr<const core::Caller> caller) {
  LANEMQ_CHECK(serving == this);  // Elsewhere it would race with the requests behind the call.
  IsCaller(std::move(caller));
}

void Connection::Accept(Reply reply) {
  const auto it = std::find_if(in_flight_.begin(), in_flight_.end(),
                               [&](const InFlight& call) { return call.id == reply.call_id; });
  if (it == in_flight_.end()) return;  // The connection was closed meanwhile.
  EndCall(*it, reply);
  std::swap(*it, in_flight_.back());
  in_flight_.pop_back();
  last_activity_ = Now();
  Queue(std::move(reply.frame));
}

void Connection::EndCall(const InFlight& call, const Reply& reply) {
  shared_->counters.in_flight.fetch_sub(1, std::memory_order_relaxed);
  shared_->in_flight_budget.Give(call.request_bytes);
  if (!shared_->options.on_call) return;
  CallEvent event{call.method,    reply.outcome,      reply.error,
                  reply.duration, call.request_bytes, reply.frame.size};
  event.waited = reply.waited;
  event.peer = *peer_;
  event.detail = reply.detail;
  event.request_id = [&] { return shared_->ids.ToText(call.number); };
  shared_->options.on_call(event);
}

// ---------------------------------------------------------------- writing

void Connection::Queue(OwnedBytes frame) {
  if (frame.data == nullptr || is_closed_) return;
  if (out_.empty()) last_write_ = out_head_began_ = Now();
  out_.Push(std::move(frame));
  CountOut();
}

void Connection::CountOut() {
  const std::size_t now = out_.bytes();
  if (now > out_counted_) {
    shared_->out_budget.Take(now - out_counted_);
  } else {
    shared_->out_budget.Give(out_counted_ - now);
  }
  out_counted_ = now;
}

void Connection::CloseForMemory() {
  shared_->HitLimit(LimitKind::kAllOutBytes);
  Close(CloseReason::kReplyBytes);
}

void Connection::Flush() {
  while (!is_closed_ && !is_waiting_writable_ && !out_.empty()) {
    std::array<asio::const_buffer, kBuffersPerWrite> room;
    const std::span<const asio::const_buffer> pieces = out_.Pieces(room);
    error_code error;
    const std::size_t sent =
        tls_ != nullptr ? tls_->WriteSome(pieces, error) : socket_.write_some(pieces, error);
    if (error == asio::error::would_block || error == asio::error::try_again) {
      if (shared_->out_budget.is_exceeded()) return CloseForMemory();
      WaitWritable();
      return;
    }
    if (error == asio::error::interrupted) continue;
    if (error) {
      Close(WhyBroken());
      return;
    }
    last_write_ = last_activity_ = Now();
    ServerCounters::Add(shared_->counters.bytes_out, sent);
    const std::size_t frames = out_.Sent(sent);
    CountOut();
    if (frames == 0) continue;
    ServerCounters::Add(shared_->counters.frames_out, frames);
    out_head_began_ = last_write_;
  }
}

void Connection::WaitWritable() {
  is_waiting_writable_ = true;
  socket_.async_wait(asio::ip::tcp::socket::wait_write,
                     [self = shared_from_this()](const error_code& error) {
                       self->is_waiting_writable_ = false;
                       if (self->is_closed_) return;
                       if (error) {
                         self->Close(CloseReason::kPeer);
                       } else if (self->is_shaking_hands_) {
                         self->ShakeHands();
                       } else {
                         self->Settle();
                       }
                     });
}

// ---------------------------------------------------------------- in between

bool Connection::HasNothingToDo() const {
  return !is_closed_ && in_flight_.empty() && out_.empty() && backlog_.empty() &&
         !reader_.is_mid_frame();
}

void Connection::Settle() {
  if (is_closed_) return;
  if (is_shaking_hands_) {
    if (shared_->is_draining.load()) Close(CloseReason::kDrain);
    return;
  }
  Flush();
  while (!is_closed_ && is_paused_ && !ShouldPause()) {
    Resume();
    Flush();
  }
  if (shared_->is_draining.load()) {
    if (is_discarding_) return Close(CloseReason::kDrain);
    // Requests that had arrived are answered (SHUTTING_DOWN) rather than cut off.
    ReadResult read = ReadResult::kMore;
    while (HasNothingToDo() && read == ReadResult::kMore) {
      read = ReadOnce();
      if (!is_closed_) Flush();
    }
    if (HasNothingToDo()) Close(CloseReason::kDrain);
  }
  if (!is_closed_ && !is_paused_) WaitReadable();
}

}  // namespace lanemq::rpc
