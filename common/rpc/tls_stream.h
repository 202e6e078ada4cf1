#pragma once

#include <cstddef>
#include <cstdint>
#include <openssl/ssl.h>
#include <optional>
#include <span>
#include <string>

#include <boost/asio/buffer.hpp>
#include <boost/system/error_code.hpp>

#include "common/base/time.h"
#include "common/rpc/openssl_ptr.h"
#include "common/rpc/tls.h"

namespace lanemq::rpc {

/// TLS over the socket of one connection, which does not block and outlives this. Whoever owns it
/// waits for the socket, and then calls again.
///
/// Not thread-safe; one owner.
class TlsStream {
 public:
  enum class Handshake { kDone, kWantsRead, kWantsWrite, kFailed };

  TlsStream(const TlsServer& server, int socket);
  /// `host` is what the user calls; the server has to prove that it is this.
  TlsStream(const TlsClient& client, const std::string& host, int socket);
  ~TlsStream();
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;

  /// Goes on with the handshake, until it is done or has to wait.
  Handshake Advance();

  /// As read_some() of a socket, but reads until `to` is full or nothing more has come.
  std::size_t ReadSome(std::span<std::uint8_t> to, boost::system::error_code& error);
  /// As write_some(). What is small is gathered into one record. After would_block, come again with
  /// the same bytes, or more behind them.
  std::size_t WriteSome(std::span<const boost::asio::const_buffer> pieces,
                        boost::system::error_code& error);
  /// There is something to read, or an error to be told, that the socket will not announce.
  [[nodiscard]] bool has_more() const;
  /// Tells the peer that nothing follows, if that is possible at once. Before the socket is closed.
  void SayGoodbye();

  /// After a failure: what happened, for people. It tells no secrets.
  [[nodiscard]] const std::string& error() const { return error_; }
  /// The failure is one of TLS, not of the network.
  [[nodiscard]] bool is_violated() const { return is_violated_; }
  /// The server refuses our certificate, or that there is none. It has done nothing else for us.
  [[nodiscard]] bool is_certificate_refused() const { return is_certificate_refused_; }
  /// The name in the client's verified certificate: NAME of its alternative name
  /// "lanemq:service/NAME" (URI); without any such its common name, where the server's options let
  /// that count. Empty: there is none, or more than one.
  [[nodiscard]] std::string PeerName() const;
  /// When the peer's certificate ends; nullopt: it has none, or does not say.
  [[nodiscard]] std::optional<WallTime> PeerEndsAt() const;

 private:
  /// The socket as OpenSSL's callbacks see it.
  struct Socket {
    int descriptor = -1;
    int error = 0;            // errno of what failed.
    bool is_drained = false;  // The last read got less than it could: no need to ask again.
    bool has_ended = false;   // The peer sends nothing more.

    static const BIO_METHOD* Method();
    static int Read(BIO* bio, char* to, int size);
    static int Write(BIO* bio, const char* from, int size);
    static long Control(BIO* bio, int command, long number, void* pointer);
  };

  void Attach(SSL_CTX& context);
  void Fail(int ssl_error);
  void NoteViolation(unsigned long code);
  void TellThatThisIsTls() const;
  [[nodiscard]] boost::system::error_code FailureCode() const;

  Socket socket_;
  OpenSslPtr<SSL> ssl_;
  std::string expected_name_;  // Of a server.
  bool is_common_name_a_name_ = false;
  std::string error_;
  bool is_open_ = false;  // The handshake is done.
  bool is_dry_ = false;   // The last read ended because nothing more had come.
  bool has_failed_ = false;
  bool is_violated_ = false;
  bool is_certificate_refused_ = false;
};

}  // namespace lanemq::rpc
