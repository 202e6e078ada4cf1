#include "common/rpc/client_connection.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>

#include "common/base/clock.h"
#include "common/rpc/authentication.h"
#include "common/rpc/socket_options.h"

namespace lanemq::rpc {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t kBuffersPerWrite = 64;
constexpr int kReadsPerTurn = 8;
// How a TLS record begins that tells a plain client that it is one.
constexpr std::uint8_t kTlsAlert = 21;
constexpr std::uint8_t kTlsMajorVersion = 3;

MonotonicTime Now() { return SystemClock::Instance().Now(); }

std::uint32_t ReadU32(std::span<const std::uint8_t> bytes) {
  return (std::uint32_t{bytes[0]} << 24) | (std::uint32_t{bytes[1]} << 16) |
         (std::uint32_t{bytes[2]} << 8) | std::uint32_t{bytes[3]};
}

// The sequence id of a strict binary message: version, length of the name, name, sequence id.
std::optional<std::int32_t> SeqidOf(std::span<const std::uint8_t> frame) {
  if (frame.size() < 12 || frame[0] != 0x80) return std::nullopt;
  const std::size_t name_bytes = ReadU32(frame.subspan(4));
  if (name_bytes > frame.size() - 12) return std::nullopt;
  return static_cast<std::int32_t>(ReadU32(frame.subspan(8 + name_bytes)));
}

void PatchSeqid(ClientCall& call) {
  const auto seqid = static_cast<std::uint32_t>(call.seqid);
  for (std::size_t i = 0; i < 4; ++i) {
    call.frame.data.get()[call.seqid_at + i] = static_cast<std::uint8_t>(seqid >> (24 - 8 * i));
  }
}

}  // namespace

ClientConnection::ClientConnection(asio::io_context& io, Owner& owner, const ClientOptions& options,
                                   ClientCounters& counters, Endpoint endpoint,
                                   std::vector<std::uint8_t>& scratch)
    : owner_(owner),
      options_(options),
      counters_(counters),
      endpoint_(std::move(endpoint)),
      scratch_(scratch),
      resolver_(io),
      socket_(io),
      connect_timer_(io),
      reader_(options.reply_bytes_max, nullptr),
      on_frame_([this](std::span<const std::uint8_t> frame) { return OnFrame(frame); }),
      last_used_(Now()) {}

// ---------------------------------------------------------------- connecting

void ClientConnection::Connect() {
  const auto self = shared_from_this();
  connect_timer_.expires_after(options_.connect_timeout);
  connect_timer_.async_wait([self](const error_code& error) {
    if (error) return;
    if (self->is_connecting()) self->Break("connecting took too long");
    if (self->authentication_ != nullptr) self->Break("no answer to the token in time");
  });
  error_code error;
  const auto address = asio::ip::make_address(endpoint_.host, error);
  if (!error) {
    const tcp::endpoint target(address, endpoint_.port);
    OnResolved(tcp::resolver::results_type::create(target, endpoint_.host, ""));
    return;
  }
  resolver_.async_resolve(
      endpoint_.host, std::to_string(endpoint_.port),
      [self](const error_code& failure, const tcp::resolver::results_type& results) {
        if (!self->is_connecting()) return;
        if (failure) {
          self->Break("resolve '" + self->endpoint_.host + "': " + failure.message());
        } else {
          self->OnResolved(results);
        }
      });
}

void ClientConnection::OnResolved(const tcp::resolver::results_type& results) {
  asio::async_connect(socket_, results,
                      [self = shared_from_this()](const error_code& error, const tcp::endpoint&) {
                        if (!self->is_connecting()) return;
                        if (error) {
                          self->Break("connect: " + error.message());
                        } else {
                          self->OnReached();
                        }
                      });
}

void ClientConnection::OnReached() {
  SetUpSocket(socket_);
  if (options_.tls == nullptr) return OnOpen();
  tls_ = std::make_unique<TlsStream>(*options_.tls, endpoint_.host, socket_.native_handle());
  ShakeHands();
}

void ClientConnection::ShakeHands() {
  switch (tls_->Advance()) {
    case TlsStream::Handshake::kWantsRead:
      return WaitReadable();
    case TlsStream::Handshake::kWantsWrite:
      return WaitWritable();
    case TlsStream::Handshake::kFailed:
      return Break(tls_->error(), TlsRefusal());
    case TlsStream::Handshake::kDone:
      return OnOpen();
  }
}

void ClientConnection::OnOpen() {
  state_ = State::kOpen;
  last_used_ = Now();
  if (options_.token) token_ = options_.token();
  if (!token_.empty()) {
    Authenticate();
  } else {
    connect_timer_.cancel();
    if (tls_ == nullptr) Accepted();
  }
  if (!is_open()) return;
  WaitReadable();
  owner_.OnConnected(*this);
  Flush();
}

