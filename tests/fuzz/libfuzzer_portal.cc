#include <cstddef>
#include <cstdint>

#include "tests/fuzz/fuzz_portal.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  lanemq::fuzz::FuzzPortal({reinterpret_cast<const char*>(data), size});
  return 0;
}
