#include "common/core/partition/partitioner.h"

#include <cstddef>

namespace lanemq::core {

std::int32_t Murmur2(std::string_view data) {
  constexpr std::uint32_t kM = 0x5bd1e995;
  const auto byte = [&](std::size_t i) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(data[i]));
  };
  std::uint32_t h = 0x9747b28cU ^ static_cast<std::uint32_t>(data.size());
  const std::size_t blocks = data.size() / 4;
  for (std::size_t i = 0; i < blocks * 4; i += 4) {
    std::uint32_t k = byte(i) | byte(i + 1) << 8 | byte(i + 2) << 16 | byte(i + 3) << 24;
    k *= kM;
    k ^= k >> 24;
    k *= kM;
    h *= kM;
    h ^= k;
  }
  const std::size_t rest = blocks * 4;
  switch (data.size() % 4) {
    case 3:
      h ^= byte(rest + 2) << 16;
      [[fallthrough]];
    case 2:
      h ^= byte(rest + 1) << 8;
      [[fallthrough]];
    case 1:
      h ^= byte(rest);
      h *= kM;
  }
  h ^= h >> 13;
  h *= kM;
  h ^= h >> 15;
  return static_cast<std::int32_t>(h);
}

}  // namespace lanemq::core
