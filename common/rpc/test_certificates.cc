#include "common/rpc/test_certificates.h"

#include <array>
#include <csignal>
#include <fstream>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <utility>

#include <gtest/gtest.h>

#include "common/base/check.h"
#include "common/base/random.h"

namespace lanemq::rpc::test {
namespace {

OpenSslPtr<EVP_PKEY> NewKey() {
  OpenSslPtr<EVP_PKEY> key(EVP_EC_gen("P-256"));
  LANEMQ_CHECK(key != nullptr);
  return key;
}

std::string TextIn(const OpenSslPtr<BIO>& memory) {
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

std::string PemOf(X509& certificate) {
  const OpenSslPtr<BIO> memory(BIO_new(BIO_s_mem()));
  LANEMQ_CHECK(PEM_write_bio_X509(memory.get(), &certificate) == 1);
  return TextIn(memory);
}

std::string PemOf(EVP_PKEY& key) {
  const OpenSslPtr<BIO> memory(BIO_new(BIO_s_mem()));
  LANEMQ_CHECK(
      PEM_write_bio_PrivateKey(memory.get(), &key, nullptr, nullptr, 0, nullptr, nullptr) == 1);
  return TextIn(memory);
}

void Extend(X509& certificate, X509& issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, &issuer, &certificate, nullptr, nullptr, 0);
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  LANEMQ_CHECK(extension != nullptr);
  LANEMQ_CHECK(X509_add_ext(&certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

// All but issuer, extensions and signature.
OpenSslPtr<X509> Draft(const CertificateText& text, EVP_PKEY& key) {
  OpenSslPtr<X509> certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set_int64(X509_get_serialNumber(certificate.get()),
                         Random::FromSystem().PositiveId());
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), text.valid_from_s);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), text.valid_until_s);
  if (!text.common_name.empty()) {
    const auto* name = reinterpret_cast<const unsigned char*>(text.common_name.data());
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8, name,
                               static_cast<int>(text.common_name.size()), -1, 0);
  }
  X509_set_pubkey(certificate.get(), &key);
  return certificate;
}

void Sign(X509& certificate, X509& issuer, EVP_PKEY& key) {
  X509_set_issuer_name(&certificate, X509_get_subject_name(&issuer));
  LANEMQ_CHECK(X509_sign(&certificate, &key, EVP_sha256()) > 0);
}

void AddNames(X509& certificate, X509& issuer, const std::vector<std::string>& names) {
  std::string joined;
  for (const std::string& name : names) joined += (joined.empty() ? "" : ",") + name;
  if (!joined.empty()) Extend(certificate, issuer, NID_subject_alt_name, joined);
}

}  // namespace

TestAuthority::TestAuthority(const std::string& name) : key_(NewKey()) {
  CertificateText text;
  text.common_name = name;
  certificate_ = Draft(text, *key_);
  X509_set_issuer_name(certificate_.get(), X509_get_subject_name(certificate_.get()));
  Extend(*certificate_, *certificate_, NID_basic_constraints, "critical,CA:TRUE");
  Extend(*certificate_, *certificate_, NID_key_usage, "critical,keyCertSign,cRLSign");
  Sign(*certificate_, *certificate_, *key_);
  certificate_pem_ = PemOf(*certificate_);
}

CertifiedKey TestAuthority::Issue(const CertificateText& text) const {
  const OpenSslPtr<EVP_PKEY> key = NewKey();
  const OpenSslPtr<X509> certificate = Draft(text, *key);
  AddNames(*certificate, *certificate_, text.names);
  Sign(*certificate, *certificate_, *key_);
  return {PemOf(*certificate), PemOf(*key)};
}

CertifiedKey SelfSigned(const CertificateText& text) {
  const OpenSslPtr<EVP_PKEY> key = NewKey();
  const OpenSslPtr<X509> certificate = Draft(text, *key);
  AddNames(*certificate, *certificate, text.names);
  Sign(*certificate, *certificate, *key);
  return {PemOf(*certificate), PemOf(*key)};
}

