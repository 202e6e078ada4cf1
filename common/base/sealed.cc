// What is sealed: version (1 byte), id of the key (8), nonce (12), ciphertext, tag (16).
#include "common/base/sealed.h"

#include <algorithm>
#include <memory>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <optional>
#include <utility>

#include "common/base/check.h"
#include "common/base/private_file.h"
#include "common/base/secure.h"

namespace lanemq {
namespace {

constexpr char kVersion = 1;
constexpr std::size_t kIdBytes = 8;
constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kHeadBytes = 1 + kIdBytes + kNonceBytes;
static_assert(kSealOverheadBytes == kHeadBytes + kTagBytes);
constexpr std::size_t kSecretBytesMax = 64u << 10;
constexpr std::size_t kFileBytesMax = 16u << 10;

using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* Bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

std::string Hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    text += kDigits[static_cast<unsigned char>(c) >> 4];
    text += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return text;
}

std::string IdOf(const SealingKeys::Key& key) {
  return Sha256({reinterpret_cast<const char*>(key.data()), key.size()}).substr(0, kIdBytes);
}

std::optional<std::uint8_t> HexDigit(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<std::uint8_t>(c - 'A' + 10);
  return std::nullopt;
}

std::optional<SealingKeys::Key> FromHex(std::string_view text) {
  SealingKeys::Key key{};
  for (std::size_t i = 0; i < key.size(); ++i) {
    const auto high = HexDigit(text[2 * i]);
    const auto low = HexDigit(text[2 * i + 1]);
    if (!high || !low) return std::nullopt;
    key[i] = static_cast<std::uint8_t>(*high << 4 | *low);
  }
  return key;
}

std::optional<SealingKeys::Key> FromBase64(std::string_view text) {
  std::array<std::uint8_t, SealingKeys::kKeyBytes + 1> bytes{};  // 44 characters make 33 bytes.
  const int size = EVP_DecodeBlock(bytes.data(), Bytes(text), static_cast<int>(text.size()));
  // One '=' at the end: the last byte is no byte of the key.
  const bool is_right = size == static_cast<int>(bytes.size()) && text.ends_with('=') &&
                        !text.ends_with("==") && text.find('=') == text.size() - 1;
  SealingKeys::Key key{};
  std::copy_n(bytes.begin(), key.size(), key.begin());
  OPENSSL_cleanse(bytes.data(), bytes.size());
  return is_right ? std::optional(key) : std::nullopt;
}

std::optional<SealingKeys::Key> ParseKey(std::string_view line) {
  if (line.size() == 2 * SealingKeys::kKeyBytes) return FromHex(line);
  if (line.size() == 4 * ((SealingKeys::kKeyBytes + 2) / 3)) return FromBase64(line);
  return std::nullopt;
}

std::string_view Trimmed(std::string_view line) {
  constexpr std::string_view kBlanks = " \t\r";
  const std::size_t begin = line.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return line.substr(begin, line.find_last_not_of(kBlanks) + 1 - begin);
}

}  // namespace

SealingKeys::SealingKeys(std::vector<Key> keys) {
  LANEMQ_CHECK(!keys.empty() && keys.size() <= kKeysMax);
  for (Key& key : keys) {
    keys_.push_back({IdOf(key), key});
    OPENSSL_cleanse(key.data(), key.size());
  }
}

SealingKeys::~SealingKeys() {
  for (Named& named : keys_) OPENSSL_cleanse(named.key.data(), named.key.size());
}

Result<SealingKeys> SealingKeys::FromFile(const std::string& path) {
  LANEMQ_ASSIGN_OR_RETURN(std::string text,
                          ReadPrivateFile(path, "credentials key file", kFileBytesMax));
  std::vector<Key> keys;
  std::string fault;
  std::string_view rest = text;
  for (int number = 1; !rest.empty() && fault.empty(); ++number) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = Trimmed(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.empty() || line.front() == '#') continue;
    const auto key = ParseKey(line);
    const std::string where = "line " + std::to_string(number);
    if (!key) {
      fault = where + " is no key: 32 random bytes, as 64 hexadecimal digits or in base64";
    } else if (std::find(keys.begin(), keys.end(), *key) != keys.end()) {
      fault = where + " has a key that was there before";
    } else if (keys.size() == kKeysMax) {
      fault = "has more than " + std::to_string(kKeysMax) + " keys";
    } else {
      keys.push_back(*key);
    }
  }
  OPENSSL_cleanse(text.data(), text.size());
  if (fault.empty() && keys.empty()) fault = "has no key; `openssl rand -hex 32` makes one";
  if (fault.empty()) return SealingKeys(std::move(keys));
  return Error{ErrorCode::kInvalidConfig, "credentials key file '" + path + "': " + fault};
}

