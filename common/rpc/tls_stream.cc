#include "common/rpc/tls_stream.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <openssl/err.h>
#include <string_view>
#include <sys/socket.h>
#include <system_error>

#include <boost/asio/error.hpp>

#include "common/base/check.h"
#include "common/rpc/tls_context.h"

namespace lanemq::rpc {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t kRecordBytes = SSL3_RT_MAX_PLAIN_LENGTH;
constexpr std::string_view kServiceUri = "lanemq:service/";

std::string_view TextOf(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

// Names that end early for whoever reads them as C strings are nobody's.
std::string NameOrNothing(std::string_view name) {
  return name.find('\0') == std::string_view::npos ? std::string(name) : std::string();
}

std::string CommonNameOf(const X509* certificate) {
  X509_NAME* const subject = X509_get_subject_name(certificate);
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at < 0 || X509_NAME_get_index_by_NID(subject, NID_commonName, at) >= 0) return {};
  unsigned char* utf8 = nullptr;
  const int size =
      ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
  if (size < 0) return {};
  std::string name =
      NameOrNothing({reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(size)});
  OPENSSL_free(utf8);
  return name;
}

// The first error of TLS itself: below it are those of what it called, which tell people nothing.
// Without any such the first one; 0: none.
unsigned long TakeError() {
  unsigned long found = 0;
  while (const unsigned long code = ERR_get_error()) {
    const bool is_of_tls = ERR_GET_LIB(code) == ERR_LIB_SSL;
    if (found == 0 || (is_of_tls && ERR_GET_LIB(found) != ERR_LIB_SSL)) found = code;
  }
  return found;
}

// The next record's bytes: as they lie when the first piece fills it or is alone, or else copied.
// Valid until the next call on this thread.
std::span<const std::uint8_t> Gather(std::span<const asio::const_buffer> pieces) {
  const auto bytes = [](const asio::const_buffer& piece) {
    return std::span(static_cast<const std::uint8_t*>(piece.data()), piece.size());
  };
  const auto first = bytes(pieces.front());
  if (pieces.size() == 1 || first.size() >= kRecordBytes) {
    return first.first(std::min(first.size(), kRecordBytes));
  }
  thread_local std::array<std::uint8_t, kRecordBytes> record;
  std::size_t filled = 0;
  for (const asio::const_buffer& piece : pieces) {
    const auto part = bytes(piece).first(std::min(piece.size(), record.size() - filled));
    std::memcpy(record.data() + filled, part.data(), part.size());
    filled += part.size();
    if (filled == record.size()) break;
  }
  return std::span(record).first(filled);
}

}  // namespace

// ---------------------------------------------------------------- the socket, for OpenSSL

// OpenSSL's own socket BIO would write with SIGPIPE.
int TlsStream::Socket::Read(BIO* bio, char* to, int size) {
  auto& socket = *static_cast<Socket*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  if (socket.is_drained) {
    BIO_set_retry_read(bio);
    return -1;
  }
  const ssize_t got = ::recv(socket.descriptor, to, static_cast<std::size_t>(size), 0);
  if (got > 0) {
    socket.is_drained = got < size;
    return static_cast<int>(got);
  }
  if (got == 0) {
    socket.has_ended = true;
    return 0;
  }
  if (errno == EAGAIN || errno == EINTR) {
    BIO_set_retry_read(bio);
  } else {
    socket.error = errno;
  }
  return -1;
}

int TlsStream::Socket::Write(BIO* bio, const char* from, int size) {
  auto& socket = *static_cast<Socket*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  const ssize_t sent =
      ::send(socket.descriptor, from, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (sent >= 0) return static_cast<int>(sent);
  if (errno == EAGAIN || errno == EINTR) {
    BIO_set_retry_write(bio);
  } else {
    socket.error = errno;
  }
  return -1;
}

long TlsStream::Socket::Control(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_FLUSH) return 1;
  if (command == BIO_CTRL_EOF) return static_cast<Socket*>(BIO_get_data(bio))->has_ended ? 1 : 0;
  return 0;
}

