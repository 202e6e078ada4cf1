#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/socket_base.hpp>

namespace lanemq::rpc {

/// How every connection's socket is used, on both sides: without blocking, without waiting for
/// fuller packets, and with probes when nothing comes. What the system refuses is left as it is.
inline void SetUpSocket(boost::asio::ip::tcp::socket& socket) {
  boost::system::error_code ignored;
  socket.non_blocking(true, ignored);
  socket.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
  socket.set_option(boost::asio::socket_base::keep_alive(true), ignored);
}

}  // namespace lanemq::rpc
