#include "metaserver/oncall/facts.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace lanemq::metaserver {

using std::chrono::milliseconds;

std::int64_t NodeCapacities::Of(std::string_view node) const {
  const auto at = named.find(node);
  return at == named.end() ? others : at->second;
}

Result<NodeCapacities> ParseCapacities(std::string_view text) {
  NodeCapacities capacities;
  while (!text.empty()) {
    const std::string_view item = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), item.size() + 1));
    const std::size_t equals = item.find('=');
    const bool is_named = equals != std::string_view::npos;
    const std::string_view number = is_named ? item.substr(equals + 1) : item;
    std::int64_t bytes = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), bytes);
    const bool is_number = error == std::errc{} && end == number.data() + number.size();
    if (!is_number || bytes <= 0 || equals == 0) {
      return Error{ErrorCode::kInvalidConfig,
                   fmt::format("'{}' is neither BYTES nor NODE=BYTES", item)};
    }
    if (is_named) {
      capacities.named[std::string(item.substr(0, equals))] = bytes;
    } else {
      capacities.others = bytes;
    }
  }
  return capacities;
}

const NodeFactsView* FactsView::Find(core::NodeId node) const {
  const auto at = std::ranges::find(nodes, node, &NodeFactsView::node);
  return at == nodes.end() ? nullptr : &*at;
}

bool IsDurable(const core::NodeHealth& health) {
  return health.flush_log_at_trx_commit == 1 && health.sync_binlog.value_or(1) == 1;
}

CanarySummary SummariseCanaries(const std::vector<core::RegisteredCanary>& canaries,
                                std::string_view node, std::chrono::nanoseconds unread,
                                milliseconds silent_after) {
  using std::chrono::duration_cast;
  CanarySummary summary;
  for (const core::RegisteredCanary& canary : canaries) {
    if (canary.report.node != node) continue;
    const auto silent = duration_cast<milliseconds>(canary.silent_for + unread);
    const milliseconds age = canary.report.last_ok_age + silent;
    const bool is_only = summary.known++ == 0;
    summary.silent = is_only ? silent : std::min(summary.silent, silent);
    summary.age = is_only ? age : std::min(summary.age, age);
    if (silent >= silent_after) continue;
    // Since its report it may have had some back.
    const milliseconds failing = canary.report.last_ok_age;
    const auto p50 = duration_cast<milliseconds>(canary.report.p50);
    const bool is_first = summary.live++ == 0;
    summary.failing = is_first ? failing : std::min(summary.failing, failing);
    summary.p50 = is_first ? p50 : std::min(summary.p50, p50);
    if (summary.last_error.empty()) summary.last_error = canary.report.last_error;
  }
  return summary;
}

}  // namespace lanemq::metaserver
