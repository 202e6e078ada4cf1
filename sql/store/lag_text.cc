#include "sql/store/lag_text.h"

#include <iterator>

#include <fmt/format.h>

#include "common/base/check.h"
#include "sql/store/message_table.h"

namespace lanemq::sql {
namespace {

/// Measured: more arms in a statement save nothing, and it is parsed in one piece.
constexpr std::size_t kArmsMax = 128;
constexpr std::size_t kTextBytes = 64 * 1'024;

/// Joins what `append` writes for each arm. The first ones that fit.
template <typename Arm, typename Append>
std::size_t Join(std::span<const Arm> arms, std::string& out, const Append& append) {
  LANEMQ_CHECK(!arms.empty());
  out.clear();
  std::size_t taken = 0;
  while (taken < arms.size() && taken < kArmsMax && out.size() < kTextBytes) {
    if (taken > 0) out += " UNION ALL ";
    append(arms[taken++]);
  }
  return taken;
}

}  // namespace

std::size_t NewestText(std::string_view prefix, std::span<const NewestArm> arms, std::string& out) {
  return Join(arms, out, [&](const NewestArm& arm) {
    fmt::format_to(std::back_inserter(out), "SELECT {},MAX(`offset`) FROM {} WHERE `offset`>={}",
                   arm.place, MessageTable(prefix, arm.location).name(), arm.from.value);
  });
}

// One arm for all offsets of a table: opening a table costs several times a look into it. Without
// FORCE INDEX MariaDB reads a small table from end to end.
std::size_t RowTimesText(std::string_view prefix, std::span<const RowsArm> arms, std::string& out) {
  return Join(arms, out, [&](const RowsArm& arm) {
    LANEMQ_CHECK(!arm.offsets.empty() && arm.offsets.size() <= kLagOffsetsPerArm);
    fmt::format_to(std::back_inserter(out),
                   "SELECT {},`offset`,timestamp_us FROM {} FORCE INDEX (PRIMARY) WHERE `offset` "
                   "IN (",
                   arm.place, MessageTable(prefix, arm.location).name());
    for (const core::Offset offset : arm.offsets) {
      fmt::format_to(std::back_inserter(out), "{},", offset.value);
    }
    out.back() = ')';
  });
}

std::size_t NextTimesText(std::string_view prefix, std::span<const RowsArm> arms,
                          std::string& out) {
  return Join(arms, out, [&](const RowsArm& arm) {
    LANEMQ_CHECK(!arm.offsets.empty());
    const auto from = arm.offsets.front().value;
    fmt::format_to(std::back_inserter(out),
                   "SELECT {},{},(SELECT timestamp_us FROM {} WHERE `offset`>={} ORDER BY `offset` "
                   "LIMIT 1)",
                   arm.place, from, MessageTable(prefix, arm.location).name(), from);
  });
}

}  // namespace lanemq::sql
