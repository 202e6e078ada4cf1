#include "client/cli/quota/quota_flags.h"

#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>

#include <fmt/format.h>

namespace lanemq::cli {
namespace {

constexpr std::string_view kNone = "none";
constexpr std::string_view kPrefixes = "kmgt";
constexpr double kAmountMax = 4.6e18;  // Below 2^62.

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// What "k", "MB" or "GiB" stands for. nullopt: nothing.
std::optional<double> UnitOf(std::string_view text) {
  if (!text.empty() && Lower(text.back()) == 'b') text.remove_suffix(1);
  if (text.empty()) return 1;
  const std::size_t power = kPrefixes.find(Lower(text.front()));
  if (power == std::string_view::npos) return std::nullopt;
  text.remove_prefix(1);
  const bool is_binary = text == "i" || text == "I";
  if (!text.empty() && !is_binary) return std::nullopt;
  return std::pow(is_binary ? 1024 : 1000, static_cast<double>(power + 1));
}

/// Sets the field that `text` is about, if it says anything.
template <typename Set, typename Unset>
Status ReadLimit(std::string_view flag, const std::string& text, bool& is_changed, Set set,
                 Unset unset) {
  if (text.empty()) return {};
  is_changed = true;
  if (text == kNone) {
    unset();
    return {};
  }
  const auto amount = ReadAmount(text);
  if (!amount.ok()) return amount.error().Wrap(std::string(flag));
  set(*amount);
  return {};
}

}  // namespace

Result<std::int64_t> ReadAmount(const std::string& text) {
  double number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number, std::chars_format::fixed);
  const auto unit = UnitOf({rest, static_cast<std::size_t>(end - rest)});
  if (error == std::errc{} && unit && number >= 0 && number * *unit <= kAmountMax) {
    return std::llround(number * *unit);
  }
  return Error{ErrorCode::kInvalidRequest,
               fmt::format("'{}' is no amount: write 500, 10k, 10MB, 1.5GiB, or none", text)};
}

Result<idl::TeamQuota> ChangeQuota(idl::TeamQuota quota, const QuotaFlags& flags) {
  bool is_changed = false;
  quota.team = flags.team;
#define LANEMQ_LIMIT(flag, field)                                                             \
  LANEMQ_RETURN_IF_ERROR(ReadLimit(                                                           \
      flag, flags.field, is_changed, [&](std::int64_t limit) { quota.__set_##field(limit); }, \
      [&] { quota.__isset.field = false; }))
  LANEMQ_LIMIT("--topics", topics);
  LANEMQ_LIMIT("--partitions", partitions);
  LANEMQ_LIMIT("--stored-bytes", stored_bytes);
  LANEMQ_LIMIT("--produce-bytes-per-s", produce_bytes_per_s);
  LANEMQ_LIMIT("--fetch-bytes-per-s", fetch_bytes_per_s);
  LANEMQ_LIMIT("--messages-per-s", messages_per_s);
  LANEMQ_LIMIT("--message-bytes-max", message_bytes_max);
#undef LANEMQ_LIMIT
  if (is_changed) return quota;
  return Error{ErrorCode::kInvalidRequest,
               "say what is to be limited: --produce-bytes-per-s 10MB, --topics 50 ..."};
}

}  // namespace lanemq::cli
