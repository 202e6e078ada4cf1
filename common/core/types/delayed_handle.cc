#include "common/core/types/delayed_handle.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <utility>

namespace lanemq::core {
namespace {

// Topic, partition, due time, producer and sequence, big-endian, and a CRC of 24 bits: 39 bytes,
// which base64 turns into 52 characters without a bit to spare: no two texts for one id.
constexpr std::size_t kFieldBytes = 8 + 4 + 8 + 8 + 8;
constexpr std::size_t kBytes = kFieldBytes + 3;
static_assert(kBytes % 3 == 0 && kBytes / 3 * 4 == kDelayedHandleBytes);

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// CRC-24 of OpenPGP: finds every burst of up to 24 bits, that is, of four characters in a row.
std::uint32_t Check(std::span<const std::uint8_t> bytes) {
  std::uint32_t crc = 0xb704ce;
  for (const std::uint8_t byte : bytes) {
    crc ^= static_cast<std::uint32_t>(byte) << 16;
    for (int bit = 0; bit < 8; ++bit) {
      crc <<= 1;
      if ((crc & 0x1000000) != 0) crc ^= 0x1864cfb;
    }
  }
  return crc & 0xffffff;
}

using Buffer = std::array<std::uint8_t, kBytes>;

class Writer {
 public:
  void Put(std::uint64_t value, int bytes) {
    for (int i = bytes - 1; i >= 0; --i) {
      buffer[at++] = static_cast<std::uint8_t>(value >> (8 * i));
    }
  }
  Buffer buffer{};
  std::size_t at = 0;
};

class Reader {
 public:
  explicit Reader(const Buffer& buffer) : buffer_(buffer) {}
  std::uint64_t Take(int bytes) {
    std::uint64_t value = 0;
    for (int i = 0; i < bytes; ++i) value = value << 8 | buffer_[at_++];
    return value;
  }
  std::int64_t TakeSigned() { return static_cast<std::int64_t>(Take(8)); }

 private:
  const Buffer& buffer_;
  std::size_t at_ = 0;
};

std::optional<Buffer> Bytes(std::string_view handle) {
  if (handle.size() != kDelayedHandleBytes) return std::nullopt;
  Buffer out{};
  for (std::size_t i = 0; i < handle.size(); i += 4) {
    std::uint32_t bits = 0;
    for (const char c : handle.substr(i, 4)) {
      const std::size_t digit = kAlphabet.find(c);
      if (digit == std::string_view::npos) return std::nullopt;
      bits = bits << 6 | static_cast<std::uint32_t>(digit);
    }
    for (std::size_t byte = 0; byte < 3; ++byte) {
      out[i / 4 * 3 + byte] = static_cast<std::uint8_t>(bits >> (16 - 8 * byte));
    }
  }
  return out;
}

}  // namespace

std::string ToHandle(const DelayedId& id) {
  Writer writer;
  writer.Put(static_cast<std::uint64_t>(id.key.topic.value), 8);
  writer.Put(static_cast<std::uint32_t>(id.key.partition), 4);
  writer.Put(static_cast<std::uint64_t>(id.due.micros), 8);
  writer.Put(static_cast<std::uint64_t>(id.producer.value), 8);
  writer.Put(static_cast<std::uint64_t>(id.sequence), 8);
  writer.Put(Check(std::span(writer.buffer).first<kFieldBytes>()), 3);
  std::string out;
  out.reserve(kDelayedHandleBytes);
  Reader reader(writer.buffer);
  while (out.size() < kDelayedHandleBytes) {
    const std::uint64_t bits = reader.Take(3);
    for (int shift = 18; shift >= 0; shift -= 6) out.push_back(kAlphabet[bits >> shift & 63]);
  }
  return out;
}

Result<DelayedId> FromHandle(std::string_view handle) {
  const Error error{ErrorCode::kInvalidRequest, "not a handle of a delayed message"};
  const auto bytes = Bytes(handle);
  if (!bytes) return error;
  Reader reader(*bytes);
  DelayedId id;
  id.key.topic = TopicId{reader.TakeSigned()};
  id.key.partition = static_cast<std::int32_t>(reader.Take(4));
  id.due = WallTime{reader.TakeSigned()};
  id.producer = ProducerId{reader.TakeSigned()};
  id.sequence = reader.TakeSigned();
  if (reader.Take(3) != Check(std::span(*bytes).first<kFieldBytes>())) return error;
  return id;
}

}  // namespace lanemq::core
