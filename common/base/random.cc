#include "common/base/random.h"

namespace lanemq {

Random Random::FromSystem() {
  std::random_device device;
  return Random((static_cast<std::uint64_t>(device()) << 32) ^ device());
}

}  // namespace lanemq
