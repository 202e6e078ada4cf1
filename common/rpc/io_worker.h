#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <unordered_set>
#include <utility>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "common/base/mutex.h"
#include "common/rpc/call.h"
#include "common/rpc/server_shared.h"

namespace lanemq::rpc {

class Connection;

/// One I/O thread of a server: its io_context, its connections, and the replies that other threads
/// finished for them (posted once per burst, not once per reply).
///
/// Thread safety: Post() and Adopt() from any thread; what begins with "On thread:" there only.
class IoWorker : public std::enable_shared_from_this<IoWorker> {
 public:
  IoWorker(std::shared_ptr<ServerShared> shared, std::function<void()> on_connection_closed);

  void Start(const std::string& thread_name);
  /// Closes all connections and ends the thread. Later replies are dropped.
  void Stop();

  /// Takes over an accepted connection.
  void Adopt(boost::asio::ip::tcp::socket socket, Lobby::Place place);
  /// Queues a reply that was finished on another thread.
  void Post(std::shared_ptr<Connection> connection, Reply reply);
  /// Lets every connection close as soon as it has nothing left to do.
  void Drain();
  using IsVoid = std::function<bool(const core::Caller&)>;
  /// Closes the connections whose caller `is_void`, later, on the worker's thread.
  void CloseVoid(std::shared_ptr<const IsVoid> is_void);

  /// On thread: `connection` has ended.
  void Forget(const std::shared_ptr<Connection>& connection);
  /// On thread: memory for reads, shared by all connections.
  [[nodiscard]] std::vector<std::uint8_t>& scratch() { return scratch_; }

  [[nodiscard]] boost::asio::io_context& io() { return io_; }
  [[nodiscard]] std::size_t connections() const { return connection_count_.load(); }

 private:
  void TakePosted();
  void Sweep();
  void ScheduleSweep();
  void CloseAll();

  const std::shared_ptr<ServerShared> shared_;
  const std::function<void()> on_connection_closed_;
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  boost::asio::steady_timer sweep_timer_;
  std::unordered_set<std::shared_ptr<Connection>> connections_;
  std::vector<std::uint8_t> scratch_;
  std::atomic<std::size_t> connection_count_ = 0;

  Mutex mutex_;
  std::vector<std::pair<std::shared_ptr<Connection>, Reply>> posted_ LANEMQ_GUARDED_BY(mutex_);
  bool is_stopped_ LANEMQ_GUARDED_BY(mutex_) = false;
  std::jthread thread_;
};

}  // namespace lanemq::rpc
