#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/rpc/openssl_ptr.h"
#include "common/rpc/server.h"
#include "common/rpc/test_rig.h"
#include "common/rpc/tls.h"
#include "tests/support/temp_dir.h"

namespace lanemq::rpc::test {

/// What a test certificate says.
struct CertificateText {
  std::string common_name = "server";
  /// As OpenSSL's configuration writes them: "DNS:localhost", "URI:lanemq:service/billing".
  std::vector<std::string> names = {"DNS:localhost", "IP:127.0.0.1"};
  long valid_from_s = -3'600;  ///< From now.
  long valid_until_s = 86'400;
};

/// PEM.
struct CertifiedKey {
  std::string certificate;
  std::string key;
};

/// A certificate authority with a key of its own (P-256).
class TestAuthority {
 public:
  explicit TestAuthority(const std::string& name = "test authority");

  [[nodiscard]] const std::string& certificate() const { return certificate_pem_; }
  [[nodiscard]] CertifiedKey Issue(const CertificateText& text) const;

 private:
  OpenSslPtr<EVP_PKEY> key_;
  OpenSslPtr<X509> certificate_;
  std::string certificate_pem_;
};

/// Signed by its own key.
[[nodiscard]] CertifiedKey SelfSigned(const CertificateText& text);

/// A key (PEM) of another algorithm than those of the certificates.
[[nodiscard]] std::string KeyOfAnotherKind();

/// Files that end with the test.
class PemFolder {
 public:
  /// The path of the file, which holds `text` from here on.
  std::string Write(const std::string& name, const std::string& text) const;

 private:
  lanemq::testing::TempDir folder_;
};

/// A server with TLS on loopback, and clients that trust it.
class TlsRig {
 public:
  struct Setup {
    CertificateText certificate;
    bool is_self_signed = false;
    bool asks_clients = false;      ///< For certificates of the same authority.
    bool requires_clients = false;  ///< To have one.
    bool is_common_name_a_name = false;
    ServerOptions options;
  };
  TlsRig() : TlsRig(Setup{}) {}
  explicit TlsRig(Setup setup);

  /// Options of a client that trusts the authority and presents `certificate`, if any.
  [[nodiscard]] ClientOptions Client(const std::optional<CertificateText>& certificate = {}) const;
  [[nodiscard]] Endpoint endpoint() const { return server->endpoint(); }

  PemFolder files;
  TestAuthority authority;
  std::shared_ptr<TlsServer> tls;
  std::unique_ptr<TestServer> server;
};

/// A blocking client that speaks TLS, and can be told to do it badly.
class RawTlsClient {
 public:
  struct Settings {
    int version_min = TLS1_2_VERSION;
    int version_max = TLS1_3_VERSION;
    std::string ciphers;  ///< Of TLS 1.2; empty: OpenSSL's own choice.
  };
  explicit RawTlsClient(std::uint16_t port) : RawTlsClient(port, Settings{}) {}
  RawTlsClient(std::uint16_t port, const Settings& settings);

  /// False: the server does not go along.
  bool ShakeHands();
  bool Send(const std::string& bytes);
  /// As RawClient's. Gives up after ten seconds without a byte.
  std::optional<std::string> ReadFrame();
  [[nodiscard]] SSL* ssl() const { return ssl_.get(); }
  [[nodiscard]] RawClient& socket() { return socket_; }

 private:
  bool ReadExactly(char* to, std::size_t size);

  RawClient socket_;
  OpenSslPtr<SSL> ssl_;
};

}  // namespace lanemq::rpc::test
