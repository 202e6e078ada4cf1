#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace lanemq {

/// Secrets at rest: encrypted and authenticated with AES-256-GCM by keys that a file holds.
///
/// The first key seals, all of them open: so a second one can be read everywhere before it becomes
/// the first, and the old one stays until nothing is sealed with it any more. What is sealed names
/// its key by the first 8 bytes of the key's SHA-256, which tells nothing of the key.
///
/// Immutable. Thread safety: any thread.
class SealingKeys {
 public:
  static constexpr std::size_t kKeyBytes = 32;
  static constexpr std::size_t kKeysMax = 16;
  using Key = std::array<std::uint8_t, kKeyBytes>;

  /// 1 to kKeysMax, all different.
  explicit SealingKeys(std::vector<Key> keys);
  ~SealingKeys();
  SealingKeys(SealingKeys&&) noexcept = default;
  SealingKeys& operator=(SealingKeys&&) = delete;

  /// One key a line, as 64 hexadecimal digits or 44 characters of base64; empty lines and those
  /// that begin with '#' do not count. The file must be readable by its owner alone, who is this
  /// process' user or root.
  /// Errors: kInvalidConfig; the message names the file and the line, never what is in it.
  static Result<SealingKeys> FromFile(const std::string& path);

  /// `context` (what it belongs to) is not in the result, and is needed to open it: so a sealed
  /// secret cannot be moved to somebody else. Two calls never have the same result.
  /// At most 64 KiB.
  [[nodiscard]] std::string Seal(std::string_view secret, std::string_view context) const;

  /// Errors: kInvalidConfig when no key of the file has its id (the message has the id);
  /// kCorruptMessage when it was damaged, or sealed for another context.
  [[nodiscard]] Result<std::string> Open(std::string_view sealed, std::string_view context) const;

  /// Whether it was sealed with the first key. False, too, for what was sealed by nobody.
  [[nodiscard]] bool IsSealedWithFirst(std::string_view sealed) const;

  /// The ids of the keys, in the order of the file: 16 hexadecimal digits each; no secret.
  [[nodiscard]] std::vector<std::string> Ids() const;

 private:
  struct Named {
    std::string id;  ///< 8 bytes.
    Key key;
  };
  std::vector<Named> keys_;
};

/// The bytes that are added by SealingKeys::Seal().
inline constexpr std::size_t kSealOverheadBytes = 1 + 8 + 12 + 16;

}  // namespace lanemq
