#include "common/rpc/tls.h"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <iterator>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <string_view>
#include <utility>

#include "common/base/check.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/secure.h"
#include "common/rpc/openssl_ptr.h"
#include "common/rpc/tls_context.h"

namespace lanemq::rpc {
namespace {

constexpr std::size_t kPemBytesMax = 1u << 20;
constexpr int kSecondsPerDay = 86'400;
constexpr int kMicrosPerSecond = 1'000'000;
// From one look at a client's files to the next.
constexpr std::chrono::seconds kLookAgain{1};
// Of TLS 1.2; those of 1.3 are all of this kind.
constexpr const char* kCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20";

Error Invalid(const std::string& path, const std::string& what) {
  return {ErrorCode::kInvalidConfig, "'" + path + "': " + what, 0};
}

// What OpenSSL says about its last call, and forgets.
std::string TakeSslError() {
  const char* text = ERR_reason_error_string(ERR_peek_error());
  std::string result = text != nullptr ? text : "OpenSSL gives no reason";
  ERR_clear_error();
  return result;
}

// The text of the files, wiped at its end because of the key.
struct PemFiles {
  std::string certificate;
  std::string key;
  std::string authorities;

  PemFiles() = default;
  PemFiles(const PemFiles&) = delete;
  PemFiles& operator=(const PemFiles&) = delete;
  ~PemFiles() { OPENSSL_cleanse(key.data(), key.size()); }

