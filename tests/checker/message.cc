#include "tests/checker/message.h"

#include <charconv>

#include <fmt/format.h>

namespace lanemq::checker {

std::string MessageId::ToString() const { return fmt::format("p{}#{}", producer, number); }

std::string MakeBody(MessageId id, std::size_t size) {
  std::string body = fmt::format("{}.{}.", id.producer, id.number);
  const auto first =
      static_cast<std::uint64_t>(id.number) + static_cast<std::uint64_t>(id.producer);
  for (std::uint64_t i = first; body.size() < size; ++i) {
    body.push_back(static_cast<char>('a' + i % 26));
  }
  return body;
}

std::optional<MessageId> IdOfBody(std::string_view body) {
  MessageId id;
  const char* const end = body.data() + body.size();
  const auto producer = std::from_chars(body.data(), end, id.producer);
  if (producer.ec != std::errc() || producer.ptr == end || *producer.ptr != '.') {
    return std::nullopt;
  }
  const auto number = std::from_chars(producer.ptr + 1, end, id.number);
  if (number.ec != std::errc() || number.ptr == end || *number.ptr != '.') return std::nullopt;
  return id;
}

std::uint64_t Fingerprint(std::string_view content) {
  std::uint64_t hash = 14'695'981'039'346'656'037u;
  for (const char c : content) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 1'099'511'628'211u;
  }
  return hash;
}

}  // namespace lanemq::checker
