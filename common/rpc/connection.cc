#include "common/rpc/connection.h"

#include <algorithm>
#include <array>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>

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

std::shared_ptr<const std::string> PeerOf(const asio::ip::tcp::socket& socket) {
  error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  if (error) return std::make_shared<const std::string>("unknown");
  return std::make_shared<const std::string>(endpoint.address().to_string() + ":" +
                                             std::to_string(endpoint.port()));
}

}  // namespace

Connection::Connection(std::shared_ptr<ServerShared> shared, std::shared_ptr<IoWorker> worker,
                       asio::ip::tcp::socket socket)
    : shared_(std::move(shared)),
      worker_(std::move(worker)),
      socket_(std::move(socket)),
      peer_(PeerOf(socket_)),
      reader_(shared_->options.limits.frame_bytes_max, &shared_->receive_budget),
      serve_frame_([this](std::span<const std::uint8_t> frame) { return ServeFrame(frame); }),
      last_activity_(Now()),
      last_read_(last_activity_),
      last_write_(last_activity_) {}

Connection::~Connection() = default;

void Connection::Start() {
  error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket_.set_option(asio::socket_base::keep_alive(true), ignored);
  Settle();
}

// ---------------------------------------------------------------- reading

void Connection::WaitReadable() {
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

void Connection::OnReadable() {
  for (int i = 0; i < kReadsPerTurn; ++i) {
    if (ReadOnce() != ReadResult::kMore) break;
  }
  Settle();
}

Connection::ReadResult Connection::ReadOnce() {
  const std::span<std::uint8_t> room = reader_.Room();
  const bool is_direct = !room.empty();
  const std::span<std::uint8_t> target = is_direct ? room : std::span(worker_->scratch());
  error_code error;
  const std::size_t size = socket_.read_some(asio::buffer(target.data(), target.size()), error);
  if (error == asio::error::would_block || error == asio::error::try_again) return ReadResult::kDry;
  if (error == asio::error::interrupted) return ReadResult::kMore;
  if (error || size == 0) {
    Close(CloseReason::kPeer);
    return ReadResult::kStop;
  }
  last_read_ = last_activity_ = Now();
  ServerCounters::Add(shared_->counters.bytes_in, size);

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

void Connection::CloseBroken(FrameReader::Outcome outcome) {
  if (outcome == FrameReader::Outcome::kBadLength) return Close(CloseReason::kFrameLength);
  shared_->HitLimit(LimitKind::kReceiveBytes);
  Close(CloseReason::kReceiveBytes);
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

bool Connection::ShouldPause() const {
  const ServerLimits& limits = shared_->options.limits;
  return in_flight_.size() >= limits.in_flight_per_connection_max ||
         out_bytes_ >= limits.out_bytes_per_connection_max;
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
                                             peer_, frame.size());
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
    if (auto error = shared_->options.admit({head.method, *peer_, bytes})) return error;
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
  if (out_head_ == out_.size()) last_write_ = out_head_began_ = Now();
  out_bytes_ += frame.capacity;
  out_.push_back(std::move(frame));
}

void Connection::Flush() {
  while (!is_closed_ && !is_waiting_writable_ && out_head_ < out_.size()) {
    std::array<asio::const_buffer, kBuffersPerWrite> buffers;
    std::size_t count = 0;
    std::size_t skip = out_head_sent_;
    for (std::size_t i = out_head_; i < out_.size() && count < buffers.size(); ++i) {
      buffers[count++] = asio::const_buffer(out_[i].data.get() + skip, out_[i].size - skip);
      skip = 0;
    }
    error_code error;
    std::size_t sent = socket_.write_some(std::span(buffers).first(count), error);
    if (error == asio::error::would_block || error == asio::error::try_again) {
      WaitWritable();
      return;
    }
    if (error == asio::error::interrupted) continue;
    if (error) {
      Close(CloseReason::kPeer);
      return;
    }
    last_write_ = last_activity_ = Now();
    ServerCounters::Add(shared_->counters.bytes_out, sent);
    while (sent > 0) {
      OwnedBytes& head = out_[out_head_];
      const std::size_t taken = std::min(sent, head.size - out_head_sent_);
      sent -= taken;
      out_head_sent_ += taken;
      if (out_head_sent_ < head.size) break;
      ServerCounters::Add(shared_->counters.frames_out, 1);
      out_bytes_ -= head.capacity;
      head = {};
      ++out_head_;
      out_head_sent_ = 0;
      out_head_began_ = last_write_;
    }
  }
  if (out_head_ == out_.size()) {
    std::vector<OwnedBytes>().swap(out_);  // An idle connection owns no buffer.
    out_head_ = 0;
  } else if (out_head_ > out_.size() / 2) {
    out_.erase(out_.begin(), out_.begin() + static_cast<std::ptrdiff_t>(out_head_));
    out_head_ = 0;
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
                       } else {
                         self->Settle();
                       }
                     });
}

// ---------------------------------------------------------------- life

bool Connection::HasNothingToDo() const {
  return !is_closed_ && in_flight_.empty() && out_.empty() && backlog_.empty() &&
         !reader_.is_mid_frame();
}

void Connection::Settle() {
  if (is_closed_) return;
  Flush();
  while (!is_closed_ && is_paused_ && !ShouldPause()) {
    Resume();
    Flush();
  }
  if (shared_->is_draining.load()) {
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

void Connection::CheckTimes(MonotonicTime now) {
  const ServerLimits& limits = shared_->options.limits;
  if (is_closed_) return;
  if (out_head_ < out_.size()) {
    if (now - out_head_began_ > limits.frame_deadline) return Close(CloseReason::kFrameDeadline);
    if (now - last_write_ > limits.stall_timeout) return Close(CloseReason::kStall);
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
  ServerCounters::Add(shared_->counters.closed[static_cast<std::size_t>(reason)], 1);
  error_code ignored;
  socket_.close(ignored);
  shared_->receive_budget.Give(backlog_.size());
  backlog_.clear();
  out_.clear();
  out_head_ = out_head_sent_ = out_bytes_ = 0;
  CancelAll();
  worker_->Forget(self);
}

}  // namespace lanemq::rpc
