#include "common/base/secure.h"

#include <array>
#include <cerrno>
#include <openssl/evp.h>
#include <sys/random.h>

#include "common/base/check.h"

namespace lanemq {
namespace {

constexpr std::size_t kSha256Bytes = 32;

}  // namespace

void SecureRandom(std::span<std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t got = ::getrandom(bytes.data(), bytes.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    LANEMQ_CHECK(got > 0);  // Guessable secrets would be worse than none.
    bytes = bytes.subspan(static_cast<std::size_t>(got));
  }
}

std::string Sha256(std::string_view data) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  const int is_done =
      EVP_Digest(data.data(), data.size(), digest.data(), &size, EVP_sha256(), nullptr);
  LANEMQ_CHECK(is_done == 1 && size == kSha256Bytes);
  return {reinterpret_cast<const char*>(digest.data()), kSha256Bytes};
}

}  // namespace lanemq
