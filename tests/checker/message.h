#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lanemq::checker {

/// Names one message of a run: who sent it, and the how manieth of that producer it is (from 0).
struct MessageId {
  std::int32_t producer = -1;
  std::int64_t number = -1;
  auto operator<=>(const MessageId&) const = default;
  [[nodiscard]] std::string ToString() const;  ///< "p3#17"
};

/// A body that carries the id and is `size` bytes long, or as long as the id needs. The filling
/// depends on the id, so that mixed-up bytes show.
[[nodiscard]] std::string MakeBody(MessageId id, std::size_t size);
/// The id of a body made by MakeBody(); nullopt for anything else.
[[nodiscard]] std::optional<MessageId> IdOfBody(std::string_view body);
/// Tells contents apart: FNV-1a of all bytes.
[[nodiscard]] std::uint64_t Fingerprint(std::string_view content);

}  // namespace lanemq::checker