  [[nodiscard]] std::string Fingerprint() const {
    return Sha256(certificate) + Sha256(key) + Sha256(authorities);
  }
};

Status ReadPem(const std::string& path, std::string& text) {
  if (path.empty()) return {};
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return Invalid(path, std::strerror(errno));
  text.assign(std::istreambuf_iterator<char>(file), {});
  if (text.empty()) return Invalid(path, "is empty or cannot be read");
  if (text.size() > kPemBytesMax) return Invalid(path, "is too large for a PEM file");
  return {};
}

OpenSslPtr<BIO> ReaderOf(const std::string& text) {
  ERR_clear_error();  // What went wrong before is not what the reading of this ends with.
  OpenSslPtr<BIO> reader(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  LANEMQ_CHECK(reader != nullptr);
  return reader;
}

// Keys with a password are refused; without this, OpenSSL would ask the terminal for it.
int NoPassword(char*, int, int, void*) { return -1; }

std::shared_ptr<SSL_CTX> NewContext(const SSL_METHOD* method) {
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(method), SSL_CTX_free);
  LANEMQ_CHECK(context != nullptr);
  SSL_CTX* const raw = context.get();
  LANEMQ_CHECK(SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION) == 1);
  LANEMQ_CHECK(SSL_CTX_set_cipher_list(raw, kCiphers) == 1);
  // Frames carry their length, so an end without TLS's own farewell cuts nothing off unnoticed.
  SSL_CTX_set_options(raw, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                               SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_IGNORE_UNEXPECTED_EOF |
                               SSL_OP_NO_TICKET);
  // Connections live long. A resumed session would carry an old verdict on a certificate along.
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  LANEMQ_CHECK(SSL_CTX_set_num_tickets(raw, 0) == 1);
  // Queues move and grow between the tries of one write; an idle connection owns no buffers.
  SSL_CTX_set_mode(raw, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                            SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(raw, 1);  // One system call for a record, not two.
  return context;
}

// The first certificate is our own, the others are its chain.
Status UseCertificate(SSL_CTX& context, const std::string& text, const std::string& path) {
  const auto reader = ReaderOf(text);
  const OpenSslPtr<X509> own(PEM_read_bio_X509_AUX(reader.get(), nullptr, NoPassword, nullptr));
  if (own == nullptr) return Invalid(path, "holds no certificate: " + TakeSslError());
  if (SSL_CTX_use_certificate(&context, own.get()) != 1) return Invalid(path, TakeSslError());
  while (X509* next = PEM_read_bio_X509(reader.get(), nullptr, NoPassword, nullptr)) {
    if (SSL_CTX_add0_chain_cert(&context, next) != 1) {
      X509_free(next);
      return Invalid(path, TakeSslError());
    }
  }
  // How the last look for a certificate ends well.
  if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) {
    return Invalid(path, "the chain does not decode: " + TakeSslError());
  }
  ERR_clear_error();
  return {};
}

Status UseKey(SSL_CTX& context, const std::string& text, const std::string& path) {
  const auto reader = ReaderOf(text);
  const OpenSslPtr<EVP_PKEY> key(
      PEM_read_bio_PrivateKey(reader.get(), nullptr, NoPassword, nullptr));
  if (key == nullptr) {
    return Invalid(path, "holds no private key, or one with a password: " + TakeSslError());
  }
  if (SSL_CTX_use_PrivateKey(&context, key.get()) != 1 ||
      SSL_CTX_check_private_key(&context) != 1) {
    return Invalid(path, "does not fit the certificate: " + TakeSslError());
  }
  return {};
}

Status UseAuthorities(SSL_CTX& context, const std::string& text, const std::string& path,
                      bool is_for_clients) {
  const auto reader = ReaderOf(text);
  X509_STORE* const store = SSL_CTX_get_cert_store(&context);
  int count = 0;
  while (X509* next = PEM_read_bio_X509_AUX(reader.get(), nullptr, NoPassword, nullptr)) {
    const OpenSslPtr<X509> authority(next);
    if (X509_STORE_add_cert(store, authority.get()) != 1 ||
        (is_for_clients && SSL_CTX_add_client_CA(&context, authority.get()) != 1)) {
      return Invalid(path, TakeSslError());
    }
    ++count;
  }
  const bool is_whole = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  const std::string why = TakeSslError();
  if (count == 0 || !is_whole) return Invalid(path, "holds no readable certificates: " + why);
  return {};
}

Result<std::shared_ptr<SSL_CTX>> ServerContext(const TlsServerOptions& options,
                                               const PemFiles& files) {
  const std::shared_ptr<SSL_CTX> context = NewContext(TLS_server_method());
  LANEMQ_RETURN_IF_ERROR(UseCertificate(*context, files.certificate, options.certificate_file));
  LANEMQ_RETURN_IF_ERROR(UseKey(*context, files.key, options.key_file));
  if (!options.client_ca_file.empty()) {
    LANEMQ_RETURN_IF_ERROR(
        UseAuthorities(*context, files.authorities, options.client_ca_file, true));
    SSL_CTX_set_verify(context.get(),
                       options.is_client_certificate_required
                           ? SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT
                           : SSL_VERIFY_PEER,
                       nullptr);
  }
  return context;
}

Result<std::shared_ptr<SSL_CTX>> ClientContext(const TlsClientOptions& options,
                                               const PemFiles& files) {
  std::shared_ptr<SSL_CTX> context = NewContext(TLS_client_method());
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  if (!options.certificate_file.empty()) {
    LANEMQ_RETURN_IF_ERROR(UseCertificate(*context, files.certificate, options.certificate_file));
    LANEMQ_RETURN_IF_ERROR(UseKey(*context, files.key, options.key_file));
  }
  if (!options.ca_file.empty()) {
    LANEMQ_RETURN_IF_ERROR(UseAuthorities(*context, files.authorities, options.ca_file, false));
  } else if (SSL_CTX_set_default_verify_paths(context.get()) != 1) {
    return Error{ErrorCode::kInvalidConfig, "the system's authorities: " + TakeSslError(), 0};
  }
  return context;
}

}  // namespace

// ---------------------------------------------------------------- server

Result<bool> TlsServer::Impl::Reload() {
  PemFiles files;
  LANEMQ_RETURN_IF_ERROR(ReadPem(options_.certificate_file, files.certificate));
  LANEMQ_RETURN_IF_ERROR(ReadPem(options_.key_file, files.key));
  LANEMQ_RETURN_IF_ERROR(ReadPem(options_.client_ca_file, files.authorities));
  const std::string fingerprint = files.Fingerprint();
  {
    MutexLock lock(mutex_);
    if (fingerprint == fingerprint_) return false;
  }
  LANEMQ_ASSIGN_OR_RETURN(std::shared_ptr<SSL_CTX> context, ServerContext(options_, files));
  MutexLock lock(mutex_);
  context_.swap(context);
  fingerprint_ = fingerprint;
  return true;
}

std::shared_ptr<SSL_CTX> TlsServer::Impl::context() const {
  MutexLock lock(mutex_);
  return context_;
}

