#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "client/cli/app/session.h"
#include "client/cli/cluster/cluster.h"

namespace lanemq::cli {

/// The cluster that --bootstrap-server (or what stands in for it) names, as who the flags, the
/// environment or a context say. Nothing is sent yet.
Result<std::unique_ptr<Cluster>> Connect(const Session& session);
/// The same, giving up after `patience` where that is shorter than --timeout.
Result<std::unique_ptr<Cluster>> Connect(const Session& session,
                                         std::chrono::microseconds patience);

/// Reads NAME=VALUE words. kInvalidRequest for a word without "=" or without a name.
Result<std::map<std::string, std::string>> ParsePairs(const std::vector<std::string>& words);

/// Reads partition numbers: "3", "0,2", "1-3". kInvalidRequest for anything else, and for numbers
/// that are not below `partitions`.
Result<std::vector<std::int32_t>> ParsePartitions(const std::string& text, std::int32_t partitions);

/// Does `work` for every name and shows a line per name with its status. `work` returns what to
/// show when it went well. The exit code of a failure; kPartlyFailed when only some failed.
ExitCode ForEachName(Session& session, const std::vector<std::string>& names,
                     const std::string& column,
                     const std::function<Result<std::string>(const std::string&)>& work);

}  // namespace lanemq::cli
