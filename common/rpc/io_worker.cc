#include "common/rpc/io_worker.h"

#include <pthread.h>

#include <boost/asio/post.hpp>

#include "common/base/clock.h"
#include "common/rpc/connection.h"

namespace lanemq::rpc {
namespace {

namespace asio = boost::asio;
constexpr std::size_t kScratchBytes = 256u << 10;

}  // namespace

IoWorker::IoWorker(std::shared_ptr<ServerShared> shared, std::function<void()> on_connection_closed)
    : shared_(std::move(shared)),
      on_connection_closed_(std::move(on_connection_closed)),
      work_(io_.get_executor()),
      sweep_timer_(io_),
      scratch_(kScratchBytes) {}

void IoWorker::Start(const std::string& thread_name) {
  ScheduleSweep();
  thread_ = std::jthread([this, thread_name] {
    pthread_setname_np(pthread_self(), thread_name.substr(0, 15).c_str());
    io_.run();
  });
}

void IoWorker::Stop() {
  std::vector<std::pair<std::shared_ptr<Connection>, Reply>> dropped;
  {
    MutexLock lock(mutex_);
    if (is_stopped_) return;
    is_stopped_ = true;
    dropped.swap(posted_);
  }
  // run() is left to end by itself: every handler runs, and so none keeps a connection alive that
  // keeps this worker alive.
  asio::post(io_, [this] {
    CloseAll();
    sweep_timer_.cancel();
    work_.reset();
  });
  if (thread_.joinable()) {
    thread_.join();
  } else {
    io_.run();
  }
}

void IoWorker::Adopt(asio::ip::tcp::socket socket, Lobby::Place place) {
  MutexLock lock(mutex_);
  if (is_stopped_) return;
  connection_count_.fetch_add(1);
  ServerCounters::Add(shared_->counters.connections, 1);
  asio::post(io_, [this, socket = std::move(socket), place = std::move(place)]() mutable {
    const auto connection = std::make_shared<Connection>(shared_, shared_from_this(),
                                                         std::move(socket), std::move(place));
    connections_.insert(connection);
    connection->Start();
  });
}

void IoWorker::Post(std::shared_ptr<Connection> connection, Reply reply) {
  MutexLock lock(mutex_);
  if (is_stopped_) return;
  posted_.emplace_back(std::move(connection), std::move(reply));
  if (posted_.size() == 1) asio::post(io_, [this] { TakePosted(); });
}

void IoWorker::TakePosted() {
  std::vector<std::pair<std::shared_ptr<Connection>, Reply>> burst;
  {
    MutexLock lock(mutex_);
    burst.swap(posted_);
  }
  for (auto& [connection, reply] : burst) connection->Accept(std::move(reply));
  // Settling is cheap when there is nothing (left) to send, so repeats do no harm.
  for (auto& [connection, reply] : burst) connection->Settle();
}

void IoWorker::Drain() {
  MutexLock lock(mutex_);
  if (is_stopped_) return;
  asio::post(io_, [this] {
    const auto connections = connections_;
    for (const auto& connection : connections) connection->Settle();
  });
}

void IoWorker::CloseVoid(std::shared_ptr<const IsVoid> is_void) {
  MutexLock lock(mutex_);
  if (is_stopped_) return;
  asio::post(io_, [this, is_void = std::move(is_void)] {
    const auto connections = connections_;  // Closing changes the set.
    for (const auto& connection : connections) {
      const core::Caller* const caller = connection->caller();
      if (caller != nullptr && (*is_void)(*caller)) connection->Close(CloseReason::kRevoked);
    }
  });
}

void IoWorker::CloseAll() {
  const auto connections = connections_;
  for (const auto& connection : connections) connection->Close(CloseReason::kDrain);
}

void IoWorker::Forget(const std::shared_ptr<Connection>& connection) {
  connections_.erase(connection);
  connection_count_.fetch_sub(1);
  shared_->counters.connections.fetch_sub(1, std::memory_order_relaxed);
  on_connection_closed_();
}

void IoWorker::ScheduleSweep() {
  sweep_timer_.expires_after(shared_->options.limits.sweep_interval);
  sweep_timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    Sweep();
    MutexLock lock(mutex_);
    if (!is_stopped_) ScheduleSweep();
  });
}

void IoWorker::Sweep() {
  const MonotonicTime now = SystemClock::Instance().Now();
  const auto connections = connections_;  // Closing changes the set.
  for (const auto& connection : connections) connection->CheckTimes(now);
}

}  // namespace lanemq::rpc