std::string KeyOfAnotherKind() {
  const OpenSslPtr<EVP_PKEY> key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  LANEMQ_CHECK(key != nullptr);
  return PemOf(*key);
}

std::string PemFolder::Write(const std::string& name, const std::string& text) const {
  const std::string path = (folder_.path() / name).string();
  std::ofstream(path, std::ios::trunc) << text;
  return path;
}

// ---------------------------------------------------------------- rig

TlsRig::TlsRig(Setup setup) {
  const CertifiedKey own =
      setup.is_self_signed ? SelfSigned(setup.certificate) : authority.Issue(setup.certificate);
  TlsServerOptions options;
  options.certificate_file = files.Write("server.pem", own.certificate);
  options.key_file = files.Write("server.key", own.key);
  const std::string trusted = files.Write("authority.pem", authority.certificate());
  if (setup.asks_clients || setup.requires_clients) options.client_ca_file = trusted;
  options.is_client_certificate_required = setup.requires_clients;
  options.is_common_name_a_name = setup.is_common_name_a_name;
  auto made = TlsServer::Make(options);
  LANEMQ_CHECK(made.ok());
  tls = *std::move(made);
  setup.options.tls = tls;
  server = std::make_unique<TestServer>(std::move(setup.options));
}

ClientOptions TlsRig::Client(const std::optional<CertificateText>& certificate) const {
  TlsClientOptions options;
  options.ca_file = files.Write("authority.pem", authority.certificate());
  if (certificate) {
    const CertifiedKey own = authority.Issue(*certificate);
    options.certificate_file = files.Write("client.pem", own.certificate);
    options.key_file = files.Write("client.key", own.key);
  }
  auto made = TlsClient::Make(options);
  LANEMQ_CHECK(made.ok());
  ClientOptions client;
  client.tls = *std::move(made);
  return client;
}

// ---------------------------------------------------------------- raw client

RawTlsClient::RawTlsClient(std::uint16_t port, const Settings& settings) : socket_(port) {
  const std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  SSL_CTX_set_security_level(context.get(), 0);  // Old versions and ciphers are for it to offer.
  SSL_CTX_set_min_proto_version(context.get(), settings.version_min);
  SSL_CTX_set_max_proto_version(context.get(), settings.version_max);
  if (!settings.ciphers.empty()) {
    LANEMQ_CHECK(SSL_CTX_set_cipher_list(context.get(), settings.ciphers.c_str()) == 1);
  }
  ssl_.reset(SSL_new(context.get()));
  SSL_set_fd(ssl_.get(), socket_.fd());
  const timeval patience{.tv_sec = 10, .tv_usec = 0};
  ::setsockopt(socket_.fd(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  // OpenSSL writes with SIGPIPE. Not ignored for the process: the server must live without that.
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
}

bool RawTlsClient::ShakeHands() {
  ERR_clear_error();
  return SSL_connect(ssl_.get()) == 1;
}

bool RawTlsClient::Send(const std::string& bytes) {
  std::size_t sent = 0;
  ERR_clear_error();
  return SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &sent) == 1;
}

bool RawTlsClient::ReadExactly(char* to, std::size_t size) {
  while (size > 0) {
    std::size_t got = 0;
    ERR_clear_error();
    if (SSL_read_ex(ssl_.get(), to, size, &got) != 1) return false;
    to += got;
    size -= got;
  }
  return true;
}

std::optional<std::string> RawTlsClient::ReadFrame() {
  std::array<char, 4> header{};
  if (!ReadExactly(header.data(), header.size())) return std::nullopt;
  std::size_t length = 0;
  for (const char c : header) length = length << 8 | static_cast<std::uint8_t>(c);
  std::string body(length, '\0');
  if (!ReadExactly(body.data(), body.size())) return std::nullopt;
  return body;
}

}  // namespace lanemq::rpc::test
