#pragma once

#include <cstdint>
#include <span>

namespace lanemq::fuzz {

/// Treats `input` as what one client sends, cut into pieces: the first byte chooses how. Splits
/// frames, decodes and dispatches requests, and decodes the replies (and the input itself) as a
/// client would. Aborts when an invariant breaks: a request without its one reply, memory that is
/// not given back, or a reply our own client cannot read.
void FuzzRpc(std::span<const std::uint8_t> input);

}  // namespace lanemq::fuzz
