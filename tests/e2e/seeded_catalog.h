#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/core/types/catalog.h"
#include "tests/support/database_server.h"

namespace lanemq::e2e {

/// Makes a data node with one topic and the file by which brokers remember a catalogue, for
/// clusters that never had a metaserver. `port` is where brokers reach the node. Answers the
/// tables by partition.
Result<std::vector<std::string>> SeedCatalog(const testing::DatabaseServer& server, int port,
                                             const std::string& prefix, const std::string& topic,
                                             std::int32_t partitions,
                                             const std::vector<std::filesystem::path>& files,
                                             const core::TopicConfig& config = {});

}  // namespace lanemq::e2e
