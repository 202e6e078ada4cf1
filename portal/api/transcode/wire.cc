#include "portal/api/transcode/wire.h"

namespace lanemq::portal::wire {

void Reader::SkipElements(std::uint32_t count, std::uint8_t first, std::uint8_t second, int depth) {
  // Every element takes at least a byte, so a count that is a lie ends with the input.
  for (std::uint32_t i = 0; i < count && is_ok_; ++i) {
    Skip(first, depth);
    if (second != kStop) Skip(second, depth);
  }
}

void Reader::Skip(std::uint8_t type, int depth) {
  if (depth <= 0) return Fail();
  switch (type) {
    case kBool:
    case kByte:
      Raw(1);
      return;
    case kI16:
      Raw(2);
      return;
    case kI32:
      Raw(4);
      return;
    case kI64:
    case kDouble:
      Raw(8);
      return;
    case kString:
      Bytes();
      return;
    case kStruct:
      while (is_ok_) {
        const std::uint8_t field = Byte();
        if (field == kStop) return;
        Raw(2);
        Skip(field, depth - 1);
      }
      return;
    case kList:
    case kSet: {
      const std::uint8_t element = Byte();
      SkipElements(Integer<std::uint32_t>(), element, kStop, depth - 1);
      return;
    }
    case kMap: {
      const std::uint8_t key = Byte();
      const std::uint8_t value = Byte();
      SkipElements(Integer<std::uint32_t>(), key, value, depth - 1);
      return;
    }
    default:  // Not an enum of ours: a byte from the network.
      Fail();
  }
}

}  // namespace lanemq::portal::wire
