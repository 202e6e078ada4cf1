#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <boost/asio/ip/tcp.hpp>

#include "common/base/time.h"
#include "common/rpc/call.h"
#include "common/rpc/frame_reader.h"
#include "common/rpc/out_queue.h"
#include "common/rpc/server_shared.h"
#include "common/rpc/server_stats.h"
#include "common/rpc/tls_stream.h"

namespace lanemq::rpc {

class IoWorker;

/// One client's connection: splits frames, starts calls, sends replies as they become ready, stops
/// reading a client that does not take its replies or asks too much at once.
///
/// Lives on one IoWorker's thread; only Deliver() may be called elsewhere.
class Connection final : public ReplySink, public std::enable_shared_from_this<Connection> {
 public:
  Connection(std::shared_ptr<ServerShared> shared, std::shared_ptr<IoWorker> worker,
             boost::asio::ip::tcp::socket socket, Lobby::Place place);
  ~Connection() override;

  void Start();
  void Deliver(Reply reply) override;
  void Identify(std::shared_ptr<const core::Caller> caller) override;

  /// Takes a finished reply into the queue; Settle() follows after a burst of them.
  void Accept(Reply reply);
  /// Sends what is queued, reads on if reading was paused, and closes when drained.
  void Settle();
  /// Closes the connection if one of its times is up.
  void CheckTimes(MonotonicTime now);
  void Close(CloseReason reason);
  /// Who the other side has said it is; null: it has not.
  [[nodiscard]] const core::Caller* caller() const { return caller_.get(); }

 private:
  struct InFlight {
    std::uint64_t id = 0;
    std::uint64_t number = 0;  // In the request id.
    std::weak_ptr<Call> call;
    std::string method;
    std::size_t request_bytes = 0;
    MonotonicTime started;
  };

  void ShakeHands();
  void IsCaller(std::shared_ptr<const core::Caller> caller);
  void WaitReadable();
  void ReadOn();
  void WaitWritable();
  void OnReadable();
  [[nodiscard]] bool HasNothingToDo() const;
  enum class ReadResult { kMore, kDry, kStop };
  ReadResult ReadOnce();
  void CloseBroken(FrameReader::Outcome outcome);
  [[nodiscard]] bool MayDiscard(FrameReader::Outcome outcome) const;
  [[nodiscard]] CloseReason WhyBroken() const;
  void KeepBacklog(std::span<const std::uint8_t> rest);
  void DigestBacklog();

  bool ServeFrame(std::span<const std::uint8_t> frame);
  [[nodiscard]] std::optional<Error> Refusal(const MessageHead& head, std::size_t bytes) const;
  void Refuse(const MessageHead& head, const Error& error, std::size_t bytes);
  [[nodiscard]] bool ShouldPause() const;
  [[nodiscard]] std::size_t OutBytesMax() const;
  /// Nobody has said who is there, and somebody has to.
  [[nodiscard]] bool is_unidentified() const { return place_.is_taken(); }
  void Pause();
  void Resume();
  void Queue(OwnedBytes frame);
  void Flush();
  void CloseForMemory();
  /// Says to the budget how much the queue holds now.
  void CountOut();
  void EndCall(const InFlight& call, const Reply& reply);
  void CancelAll();

  const std::shared_ptr<ServerShared> shared_;
  const std::shared_ptr<IoWorker> worker_;
  boost::asio::ip::tcp::socket socket_;
  std::unique_ptr<TlsStream> tls_;  // Null: the socket is written and read as it is.
  const std::shared_ptr<const std::string> peer_;
  std::shared_ptr<const core::Caller> caller_;
  /// Of the certificate that said who is there.
  std::optional<WallTime> caller_ends_at_;
  Lobby::Place place_;  // Taken until it is known who is there, if that is asked for.
  FrameReader reader_;
  const FrameReader::FrameHandler serve_frame_;

  std::vector<InFlight> in_flight_;
  std::uint64_t next_call_id_ = 1;
  // Bytes that had been read when reading paused; counted in the receive budget.
  std::vector<std::uint8_t> backlog_;
  OutQueue out_;
  std::size_t out_counted_ = 0;  // Of out_, in the budget of all connections.

  const MonotonicTime began_;
  MonotonicTime last_activity_;
  MonotonicTime last_read_;
  MonotonicTime last_write_;
  std::optional<MonotonicTime> frame_began_;  // Of the half-received frame.
  MonotonicTime out_head_began_;

  bool is_shaking_hands_ = false;
  bool is_waiting_readable_ = false;
  bool is_reading_on_ = false;
  bool is_waiting_writable_ = false;
  bool is_paused_ = false;
  bool is_discarding_ = false;  // What comes is not looked at any more.
  bool is_closed_ = false;
};

}  // namespace lanemq::rpc
