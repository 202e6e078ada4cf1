#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>

namespace lanemq::rpc {

/// Bytes from malloc(), moved from owner to owner.
struct OwnedBytes {
  struct Free {
    void operator()(std::uint8_t* p) const { std::free(p); }
  };
  std::unique_ptr<std::uint8_t, Free> data;
  std::size_t size = 0;
  std::size_t capacity = 0;
};

}  // namespace lanemq::rpc
