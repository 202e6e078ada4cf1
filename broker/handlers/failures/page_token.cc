#include "broker/handlers/failures/page_token.h"

#include <charconv>
#include <cstdint>
#include <limits>
#include <vector>

#include <fmt/format.h>

namespace lanemq::broker {
namespace {

constexpr std::string_view kVersion = "1";
constexpr std::size_t kTextBytesMax = 100;

/// The numbers between colons; nullopt unless each is a number as we write it, from 0 to `max`.
std::optional<std::vector<std::int64_t>> NumbersOf(std::string_view text) {
  std::vector<std::int64_t> out;
  while (true) {
    const std::size_t colon = text.find(':');
    const std::string_view part = text.substr(0, colon);
    std::int64_t number = -1;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), number);
    if (error != std::errc() || end != part.data() + part.size() || number < 0) return std::nullopt;
    out.push_back(number);
    if (colon == std::string_view::npos) return out;
    text.remove_prefix(colon + 1);
  }
}

}  // namespace

std::string ToText(const PageToken& token) {
  if (!token.after) return fmt::format("{}:{}", kVersion, token.node.value);
  const PageToken::Place& after = *token.after;
  return fmt::format("{}:{}:{}:{}:{}", kVersion, token.node.value, after.key.topic.value,
                     after.key.partition, after.offset.value);
}

Result<PageToken> PageTokenFromText(std::string_view text) {
  const Error refused{ErrorCode::kInvalidRequest,
                      "`after` is not the next_page of an answer; begin without it"};
  if (text.size() > kTextBytesMax) return refused;
  const auto numbers = NumbersOf(text);
  if (!numbers || (numbers->size() != 2 && numbers->size() != 5)) return refused;
  PageToken token;
  token.node = core::NodeId{(*numbers)[1]};
  if (numbers->size() == 5) {
    if ((*numbers)[3] > std::numeric_limits<std::int32_t>::max()) return refused;
    token.after =
        PageToken::Place{{core::TopicId{(*numbers)[2]}, static_cast<std::int32_t>((*numbers)[3])},
                         core::Offset{(*numbers)[4]}};
  }
  // What reads the same but is written otherwise ("01:7") is not ours.
  if (ToText(token) != text) return refused;
  return token;
}

}  // namespace lanemq::broker