void ClientConnection::Authenticate() {
  EncodedCall call = EncodeAuthenticate(token_, options_.request_bytes_max);
  if (call.frame.data == nullptr) {
    const Error refusal{ErrorCode::kAuthenticationFailed, "the token exceeds the limit of one call",
                        0};
    return Break(refusal.message, refusal);
  }
  authentication_ = std::make_shared<ClientCall>();
  authentication_->frame = std::move(call.frame);
  authentication_->seqid_at = call.seqid_at;
  Send(authentication_);
}

bool ClientConnection::OnAuthenticated(std::span<const std::uint8_t> reply) {
  authentication_.reset();
  const Status status = DecodeAuthenticated(reply, std::exchange(token_, {}));
  if (status.ok()) {
    Accepted();
  } else if (EffectOf(status.error().code) == Effect::kNone) {
    Break(status.error().message, status.error());
  } else {
    Break(status.error().message);
  }
  return is_open();
}

void ClientConnection::Accepted() {
  if (std::exchange(was_accepted_, true)) return;
  connect_timer_.cancel();
  owner_.OnAccepted(*this);
}

// ---------------------------------------------------------------- sending

void ClientConnection::Send(const std::shared_ptr<ClientCall>& call) {
  do {
    call->seqid = next_seqid_;
    next_seqid_ = next_seqid_ == INT32_MAX ? 1 : next_seqid_ + 1;
  } while (in_flight_.contains(call->seqid));
  PatchSeqid(*call);
  in_flight_.emplace(call->seqid, call);
  counters_.in_flight.fetch_add(1, std::memory_order_relaxed);
  call->sent_at = last_used_ = Now();
  out_.push_back({std::move(call->frame), call});
}

void ClientConnection::Flush() {
  while (is_open() && !is_waiting_writable_ && !out_.empty()) {
    std::array<asio::const_buffer, kBuffersPerWrite> buffers;
    const std::size_t count = std::min(out_.size(), buffers.size());
    std::size_t skip = head_sent_;
    for (std::size_t i = 0; i < count; ++i) {
      buffers[i] = {out_[i].frame.data.get() + skip, out_[i].frame.size - skip};
      skip = 0;
    }
    error_code error;
    const std::span<const asio::const_buffer> pieces = std::span(buffers).first(count);
    const std::size_t sent =
        tls_ != nullptr ? tls_->WriteSome(pieces, error) : socket_.write_some(pieces, error);
    if (error == asio::error::would_block || error == asio::error::try_again) return WaitWritable();
    if (error == asio::error::interrupted) continue;
    if (error) return BreakUnwritable(error);
    PopSent(sent);
  }
}

void ClientConnection::WaitWritable() {
  is_waiting_writable_ = true;
  socket_.async_wait(tcp::socket::wait_write, [self = shared_from_this()](const error_code& error) {
    self->is_waiting_writable_ = false;
    if (self->state_ == State::kClosed) return;
    if (error) return self->Break("wait to write: " + error.message());
    self->is_connecting() ? self->ShakeHands() : self->Flush();
  });
}

void ClientConnection::PopSent(std::size_t sent) {
  while (sent > 0) {
    Outgoing& head = out_.front();
    head.call->is_sent = true;
    const std::size_t taken = std::min(sent, head.frame.size - head_sent_);
    sent -= taken;
    head_sent_ += taken;
    if (head_sent_ < head.frame.size) return;
    out_.pop_front();
    head_sent_ = 0;
  }
}

// ---------------------------------------------------------------- receiving

void ClientConnection::WaitReadable() {
  if (tls_ != nullptr && is_open() && tls_->has_more()) return ReadOn();
  if (is_waiting_readable_) return;
  is_waiting_readable_ = true;
  socket_.async_wait(tcp::socket::wait_read, [self = shared_from_this()](const error_code& error) {
    self->is_waiting_readable_ = false;
    if (self->state_ == State::kClosed) return;
    if (error) return self->Break("wait to read: " + error.message());
    self->OnReadable();
  });
}

// The other connections get their turn first.
void ClientConnection::ReadOn() {
  if (std::exchange(is_reading_on_, true)) return;
  asio::post(socket_.get_executor(), [self = shared_from_this()] {
    self->is_reading_on_ = false;
    if (self->is_open()) self->OnReadable();
  });
}

