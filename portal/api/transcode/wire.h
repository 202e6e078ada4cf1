#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "portal/api/transcode/schema.h"

namespace lanemq::portal::wire {

// Thrift's strict binary protocol: numbers in network order, texts behind their length.
inline constexpr std::uint8_t kStop = 0;
inline constexpr std::uint32_t kVersion = 0x80010000u;
inline constexpr std::uint32_t kVersionMask = 0xffff0000u;
inline constexpr std::uint8_t kCall = 1;
inline constexpr std::uint8_t kReply = 2;
inline constexpr std::uint8_t kException = 3;

// How types are told on the wire.
inline constexpr std::uint8_t kBool = 2;
inline constexpr std::uint8_t kByte = 3;
inline constexpr std::uint8_t kDouble = 4;
inline constexpr std::uint8_t kI16 = 6;
inline constexpr std::uint8_t kI32 = 8;
inline constexpr std::uint8_t kI64 = 10;
inline constexpr std::uint8_t kString = 11;
inline constexpr std::uint8_t kStruct = 12;
inline constexpr std::uint8_t kMap = 13;
inline constexpr std::uint8_t kSet = 14;
inline constexpr std::uint8_t kList = 15;

[[nodiscard]] constexpr std::uint8_t TypeOf(Kind kind) {
  switch (kind) {
    case Kind::kBool:
      return kBool;
    case Kind::kI16:
      return kI16;
    case Kind::kI32:
    case Kind::kEnum:
      return kI32;
    case Kind::kI64:
      return kI64;
    case Kind::kDouble:
      return kDouble;
    case Kind::kString:
    case Kind::kBinary:
      return kString;
    case Kind::kStruct:
      return kStruct;
    case Kind::kList:
      return kList;
    case Kind::kMap:
      return kMap;
  }
  return kStop;
}

/// Appends to a text. Not thread-safe; one owner.
class Writer {
 public:
  void Byte(std::uint8_t value) { out_ += static_cast<char>(value); }
  /// An unsigned number of 2, 4 or 8 bytes.
  template <typename Number>
  void Integer(Number value) {
    for (std::size_t i = sizeof(Number); i > 0; --i) {
      Byte(static_cast<std::uint8_t>(value >> (8 * (i - 1))));
    }
  }
  void Bytes(std::string_view bytes) {
    Integer(static_cast<std::uint32_t>(bytes.size()));
    out_ += bytes;
  }
  void FieldHead(std::uint8_t type, std::int16_t id) {
    Byte(type);
    Integer(static_cast<std::uint16_t>(id));
  }
  void Raw(std::string_view bytes) { out_ += bytes; }
  std::string Take() { return std::move(out_); }

 private:
  std::string out_;
};

/// Reads what somebody else wrote. After the first thing that is not there, ok() is false and all
/// that is read is zero. Not thread-safe; one owner; `bytes` outlives it.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  [[nodiscard]] bool ok() const { return is_ok_; }
  [[nodiscard]] std::size_t left() const { return bytes_.size(); }
  void Fail() {
    is_ok_ = false;
    bytes_ = {};
  }

  std::uint8_t Byte() {
    const std::string_view one = Raw(1);
    return one.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(one[0]);
  }
  template <typename Number>
  Number Integer() {
    Number value = 0;
    for (const char c : Raw(sizeof(Number))) {
      value = static_cast<Number>(value << 8 | static_cast<std::uint8_t>(c));
    }
    return value;
  }
  /// A text behind its length; it lies where the input does.
  std::string_view Bytes() { return Raw(Integer<std::uint32_t>()); }
  /// Empty when there are not so many.
  std::string_view Raw(std::size_t size) {
    if (size > bytes_.size()) {
      Fail();
      return {};
    }
    const std::string_view part = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return part;
  }
  /// Over a value of a type on the wire; `depth` more levels may be in it.
  void Skip(std::uint8_t type, int depth);

 private:
  void SkipElements(std::uint32_t count, std::uint8_t first, std::uint8_t second, int depth);

  std::string_view bytes_;
  bool is_ok_ = true;
};

}  // namespace lanemq::portal::wire