std::optional<WallTime> EndOf(const X509& certificate) {
  const OpenSslPtr<ASN1_TIME> epoch(ASN1_TIME_set(nullptr, 0));
  int days = 0;
  int seconds = 0;
  const bool is_said = epoch != nullptr && ASN1_TIME_diff(&days, &seconds, epoch.get(),
                                                          X509_get0_notAfter(&certificate)) == 1;
  if (!is_said) return std::nullopt;
  return WallTime{(std::int64_t{days} * kSecondsPerDay + seconds) * kMicrosPerSecond};
}

WallTime TlsServer::Impl::EndsAt() const {
  const std::shared_ptr<SSL_CTX> held = context();
  const X509* certificate = SSL_CTX_get0_certificate(held.get());
  LANEMQ_CHECK(certificate != nullptr);
  const auto end = EndOf(*certificate);
  LANEMQ_CHECK(end.has_value());
  return *end;
}

TlsServer::TlsServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TlsServer::~TlsServer() = default;
Result<bool> TlsServer::Reload() { return impl_->Reload(); }
WallTime TlsServer::EndsAt() const { return impl_->EndsAt(); }
double TlsServer::DaysLeft() const {
  const std::int64_t micros = EndsAt().micros - SystemClock::Instance().WallNow().micros;
  return static_cast<double>(micros) / kMicrosPerSecond / kSecondsPerDay;
}

Result<std::shared_ptr<TlsServer>> TlsServer::Make(TlsServerOptions options) {
  if (options.certificate_file.empty() || options.key_file.empty()) {
    return Error{ErrorCode::kInvalidConfig, "TLS needs a certificate file and a key file", 0};
  }
  if (options.is_client_certificate_required && options.client_ca_file.empty()) {
    return Error{ErrorCode::kInvalidConfig,
                 "client certificates can be required only with a file of their authority", 0};
  }
  auto impl = std::make_unique<Impl>(std::move(options));
  LANEMQ_RETURN_IF_ERROR(impl->Reload());
  return std::shared_ptr<TlsServer>(new TlsServer(std::move(impl)));
}

// ---------------------------------------------------------------- client

TlsClient::TlsClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TlsClient::~TlsClient() = default;

Result<std::shared_ptr<TlsClient>> TlsClient::Make(TlsClientOptions options) {
  if (options.certificate_file.empty() != options.key_file.empty()) {
    return Error{ErrorCode::kInvalidConfig,
                 "a client certificate needs both a certificate file and a key file", 0};
  }
  auto impl = std::make_unique<Impl>(std::move(options));
  LANEMQ_RETURN_IF_ERROR(impl->Load());
  return std::shared_ptr<TlsClient>(new TlsClient(std::move(impl)));
}

Status TlsClient::Impl::Load() {
  MutexLock lock(mutex_);
  looked_at_ = SystemClock::Instance().Now();
  const auto loaded = Reload();
  return loaded.ok() ? Status{} : loaded.error();
}

Result<bool> TlsClient::Impl::Reload() {
  PemFiles files;
  LANEMQ_RETURN_IF_ERROR(ReadPem(options_.certificate_file, files.certificate));
  LANEMQ_RETURN_IF_ERROR(ReadPem(options_.key_file, files.key));
  LANEMQ_RETURN_IF_ERROR(ReadPem(options_.ca_file, files.authorities));
  std::string fingerprint = files.Fingerprint();
  if (fingerprint == fingerprint_) return false;
  LANEMQ_ASSIGN_OR_RETURN(context_, ClientContext(options_, files));
  fingerprint_ = std::move(fingerprint);
  return true;
}

std::shared_ptr<SSL_CTX> TlsClient::Impl::context() {
  MutexLock lock(mutex_);
  const MonotonicTime now = SystemClock::Instance().Now();
  if (now - looked_at_ < kLookAgain) return context_;
  looked_at_ = now;
  const auto reloaded = Reload();
  const std::string error = reloaded.ok() ? "" : reloaded.error().message;
  if (std::exchange(last_error_, error) != error && !error.empty()) {
    LANEMQ_LOG(WARN, "tls.client_files_not_taken", {"error", error},
               {"calling", "with the ones before"});
  } else if (reloaded.ok() && *reloaded) {
    LANEMQ_LOG(INFO, "tls.client_files_taken", {"certificate", options_.certificate_file},
               {"authorities", options_.ca_file});
  }
  return context_;
}

}  // namespace lanemq::rpc