const BIO_METHOD* TlsStream::Socket::Method() {
  static const BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "lanemq socket");
    LANEMQ_CHECK(made != nullptr);
    LANEMQ_CHECK(BIO_meth_set_read(made, Read) == 1);
    LANEMQ_CHECK(BIO_meth_set_write(made, Write) == 1);
    LANEMQ_CHECK(BIO_meth_set_ctrl(made, Control) == 1);
    return made;
  }();
  return method;
}

// ---------------------------------------------------------------- opening

TlsStream::TlsStream(const TlsServer& server, int socket)
    : socket_{.descriptor = socket},
      is_common_name_a_name_(server.impl().options().is_common_name_a_name) {
  Attach(*server.impl().context());
  SSL_set_accept_state(ssl_.get());
}

TlsStream::TlsStream(const TlsClient& client, const std::string& host, int socket)
    : socket_{.descriptor = socket} {
  TlsClient::Impl& options = client.impl();
  Attach(*options.context());
  SSL_set_connect_state(ssl_.get());
  expected_name_ = options.server_name().empty() ? host : options.server_name();
  X509_VERIFY_PARAM* const expected = SSL_get0_param(ssl_.get());
  X509_VERIFY_PARAM_set_hostflags(
      expected, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  if (X509_VERIFY_PARAM_set1_ip_asc(expected, expected_name_.c_str()) == 1) return;
  // An address is no name to ask for (RFC 6066).
  const bool is_set =
      X509_VERIFY_PARAM_set1_host(expected, expected_name_.data(), expected_name_.size()) == 1 &&
      SSL_set_tlsext_host_name(ssl_.get(), expected_name_.c_str()) == 1;
  if (is_set) return;
  has_failed_ = true;
  error_ = "TLS: '" + expected_name_ + "' is not a name that a certificate could have";
}

TlsStream::~TlsStream() = default;

void TlsStream::Attach(SSL_CTX& context) {
  ssl_.reset(SSL_new(&context));
  LANEMQ_CHECK(ssl_ != nullptr);
  BIO* const bio = BIO_new(Socket::Method());
  LANEMQ_CHECK(bio != nullptr);
  BIO_set_data(bio, &socket_);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);  // Owns it from here on.
}

TlsStream::Handshake TlsStream::Advance() {
  if (has_failed_) return Handshake::kFailed;
  socket_.is_drained = false;
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  if (result == 1) {
    is_open_ = true;
    return Handshake::kDone;
  }
  const int reason = SSL_get_error(ssl_.get(), result);
  if (reason == SSL_ERROR_WANT_READ) return Handshake::kWantsRead;
  if (reason == SSL_ERROR_WANT_WRITE) return Handshake::kWantsWrite;
  Fail(reason);
  return Handshake::kFailed;
}

// ---------------------------------------------------------------- reading and writing

std::size_t TlsStream::ReadSome(std::span<std::uint8_t> to, error_code& error) {
  error = {};
  is_dry_ = socket_.is_drained = false;
  std::size_t total = 0;
  while (total < to.size() && !is_dry_ && !has_failed_) {
    ERR_clear_error();
    std::size_t got = 0;
    const int result = SSL_read_ex(ssl_.get(), to.data() + total, to.size() - total, &got);
    total += got;
    if (result == 1) continue;
    const int reason = SSL_get_error(ssl_.get(), result);
    // It never wants to write first: there is no renegotiation, and OpenSSL announces new keys with
    // the next write.
    is_dry_ = reason == SSL_ERROR_WANT_READ;
    if (!is_dry_) Fail(reason);
  }
  if (total == 0) error = has_failed_ ? FailureCode() : asio::error::would_block;
  return total;
}

bool TlsStream::has_more() const {
  return !is_dry_ && (has_failed_ || SSL_has_pending(ssl_.get()) == 1);
}