void ClientConnection::OnReadable() {
  if (is_connecting()) return ShakeHands();
  for (int i = 0; i < kReadsPerTurn && is_open(); ++i) {
    const std::span<std::uint8_t> room = reader_.Room();
    const std::span<std::uint8_t> target = room.empty() ? std::span(scratch_) : room;
    error_code error;
    const std::size_t size =
        tls_ != nullptr ? tls_->ReadSome(target, error)
                        : socket_.read_some(asio::buffer(target.data(), target.size()), error);
    if (error == asio::error::would_block || error == asio::error::try_again) break;
    if (error == asio::error::interrupted) continue;
    if (error || size == 0) return Break("read: " + TextOf(error), TlsRefusal());
    const bool is_first = last_read_ == MonotonicTime();
    last_read_ = last_used_ = Now();
    silent_timeouts_ = 0;
    const auto progress = room.empty() ? reader_.Feed(target.first(size), on_frame_)
                                       : reader_.Filled(size, on_frame_);
    if (!is_open()) return;
    if (progress.outcome != FrameReader::Outcome::kOk) {
      return BreakMalformed(target.first(size), is_first);
    }
    if (size < target.size()) break;
  }
  if (!is_open()) return;
  WaitReadable();
  owner_.OnRoom(*this);
}

bool ClientConnection::OnFrame(std::span<const std::uint8_t> frame) {
  const auto seqid = SeqidOf(frame);
  if (!seqid) return false;  // Not our protocol: the connection is given up.
  const std::shared_ptr<ClientCall> call = Forget(*seqid);
  if (call != nullptr && call == authentication_) return OnAuthenticated(frame);
  if (token_.empty()) Accepted();
  if (call == nullptr) {
    counters_.late_replies.fetch_add(1, std::memory_order_relaxed);
  } else {
    owner_.OnReply(call, frame);
  }
  return true;
}

std::shared_ptr<ClientCall> ClientConnection::Forget(std::int32_t seqid) {
  const auto it = in_flight_.find(seqid);
  if (it == in_flight_.end()) return nullptr;
  std::shared_ptr<ClientCall> call = std::move(it->second);
  in_flight_.erase(it);
  counters_.in_flight.fetch_sub(1, std::memory_order_relaxed);
  return call;
}

// ---------------------------------------------------------------- ending

void ClientConnection::GiveUp(const std::shared_ptr<ClientCall>& call) {
  const auto it = in_flight_.find(call->seqid);
  if (it == in_flight_.end() || it->second != call) return;
  (void)Forget(call->seqid);
  if (last_read_ >= call->sent_at) {
    silent_timeouts_ = 0;
  } else if (++silent_timeouts_ >= options_.silent_timeouts_max) {
    return Break("no reply to " + std::to_string(silent_timeouts_) + " calls in a row");
  }
  owner_.OnRoom(*this);
}

std::string ClientConnection::TextOf(const error_code& error) const {
  return tls_ != nullptr ? tls_->error() : error.message();
}

std::optional<Error> ClientConnection::TlsRefusal() const {
  if (tls_ == nullptr || was_accepted_ || !tls_->is_certificate_refused()) return std::nullopt;
  return Error{ErrorCode::kAuthenticationFailed, tls_->error(), 0};
}

void ClientConnection::BreakUnwritable(const error_code& error) {
  const std::string why = "write: " + TextOf(error);
  if (tls_ != nullptr && !was_accepted_) {
    // The server may have said why before it hung up.
    std::array<std::uint8_t, 256> ignored;
    error_code unread;
    (void)tls_->ReadSome(ignored, unread);
    if (const auto refusal = TlsRefusal()) return Break(tls_->error(), refusal);
  }
  Break(why);
}

void ClientConnection::BreakMalformed(std::span<const std::uint8_t> bytes, bool is_first) {
  const bool is_alert = is_first && tls_ == nullptr && bytes.size() >= 2 && bytes[0] == kTlsAlert &&
                        bytes[1] == kTlsMajorVersion;
  if (!is_alert) return Break("the reply is malformed or exceeds the limit");
  const Error refusal{ErrorCode::kBrokerNotAvailable,
                      "the server speaks TLS, and this client was not told to", 0};
  Break(refusal.message, refusal);
}

void ClientConnection::Break(const std::string& why, const std::optional<Error>& refusal) {
  if (state_ == State::kClosed) return;
  const auto self = shared_from_this();
  state_ = State::kClosed;
  error_code ignored;
  resolver_.cancel();
  connect_timer_.cancel();
  if (tls_ != nullptr) tls_->SayGoodbye();
  socket_.close(ignored);
  if (authentication_ != nullptr) (void)Forget(authentication_->seqid);
  authentication_.reset();
  token_.clear();
  std::vector<std::shared_ptr<ClientCall>> calls;
  for (auto& [seqid, call] : in_flight_) calls.push_back(std::move(call));
  in_flight_.clear();
  counters_.in_flight.fetch_sub(static_cast<std::int64_t>(calls.size()), std::memory_order_relaxed);
  out_.clear();
  owner_.OnClosed(*this, std::move(calls), why, refusal);
}

}  // namespace lanemq::rpc
