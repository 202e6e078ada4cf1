#include "sql/driver/test_stranger.h"

#include <arpa/inet.h>
#include <cstring>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <optional>
#include <string_view>
#include <sys/socket.h>
#include <sys/time.h>
#include <thread>
#include <unistd.h>
#include <utility>

#include "common/base/check.h"

namespace lanemq::sql {
namespace {

constexpr std::string_view kSalt = "twenty bytes of salt";
constexpr std::string_view kLongSalt = "thirty-two bytes of salt for 255";
constexpr int kKeyBits = 2'048;

std::string Greeting(const std::string& plugin) {
  std::string greeting(
      "\x0a"
      "8.0.99-stranger\0",
      17);
  greeting.append("\x07\0\0\0", 4).append(kSalt.substr(0, 8)).append(1, '\0');
  // Protocol 4.1, secure connection, authentication by plugins, with a schema; no TLS.
  greeting.append("\x08\x82", 2).append("\x21\x02\0", 3).append("\x08\0", 2);
  greeting.append(1, static_cast<char>(kSalt.size() + 1)).append(10, '\0');
  greeting.append(kSalt.substr(8)).append(1, '\0');
  return greeting.append(plugin).append(1, '\0');
}

std::string PublicKeyOf(EVP_PKEY* key) {
  BIO* const bio = BIO_new(BIO_s_mem());
  LANEMQ_CHECK(PEM_write_bio_PUBKEY(bio, key) == 1);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio, &text);
  std::string pem(text, static_cast<std::size_t>(size));
  BIO_free(bio);
  return pem;
}

std::string Decrypted(EVP_PKEY* key, const std::string& sealed) {
  EVP_PKEY_CTX* const context = EVP_PKEY_CTX_new(key, nullptr);
  std::size_t size = kKeyBits / 8;
  std::string text(size, '\0');
  const bool is_open =
      EVP_PKEY_decrypt_init(context) == 1 &&
      EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1 &&
      EVP_PKEY_decrypt(context, reinterpret_cast<unsigned char*>(text.data()), &size,
                       reinterpret_cast<const unsigned char*>(sealed.data()), sealed.size()) == 1;
  EVP_PKEY_CTX_free(context);
  if (!is_open) return "(not for this key)";
  text.resize(size);
  for (std::size_t i = 0; i < text.size(); ++i) {
    text[i] = static_cast<char>(text[i] ^ kSalt[i % kSalt.size()]);
  }
  return text.substr(0, text.find('\0'));
}

}  // namespace

class Stranger::Impl {
 public:
  explicit Impl(Asks asks) : asks_(std::move(asks)) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* const raw = reinterpret_cast<sockaddr*>(&address);
    LANEMQ_CHECK(listener_ >= 0 && bind(listener_, raw, size) == 0 && listen(listener_, 1) == 0 &&
                 getsockname(listener_, raw, &size) == 0);
    port_ = ntohs(address.sin_port);
    BoundWaits(listener_);
    server_ = std::jthread([this] { Serve(); });
  }

  ~Impl() {
    Join();
    close(listener_);
  }

  [[nodiscard]] std::int32_t port() const { return port_; }

  std::vector<std::string> Told() {
    Join();
    return told_;
  }

 private:
  static void BoundWaits(int socket) {
    const timeval bound{10, 0};
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &bound, sizeof(bound));
  }

  void Join() {
    if (server_.joinable()) server_.join();
  }

  void Send(std::string_view payload) {
    std::string packet;
    for (int shift = 0; shift < 24; shift += 8) {
      packet += static_cast<char>(payload.size() >> shift & 0xff);
    }
    packet += static_cast<char>(sequence_++);
    packet += payload;
    (void)send(client_, packet.data(), packet.size(), MSG_NOSIGNAL);
  }

  std::optional<std::string> Read(std::size_t bytes) const {
    std::string read(bytes, '\0');
    if (bytes == 0) return read;
    const ssize_t got = recv(client_, read.data(), bytes, MSG_WAITALL);
    return got == static_cast<ssize_t>(bytes) ? std::optional(read) : std::nullopt;
  }

  /// nullopt when the client has gone.
  std::optional<std::string> Receive() {
    const auto header = Read(4);
    if (!header) return std::nullopt;
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>((*header)[i]); };
    sequence_ = static_cast<unsigned char>(byte(3) + 1);
    return Read(byte(0) | byte(1) << 8 | byte(2) << 16);
  }

  /// Keeps what the client says next; false when it has gone.
  bool Hear() {
    auto said = Receive();
    if (said) told_.push_back(*std::move(said));
    return said.has_value();
  }

  void Serve() {
    client_ = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client_ < 0) return;
    BoundWaits(client_);
    Send(Greeting(asks_.is_in_greeting ? asks_.plugin : "mysql_native_password"));
    if (Hear()) Ask();
    close(client_);
  }

  void Ask() {
    if (!asks_.is_in_greeting) {
      const bool is_long = asks_.plugin == "client_ed25519";
      Send("\xfe" + asks_.plugin + '\0' +
           (is_long ? std::string(kLongSalt) : std::string(kSalt) + '\0'));
      if (!Hear()) return;
    }
    if (asks_.is_for_password) AskForPassword();
    if (asks_.file.empty()) return;
    Send(std::string_view("\0\0\0\x02\0\0\0", 7));
    if (!Hear()) return;
    Send("\xfb" + asks_.file);
    while (Hear() && !told_.back().empty()) {
    }
  }

  void AskForPassword() {
    EVP_PKEY* const key = EVP_RSA_gen(kKeyBits);
    Send("\x01\x04");
    if (Hear() && told_.back() == "\x02") {
      Send("\x01" + PublicKeyOf(key));
      if (Hear()) told_.back() = Decrypted(key, told_.back());
    }
    EVP_PKEY_free(key);
  }

  const Asks asks_;
  int listener_ = -1;
  int client_ = -1;
  std::int32_t port_ = 0;
  unsigned char sequence_ = 0;
  std::vector<std::string> told_;  // Of the thread's until it is joined.
  std::jthread server_;
};

Stranger::Stranger(Asks asks) : impl_(std::make_unique<Impl>(std::move(asks))) {}
Stranger::~Stranger() = default;
std::int32_t Stranger::port() const { return impl_->port(); }
std::vector<std::string> Stranger::Told() { return impl_->Told(); }

}  // namespace lanemq::sql
