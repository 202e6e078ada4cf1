#include <cstddef>
#include <cstdint>

#include "tests/fuzz/fuzz_rpc.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  lanemq::fuzz::FuzzRpc({data, size});
  return 0;
}