std::string SealingKeys::Seal(std::string_view secret, std::string_view context) const {
  LANEMQ_CHECK(secret.size() <= kSecretBytesMax && context.size() <= kSecretBytesMax);
  std::array<std::uint8_t, kNonceBytes> nonce{};
  SecureRandom(nonce);
  const Named& first = keys_.front();
  std::string sealed(1, kVersion);
  sealed += first.id;
  sealed.append(reinterpret_cast<const char*>(nonce.data()), nonce.size());
  sealed.resize(kSealOverheadBytes + secret.size());
  unsigned char* body = Bytes(sealed) + kHeadBytes;
  const CipherContext cipher(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  LANEMQ_CHECK(cipher != nullptr);
  int size = 0;
  int last = 0;
  // What is before the ciphertext is authenticated, too.
  const std::string_view head(sealed.data(), kHeadBytes);
  const bool is_done =
      EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, first.key.data(),
                         nonce.data()) == 1 &&
      EVP_EncryptUpdate(cipher.get(), nullptr, &size, Bytes(head), kHeadBytes) == 1 &&
      EVP_EncryptUpdate(cipher.get(), nullptr, &size, Bytes(context),
                        static_cast<int>(context.size())) == 1 &&
      EVP_EncryptUpdate(cipher.get(), body, &size, Bytes(secret),
                        static_cast<int>(secret.size())) == 1 &&
      EVP_EncryptFinal_ex(cipher.get(), body + secret.size(), &last) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, body + secret.size()) == 1;
  LANEMQ_CHECK(is_done && static_cast<std::size_t>(size) == secret.size() && last == 0);
  return sealed;
}

Result<std::string> SealingKeys::Open(std::string_view sealed, std::string_view context) const {
  const Error damaged{ErrorCode::kCorruptMessage,
                      "what was sealed is damaged, or belongs to something else"};
  if (sealed.size() < kSealOverheadBytes || sealed.size() > kSealOverheadBytes + kSecretBytesMax ||
      sealed.front() != kVersion || context.size() > kSecretBytesMax) {
    return damaged;
  }
  const std::string_view id = sealed.substr(1, kIdBytes);
  const auto named =
      std::find_if(keys_.begin(), keys_.end(), [&](const Named& n) { return n.id == id; });
  if (named == keys_.end()) {
    return Error{ErrorCode::kInvalidConfig,
                 "sealed with key " + Hex(id) + ", which the credentials key file does not have"};
  }
  const std::size_t secret_bytes = sealed.size() - kSealOverheadBytes;
  const std::string_view head = sealed.substr(0, kHeadBytes);
  const std::string_view body = sealed.substr(kHeadBytes, secret_bytes);
  std::string tag(sealed.substr(kHeadBytes + secret_bytes));
  std::string secret(secret_bytes + 1, '\0');  // Never of no size: the library wants an address.
  const CipherContext cipher(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  LANEMQ_CHECK(cipher != nullptr);
  int size = 0;
  int last = 0;
  const bool is_genuine =
      EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, named->key.data(),
                         Bytes(head) + 1 + kIdBytes) == 1 &&
      EVP_DecryptUpdate(cipher.get(), nullptr, &size, Bytes(head), kHeadBytes) == 1 &&
      EVP_DecryptUpdate(cipher.get(), nullptr, &size, Bytes(context),
                        static_cast<int>(context.size())) == 1 &&
      EVP_DecryptUpdate(cipher.get(), Bytes(secret), &size, Bytes(body),
                        static_cast<int>(body.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(cipher.get(), Bytes(secret) + secret_bytes, &last) == 1;
  if (!is_genuine) {
    OPENSSL_cleanse(secret.data(), secret.size());
    return damaged;
  }
  secret.resize(secret_bytes);
  return secret;
}

bool SealingKeys::IsSealedWithFirst(std::string_view sealed) const {
  return sealed.size() >= kSealOverheadBytes && sealed.front() == kVersion &&
         sealed.substr(1, kIdBytes) == keys_.front().id;
}

std::vector<std::string> SealingKeys::Ids() const {
  std::vector<std::string> ids;
  for (const Named& named : keys_) ids.push_back(Hex(named.id));
  return ids;
}

}  // namespace lanemq
