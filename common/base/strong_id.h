#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace lanemq {

/// A number that is not interchangeable with other numbers. `Tag` is an incomplete type.
///
///   using TopicId = StrongId<struct TopicIdTag, std::int64_t>;
template <typename Tag, typename Rep = std::int64_t>
struct StrongId {
  using Representation = Rep;
  Rep value{};

  constexpr StrongId() = default;
  constexpr explicit StrongId(Rep v) : value(v) {}
  constexpr auto operator<=>(const StrongId&) const = default;
};

}  // namespace lanemq

template <typename Tag, typename Rep>
struct std::hash<lanemq::StrongId<Tag, Rep>> {
  std::size_t operator()(const lanemq::StrongId<Tag, Rep>& id) const noexcept {
    return std::hash<Rep>{}(id.value);
  }
};
