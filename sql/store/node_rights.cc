#include "sql/store/node_rights.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sql/migrate/migrator.h"

namespace lanemq::sql {
namespace {

// As in docs/OPERATING.md.
constexpr std::array<std::string_view, 8> kRights = {"SELECT", "INSERT", "UPDATE", "DELETE",
                                                     "CREATE", "ALTER",  "DROP",   "INDEX"};
constexpr std::string_view kLockTables = "LOCK TABLES";  // Of brokers, for retention.

/// As MySQL's LIKE: '%' is any text, '_' any byte, and a backslash makes the next one plain.
bool Fits(std::string_view pattern, std::string_view text) {
  while (!pattern.empty()) {
    if (pattern.front() == '%') {
      pattern.remove_prefix(1);
      for (std::size_t skipped = 0; skipped <= text.size(); ++skipped) {
        if (Fits(pattern, text.substr(skipped))) return true;
      }
      return false;
    }
    const bool is_any = pattern.front() == '_';
    if (pattern.front() == '\\' && pattern.size() > 1) pattern.remove_prefix(1);
    if (text.empty() || (!is_any && pattern.front() != text.front())) return false;
    pattern.remove_prefix(1);
    text.remove_prefix(1);
  }
  return text.empty();
}

bool Has(std::span<const AccountRight> rights, std::string_view right, std::string_view schema) {
  return std::any_of(rights.begin(), rights.end(), [&](const AccountRight& has) {
    return has.right == right && (has.schemas == "*" || Fits(has.schemas, schema));
  });
}

}  // namespace

std::vector<std::string> MissingRights(std::span<const AccountRight> rights,
                                       std::string_view prefix, int schemas, AccountOf account) {
  std::vector<std::string> messages;
  for (int i = 0; i < schemas; ++i) messages.push_back(MessageSchema(prefix, i));
  std::vector<std::string> all = {NodeSchema(prefix)};
  all.insert(all.end(), messages.begin(), messages.end());
  std::vector<std::string> missing;
  const auto look = [&](std::string_view right, const std::vector<std::string>& wanted) {
    std::vector<std::string> without;
    std::copy_if(wanted.begin(), wanted.end(), std::back_inserter(without),
                 [&](const std::string& schema) { return !Has(rights, right, schema); });
    if (!without.empty()) {
      missing.push_back(fmt::format("{} on {}", right, fmt::join(without, ", ")));
    }
  };
  for (const std::string_view right : kRights) look(right, all);
  if (account == AccountOf::kAllServers) look(kLockTables, messages);
  return missing;
}

}  // namespace lanemq::sql
