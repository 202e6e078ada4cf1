#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "common/base/result.h"
#include "common/rpc/typed_call.h"

namespace lanemq::rpc {

/// The call that presents a token. Its frame is empty when it exceeds `bytes_max`.
[[nodiscard]] EncodedCall EncodeAuthenticate(const std::string& token, std::size_t bytes_max);

/// Reads the reply to it. Good as well: a server that does not know the call, and so asks nobody
/// who he is. Errors are the server's; `token` is not in their texts, whatever the server sends.
[[nodiscard]] Status DecodeAuthenticated(std::span<const std::uint8_t> reply,
                                         const std::string& token);

}  // namespace lanemq::rpc
