#include "client/cli/cluster/connect.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "client/cli/cluster/caller_flags.h"
#include "client/cli/cluster/endpoints.h"

namespace lanemq::cli {

Result<std::unique_ptr<Cluster>> Connect(const Session& session) {
  return Connect(session, session.flags().timeout);
}

Result<std::unique_ptr<Cluster>> Connect(const Session& session,
                                         std::chrono::microseconds patience) {
  LANEMQ_ASSIGN_OR_RETURN(const ConnectionSettings connection, session.Connection());
  LANEMQ_ASSIGN_OR_RETURN(auto endpoints, ParseEndpoints(connection.bootstrap));
  LANEMQ_ASSIGN_OR_RETURN(CallerFlags caller, MakeCallerFlags(connection, session.flags().reason));
  return std::make_unique<Cluster>(std::move(endpoints),
                                   std::min(patience, session.flags().timeout), std::move(caller));
}

Result<std::map<std::string, std::string>> ParsePairs(const std::vector<std::string>& words) {
  std::map<std::string, std::string> pairs;
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos || equals == 0) {
      return Error{ErrorCode::kInvalidRequest, fmt::format("'{}' is not NAME=VALUE", word)};
    }
    pairs[word.substr(0, equals)] = word.substr(equals + 1);
  }
  return pairs;
}

Result<std::vector<std::int32_t>> ParsePartitions(const std::string& text,
                                                  std::int32_t partitions) {
  const Error bad{ErrorCode::kInvalidRequest,
                  fmt::format("'{}' does not name partitions; try 0 or 0,2 or 1-3", text)};
  std::vector<std::int32_t> numbers;
  const char* at = text.data();
  const char* const end = at + text.size();
  const auto take = [&]() -> std::optional<std::int32_t> {
    std::int32_t number = -1;
    const auto [next, error] = std::from_chars(at, end, number);
    at = next;
    return error == std::errc{} && number >= 0 ? std::optional(number) : std::nullopt;
  };
  while (true) {
    const auto first = take();
    if (!first) return bad;
    std::optional<std::int32_t> last = first;
    if (at != end && *at == '-') {
      ++at;
      last = take();
    }
    if (!last || *last < *first) return bad;
    if (*last >= partitions) {
      return Error{ErrorCode::kUnknownTopicOrPartition,
                   fmt::format("there is no partition {}; the topic has {}", *last, partitions)};
    }
    for (std::int32_t number = *first; number <= *last; ++number) numbers.push_back(number);
    if (at == end) return numbers;
    if (*at++ != ',') return bad;
  }
}

ExitCode ForEachName(Session& session, const std::vector<std::string>& names,
                     const std::string& column,
                     const std::function<Result<std::string>(const std::string&)>& work) {
  Table table{{column, "status"}, {}};
  std::size_t failed = 0;
  ExitCode code = ExitCode::kDone;
  for (const std::string& name : names) {
    const Result<std::string> result = work(name);
    if (!result.ok() && names.size() == 1) return session.Fail(result.error());
    if (!result.ok()) {
      ++failed;
      code = ExitCodeOf(result.error().code);
    }
    table.rows.push_back({name, result.ok() ? *result : result.error().ToString()});
  }
  session.Show(table);
  return failed == 0 || failed == names.size() ? code : ExitCode::kPartlyFailed;
}

}  // namespace lanemq::cli
