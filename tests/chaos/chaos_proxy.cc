#include "tests/chaos/chaos_proxy.h"

#include <array>
#include <map>
#include <random>
#include <thread>
#include <utility>

#include <boost/asio.hpp>

#include "common/base/mutex.h"

namespace lanemq::chaos {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Code = boost::system::error_code;

constexpr std::size_t kChunkBytes = 256u << 10;

}  // namespace

// One I/O thread; what it alone touches needs no lock.
class ChaosProxy::Impl {
 public:
  explicit Impl(std::uint64_t seed) : acceptor_(io_), random_(seed) {}

  ~Impl() {
    io_.stop();
    if (thread_.joinable()) thread_.join();
  }

  Status Start(int target_port) {
    target_port_ = target_port;
    Code code;
    const tcp::endpoint any(asio::ip::address_v4::loopback(), 0);
    acceptor_.open(any.protocol(), code);
    if (!code) acceptor_.bind(any, code);
    if (!code) acceptor_.listen(asio::socket_base::max_listen_connections, code);
    if (code) return Error{ErrorCode::kUnknownServerError, "chaos proxy: " + code.message()};
    port_ = acceptor_.local_endpoint().port();
    Accept();
    thread_ = std::jthread([this] { io_.run(); });
    return {};
  }

  void OnThread(std::function<void()> what) { asio::post(io_, std::move(what)); }

  void CutAll() {
    auto links = std::move(links_);
    links_.clear();
    for (auto& [id, link] : links) {
      Close(*link);
      Count(&ChaosStats::cut_all);
    }
  }

  void Count(std::int64_t ChaosStats::*what) {
    const MutexLock lock(mutex_);
    ++(stats_.*what);
  }

  ChaosStats Stats() const {
    const MutexLock lock(mutex_);
    return stats_;
  }

  int port_ = 0;
  int target_port_ = 0;
  bool is_blocked_ = false;
  Cuts cuts_;

 private:
  struct Side {
    explicit Side(asio::io_context& io) : socket(io) {}
    tcp::socket socket;
    std::array<char, kChunkBytes> buffer;
  };
  struct Link {
    explicit Link(asio::io_context& io) : client(io), server(io) {}
    std::int64_t id = 0;
    Side client;
    Side server;
    bool is_reply_doomed = false;
  };
  using LinkPtr = std::shared_ptr<Link>;

  void Accept() {
    auto link = std::make_shared<Link>(io_);
    acceptor_.async_accept(link->client.socket, [this, link](Code code) {
      if (code) return;
      if (!is_blocked_) Connect(link);
      Accept();
    });
  }

  void Connect(const LinkPtr& link) {
    Count(&ChaosStats::connections);
    link->id = ++last_id_;
    links_[link->id] = link;
    const tcp::endpoint target(asio::ip::address_v4::loopback(),
                               static_cast<std::uint16_t>(target_port_));
    link->server.socket.async_connect(target, [this, link](Code code) {
      if (code) return Cut(link);
      Code ignored;
      link->client.socket.set_option(tcp::no_delay(true), ignored);
      link->server.socket.set_option(tcp::no_delay(true), ignored);
      Pump(link, link->client, link->server);
      Pump(link, link->server, link->client);
    });
  }

  void Pump(const LinkPtr& link, Side& from, Side& to) {
    from.socket.async_read_some(asio::buffer(from.buffer),
                                [this, link, &from, &to](Code code, std::size_t bytes) {
                                  if (code) return Cut(link);
                                  OnChunk(link, from, to, bytes);
                                });
  }

  void OnChunk(const LinkPtr& link, Side& from, Side& to, std::size_t bytes) {
    const bool is_request = &from == &link->client;
    if (is_request ? Roll(cuts_.before_request) : link->is_reply_doomed) {
      Count(is_request ? &ChaosStats::before_request : &ChaosStats::before_reply);
      return Cut(link);
    }
    const bool is_halved = Roll(is_request ? cuts_.inside_request : cuts_.inside_reply);
    if (is_halved) bytes /= 2;
    if (is_request && !is_halved) link->is_reply_doomed = Roll(cuts_.before_reply);
    asio::async_write(
        to.socket, asio::buffer(from.buffer.data(), bytes),
        [this, link, &from, &to, is_request, is_halved](Code code, std::size_t) {
          if (is_halved) {
            Count(is_request ? &ChaosStats::inside_request : &ChaosStats::inside_reply);
          }
          if (code || is_halved) return Cut(link);
          Pump(link, from, to);
        });
  }

  bool Roll(double chance) {
    return chance > 0 && std::uniform_real_distribution<double>(0, 1)(random_) < chance;
  }

  void Cut(const LinkPtr& link) {
    links_.erase(link->id);
    Close(*link);
  }

  static void Close(Link& link) {
    Code ignored;
    link.client.socket.close(ignored);
    link.server.socket.close(ignored);
  }

  asio::io_context io_;
  tcp::acceptor acceptor_;
  std::mt19937_64 random_;
  std::map<std::int64_t, LinkPtr> links_;
  std::int64_t last_id_ = 0;
  mutable Mutex mutex_;
  ChaosStats stats_ LANEMQ_GUARDED_BY(mutex_);
  std::jthread thread_;
};

ChaosProxy::ChaosProxy(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ChaosProxy::~ChaosProxy() = default;

Result<std::unique_ptr<ChaosProxy>> ChaosProxy::Start(int target_port, std::uint64_t seed) {
  auto impl = std::make_unique<Impl>(seed);
  LANEMQ_RETURN_IF_ERROR(impl->Start(target_port));
  return std::unique_ptr<ChaosProxy>(new ChaosProxy(std::move(impl)));
}

int ChaosProxy::port() const { return impl_->port_; }

void ChaosProxy::SetTarget(int target_port) {
  impl_->OnThread([this, target_port] { impl_->target_port_ = target_port; });
}

void ChaosProxy::SetCuts(Cuts cuts) {
  impl_->OnThread([this, cuts] { impl_->cuts_ = cuts; });
}

void ChaosProxy::CutAll() {
  impl_->OnThread([this] { impl_->CutAll(); });
}

void ChaosProxy::Block(bool is_blocked) {
  impl_->OnThread([this, is_blocked] {
    impl_->is_blocked_ = is_blocked;
    if (is_blocked) impl_->CutAll();
  });
}

ChaosStats ChaosProxy::Stats() const { return impl_->Stats(); }

}  // namespace lanemq::chaos
