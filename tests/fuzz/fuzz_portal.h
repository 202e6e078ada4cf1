#pragma once

#include <string_view>

namespace lanemq::fuzz {

/// Treats `input` as an HTTP request to the gateway: a line with method and target, then the body.
/// Finds its route, puts the request together, encodes it and decodes it as a server would; decodes
/// the body as a server's reply, too. Aborts when an invariant breaks: what was encoded without a
/// fault does not decode, or a name got out of its path segment.
void FuzzPortal(std::string_view input);

}  // namespace lanemq::fuzz
