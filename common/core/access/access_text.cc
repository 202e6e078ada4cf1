#include "common/core/access/access_text.h"

#include <fmt/format.h>

#include "common/core/access/access_rules.h"

namespace lanemq::core {
namespace {

/// The longest name of a topic or group.
constexpr std::size_t kShownBytesMax = 249;

}  // namespace

std::string Quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text.substr(0, kShownBytesMax)) quoted += (c >= ' ' && c <= '~') ? c : '?';
  return quoted + (text.size() > kShownBytesMax ? "...'" : "'");
}

std::string Described(const Resource& resource) {
  if (resource.kind == ResourceKind::kCluster) return "the cluster";
  return fmt::format("{} {}", ToString(resource.kind), Quoted(resource.name));
}

}  // namespace lanemq::core
