#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "common/base/time.h"
#include "common/rpc/client_call.h"
#include "common/rpc/frame_reader.h"
#include "common/rpc/tls_stream.h"

namespace lanemq::rpc {

/// One connection of an RpcClient. Lives on the client's I/O thread.
class ClientConnection final : public std::enable_shared_from_this<ClientConnection> {
 public:
  /// Told what happens. Outlives the connection's last handler; nothing is told after Close().
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void OnConnected(ClientConnection& connection) = 0;
    /// Once: the server serves us.
    virtual void OnAccepted(ClientConnection& connection) = 0;
    virtual void OnReply(const std::shared_ptr<ClientCall>& call,
                         std::span<const std::uint8_t> reply) = 0;
    /// Calls may have become possible.
    virtual void OnRoom(ClientConnection& connection) = 0;
    /// Connecting failed, or the connection broke. `calls` have no reply. With `refusal` the server
    /// does not serve us: none of them has taken effect, and that is their error.
    virtual void OnClosed(ClientConnection& connection,
                          std::vector<std::shared_ptr<ClientCall>> calls, const std::string& why,
                          const std::optional<Error>& refusal) = 0;
  };

  ClientConnection(boost::asio::io_context& io, Owner& owner, const ClientOptions& options,
                   ClientCounters& counters, Endpoint endpoint, std::vector<std::uint8_t>& scratch);

  void Connect();
  /// Puts the call into the send queue; Flush() follows.
  void Send(const std::shared_ptr<ClientCall>& call);
  void Flush();
  /// The call ran into its deadline: forgets it, and gives the connection up if it is silent.
  void GiveUp(const std::shared_ptr<ClientCall>& call);
  /// Ends it; the calls without reply are told to the owner.
  void Break(const std::string& why, const std::optional<Error>& refusal = std::nullopt);

  [[nodiscard]] bool is_open() const { return state_ == State::kOpen; }
  /// The server had accepted us, whatever happened since: the token, or with TLS the certificate,
  /// which it may refuse after the handshake.
  [[nodiscard]] bool was_accepted() const { return was_accepted_; }
  [[nodiscard]] bool is_connecting() const { return state_ == State::kConnecting; }
  [[nodiscard]] std::size_t in_flight() const { return in_flight_.size(); }
  [[nodiscard]] MonotonicTime last_used() const { return last_used_; }
  [[nodiscard]] const Endpoint& endpoint() const { return endpoint_; }

 private:
  enum class State { kConnecting, kOpen, kClosed };
  struct Outgoing {
    OwnedBytes frame;
    std::shared_ptr<ClientCall> call;
  };

  void OnResolved(const boost::asio::ip::tcp::resolver::results_type& results);
  void OnReached();
  void ShakeHands();
  void OnOpen();
  void Authenticate();
  bool OnAuthenticated(std::span<const std::uint8_t> reply);
  void Accepted();
  void WaitReadable();
  void ReadOn();
  void OnReadable();
  void WaitWritable();
  bool OnFrame(std::span<const std::uint8_t> frame);
  [[nodiscard]] std::string TextOf(const boost::system::error_code& error) const;
  /// The server has told TLS that it does not want our certificate.
  [[nodiscard]] std::optional<Error> TlsRefusal() const;
  void BreakUnwritable(const boost::system::error_code& error);
  void BreakMalformed(std::span<const std::uint8_t> bytes, bool is_first);
  std::shared_ptr<ClientCall> Forget(std::int32_t seqid);
  void PopSent(std::size_t sent);

  Owner& owner_;
  const ClientOptions& options_;
  ClientCounters& counters_;
  const Endpoint endpoint_;
  std::vector<std::uint8_t>& scratch_;
  boost::asio::ip::tcp::resolver resolver_;
  boost::asio::ip::tcp::socket socket_;
  std::unique_ptr<TlsStream> tls_;  // Null: the socket is written and read as it is.
  boost::asio::steady_timer connect_timer_;
  State state_ = State::kConnecting;
  bool was_accepted_ = false;
  std::shared_ptr<ClientCall> authentication_;  // While it has no reply,
  std::string token_;                           // and what it presents.

  FrameReader reader_;
  const FrameReader::FrameHandler on_frame_;
  std::unordered_map<std::int32_t, std::shared_ptr<ClientCall>> in_flight_;
  std::int32_t next_seqid_ = 1;
  std::deque<Outgoing> out_;
  std::size_t head_sent_ = 0;
  bool is_waiting_readable_ = false;
  bool is_reading_on_ = false;
  bool is_waiting_writable_ = false;
  MonotonicTime last_used_;
  MonotonicTime last_read_;
  int silent_timeouts_ = 0;
};

}  // namespace lanemq::rpc
