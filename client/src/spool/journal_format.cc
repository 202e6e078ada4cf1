#include <cstring>
#include <zlib.h>

#include "client/src/spool/journal.h"

namespace lanemq::client::journal_format {
namespace {

constexpr std::string_view kMagic = "LMQSPOOL";
constexpr std::uint8_t kFrameMagic0 = 0xa7;
constexpr std::uint8_t kFrameMagic1 = 0x4d;

void Put32(std::string& out, std::uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) out += static_cast<char>(value >> shift & 0xff);
}

std::uint32_t Get32(std::string_view bytes, std::uint64_t at) {
  std::uint32_t value = 0;
  for (int i = 3; i >= 0; --i) {
    value = value << 8 | static_cast<std::uint8_t>(bytes[at + static_cast<std::uint64_t>(i)]);
  }
  return value;
}

// A frame that was copied to another place is none.
std::uint32_t HeadCrc(std::string_view head, std::uint32_t segment, std::uint64_t offset) {
  std::string place;
  Put32(place, segment);
  Put32(place, static_cast<std::uint32_t>(offset));
  return Crc(place, Crc(head));
}

}  // namespace

std::uint32_t Crc(std::string_view bytes, std::uint32_t start) {
  return static_cast<std::uint32_t>(::crc32(start, reinterpret_cast<const Bytef*>(bytes.data()),
                                            static_cast<uInt>(bytes.size())));
}

std::string EncodeHeader(std::uint32_t segment) {
  std::string out(kMagic);
  out += static_cast<char>(kVersion);
  out.append(7, '\0');
  Put32(out, segment);
  Put32(out, Crc(out));
  return out;
}

Status CheckHeader(std::string_view bytes, std::uint32_t segment) {
  if (bytes.size() < kHeaderBytes || !bytes.starts_with(kMagic) ||
      Get32(bytes, kHeaderBytes - 4) != Crc(bytes.substr(0, kHeaderBytes - 4))) {
    return Error{ErrorCode::kCorruptMessage, "no header"};
  }
  const auto version = static_cast<std::uint8_t>(bytes[kMagic.size()]);
  if (version > kVersion) {
    return Error{ErrorCode::kUnsupportedVersion,
                 "format " + std::to_string(version) + " is of a newer version of this library"};
  }
  if (Get32(bytes, kHeaderBytes - 8) == segment) return {};
  return Error{ErrorCode::kCorruptMessage, "the header of another file"};
}

void EncodeFrameHead(std::string& out, const FrameHead& head, std::uint32_t segment,
                     std::uint64_t offset) {
  const std::size_t start = out.size();
  out += static_cast<char>(kFrameMagic0);
  out += static_cast<char>(kFrameMagic1);
  out += static_cast<char>(head.type);
  out += '\0';
  Put32(out, head.length);
  Put32(out, head.synced);
  Put32(out, HeadCrc(std::string_view(out).substr(start), segment, offset));
  Put32(out, head.payload_crc);
}

std::optional<FrameHead> DecodeFrameHead(std::string_view file, std::uint64_t offset,
                                         std::uint32_t segment) {
  if (offset + Journal::kFrameBytes > file.size()) return std::nullopt;
  if (static_cast<std::uint8_t>(file[offset]) != kFrameMagic0 ||
      static_cast<std::uint8_t>(file[offset + 1]) != kFrameMagic1) {
    return std::nullopt;
  }
  if (Get32(file, offset + 12) != HeadCrc(file.substr(offset, 12), segment, offset)) {
    return std::nullopt;
  }
  return FrameHead{static_cast<std::uint8_t>(file[offset + 2]), Get32(file, offset + 4),
                   Get32(file, offset + 8), Get32(file, offset + 16)};
}

}  // namespace lanemq::client::journal_format