std::size_t TlsStream::WriteSome(std::span<const asio::const_buffer> pieces, error_code& error) {
  error = {};
  std::size_t sent = 0;
  if (!has_failed_) {
    const std::span<const std::uint8_t> record = Gather(pieces);
    ERR_clear_error();
    const int result = SSL_write_ex(ssl_.get(), record.data(), record.size(), &sent);
    if (result == 1) return sent;
    const int reason = SSL_get_error(ssl_.get(), result);
    if (reason == SSL_ERROR_WANT_WRITE) {
      error = asio::error::would_block;
      return 0;
    }
    Fail(reason);
    error = FailureCode();
    // Of a broken network; what the peer said before can still be read.
    has_failed_ = is_violated_;
    socket_.error = 0;
    return 0;
  }
  error = FailureCode();
  return 0;
}

void TlsStream::SayGoodbye() {
  if (!is_open_ || has_failed_) return;
  (void)SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

// ---------------------------------------------------------------- failures

error_code TlsStream::FailureCode() const {
  if (is_violated_) return asio::error::connection_aborted;
  if (socket_.error != 0) return {socket_.error, boost::system::system_category()};
  return asio::error::eof;
}

void TlsStream::Fail(int ssl_error) {
  has_failed_ = true;
  const unsigned long code = TakeError();
  if (socket_.error == 0 && ssl_error == SSL_ERROR_SSL && code != 0) return NoteViolation(code);
  const std::string what = socket_.error != 0 ? std::generic_category().message(socket_.error)
                                              : "the connection was closed";
  error_ = is_open_ ? what : "TLS: " + what + " in the handshake; the other side may not speak TLS";
}

void TlsStream::NoteViolation(unsigned long code) {
  is_violated_ = true;
  const char* const text = ERR_reason_error_string(code);
  error_ = std::string("TLS: ") + (text != nullptr ? text : "OpenSSL gives no reason");
  const int reason = ERR_GET_REASON(code);
  if (ERR_GET_LIB(code) != ERR_LIB_SSL) return;
  if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED) {
    const long verdict = SSL_get_verify_result(ssl_.get());
    error_ += std::string(": ") + X509_verify_cert_error_string(verdict);
    if (verdict == X509_V_ERR_HOSTNAME_MISMATCH || verdict == X509_V_ERR_IP_ADDRESS_MISMATCH) {
      error_ += ", expected '" + expected_name_ + "'";
    }
  }
  const bool is_server = SSL_is_server(ssl_.get()) == 1;
  switch (reason) {
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
    case SSL_R_TLSV1_ALERT_DECRYPT_ERROR:  // Its authority has the right name and another key.
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
      is_certificate_refused_ = !is_server;
      break;
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_HTTP_REQUEST:
    case SSL_R_HTTPS_PROXY_REQUEST:
      if (is_server && !is_open_) TellThatThisIsTls();
      break;
    default:
      break;
  }
}

// OpenSSL says nothing to those who do not speak TLS. An alert lets a client see why it is closed.
void TlsStream::TellThatThisIsTls() const {
  constexpr std::array<std::uint8_t, 7> kAlert = {
      SSL3_RT_ALERT, 3, 3, 0, 2, SSL3_AL_FATAL, SSL_AD_UNEXPECTED_MESSAGE};
  (void)::send(socket_.descriptor, kAlert.data(), kAlert.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

// ---------------------------------------------------------------- who is there

std::string TlsStream::PeerName() const {
  X509* const certificate = SSL_get0_peer_certificate(ssl_.get());
  if (certificate == nullptr || SSL_get_verify_result(ssl_.get()) != X509_V_OK) return {};
  const OpenSslPtr<GENERAL_NAMES> names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  std::string found;
  int count = 0;
  for (int i = 0; names != nullptr && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_URI) continue;
    const std::string_view uri = TextOf(name->d.uniformResourceIdentifier);
    if (!uri.starts_with(kServiceUri)) continue;
    found = NameOrNothing(uri.substr(kServiceUri.size()));
    ++count;
  }
  if (count == 0) return is_common_name_a_name_ ? CommonNameOf(certificate) : std::string();
  return count == 1 ? found : std::string();
}

std::optional<WallTime> TlsStream::PeerEndsAt() const {
  const X509* const certificate = SSL_get0_peer_certificate(ssl_.get());
  return certificate == nullptr ? std::nullopt : EndOf(*certificate);
}

}  // namespace lanemq::rpc
