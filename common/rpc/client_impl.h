#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "common/base/mutex.h"
#include "common/base/random.h"
#include "common/rpc/client.h"
#include "common/rpc/client_connection.h"

namespace lanemq::rpc {

/// The inside of RpcClient: endpoints with their connections and queues, on one I/O thread.
/// Thread safety: as RpcClient for the public methods; the private ones on the I/O thread.
class RpcClient::Impl final : public ClientConnection::Owner {
 public:
  explicit Impl(ClientOptions options);
  ~Impl() override;

  void Submit(std::shared_ptr<ClientCall> call);
  void Close();
  [[nodiscard]] ClientStats Stats() const;
  [[nodiscard]] const ClientOptions& options() const { return options_; }
  [[nodiscard]] bool IsIoThread() const;

 private:
  struct Peer {
    Endpoint endpoint;
    std::vector<std::shared_ptr<ClientConnection>> connections;
    std::deque<std::shared_ptr<ClientCall>> queue;
    std::size_t queued_bytes = 0;
    int failures = 0;        // Connects that failed in a row.
    MonotonicTime retry_at;  // Not before, after a failure.
    Error last_failure;      // What calls get until then.
  };
  using Calls = std::vector<std::shared_ptr<ClientCall>>;

  void OnConnected(ClientConnection& connection) override;
  void OnAccepted(ClientConnection& connection) override;
  void OnReply(const std::shared_ptr<ClientCall>& call,
               std::span<const std::uint8_t> reply) override;
  void OnRoom(ClientConnection& connection) override;
  void OnClosed(ClientConnection& connection, Calls calls, const std::string& why,
                const std::optional<Error>& refusal) override;

  void TakeSubmitted();
  void Admit(const std::shared_ptr<ClientCall>& call);
  [[nodiscard]] std::optional<Error> Refusal(const Peer& peer, const ClientCall& call) const;
  Peer& PeerOf(const Endpoint& endpoint);
  void Dispatch(Peer& peer);
  [[nodiscard]] std::shared_ptr<ClientConnection> Pick(Peer& peer);
  void OpenConnection(Peer& peer);
  void DropIdle(Peer& peer);
  void FailQueue(Peer& peer, const Error& error);
  void BackOff(Peer& peer);

  void ArmTimer();
  void OnTimer();
  void Expire(const std::shared_ptr<ClientCall>& call);
  void Fail(const std::shared_ptr<ClientCall>& call, Error error);
  /// Marks the call as done. False when it was already.
  bool Finish(ClientCall& call);
  void Run(ClientCall& call, Result<std::span<const std::uint8_t>> result);
  void Shut();

  const ClientOptions options_;
  ClientCounters counters_;
  Random random_;
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  boost::asio::steady_timer timer_;
  std::optional<MonotonicTime> timer_at_;
  std::vector<std::uint8_t> scratch_;
  std::map<Endpoint, Peer> peers_;
  ClientCall::DeadlineIndex deadlines_;
  bool is_shut_ = false;

  Mutex mutex_;
  Calls submitted_ LANEMQ_GUARDED_BY(mutex_);
  std::size_t submitted_bytes_ LANEMQ_GUARDED_BY(mutex_) = 0;
  bool is_closed_ LANEMQ_GUARDED_BY(mutex_) = false;
  Mutex join_mutex_;
  std::jthread thread_ LANEMQ_GUARDED_BY(join_mutex_);
};

}  // namespace lanemq::rpc
