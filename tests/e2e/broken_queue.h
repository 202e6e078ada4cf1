#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "common/base/result.h"
#include "tests/checker/history.h"
#include "tests/support/database_server.h"

namespace lanemq::e2e {

/// The classic mistake of a MySQL queue, for the checker to find: writers insert into a table with
/// AUTO_INCREMENT, a reader follows with `WHERE id > ?`. Ids become visible in another order than
/// they are given out, so the reader goes past rows that are committed a moment later.
struct BrokenQueueOptions {
  int writers = 8;
  /// 1: autocommit. More: transactions of this many inserts.
  int rows_per_transaction = 1;
  std::chrono::milliseconds duration{1'000};
};

/// Runs writers and a reader on a fresh table of `schema` and writes down what they saw, ending
/// with a reader that has gone through the whole table by its own rule.
Status RunBrokenQueue(testing::DatabaseServer& server, const std::string& schema,
                      const BrokenQueueOptions& options, checker::History& history);

}  // namespace lanemq::e2e
