#include "metaserver/access/new_token.h"

#include <array>
#include <cstdint>

#include "common/base/secure.h"
#include "common/core/access/token_text.h"

namespace lanemq::metaserver {

NewToken MakeNewToken() {
  while (true) {
    std::array<std::uint8_t, 128> random{};
    SecureRandom(random);
    const auto text = core::MakeToken(random);
    if (!text) continue;
    NewToken made;
    made.token.id = text->id;
    made.token.hash = Sha256(text->secret);
    made.text = text->ToString();
    return made;
  }
}

}  // namespace lanemq::metaserver
