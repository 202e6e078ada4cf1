#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>

#include <gtest/gtest.h>

#include "sql/migrate/migrator.h"
#include "tests/integration/sql/engines.h"

namespace lanemq::sql {

/// A fresh data node, and how many rows statements look at there, by the engine's own count.
class NodePlanTest : public OnEngine {
 protected:
  void SetUp() override {
    OnEngine::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    ASSERT_TRUE(MigrateNode(Options(), prefix_, In(std::chrono::seconds{60}), 1).ok());
    ConnectionOptions options = Options();
    options.schema = NodeSchema(prefix_);
    connection_ = Connect(options);
    ASSERT_NE(connection_, nullptr);
  }

  /// Rows and index entries that the engine read for `run`.
  std::int64_t ReadsOf(const std::function<Status()>& run) {
    const std::int64_t before = Reads();
    const Status status = run();
    EXPECT_TRUE(status.ok()) << status.error().ToString();
    return Reads() - before;
  }
  Status Query(const Statement& statement, std::initializer_list<Param> params) {
    rows_ = 0;
    return connection_->Query(statement, params, [&](const Row&) {
      ++rows_;
      return true;
    });
  }

  std::unique_ptr<Connection> connection_;
  int rows_ = 0;  ///< Of the last query.

 private:
  std::int64_t Reads() {
    std::int64_t reads = 0;
    connection_->Text() =
        "SHOW SESSION STATUS WHERE Variable_name IN ('Handler_read_first','Handler_read_key',"
        "'Handler_read_last','Handler_read_next','Handler_read_prev','Handler_read_rnd')";
    EXPECT_TRUE(connection_
                    ->QueryText("test",
                                [&](const Row& row) {
                                  reads += row.Int64(1);
                                  return true;
                                })
                    .ok());
    return reads;
  }
};

}  // namespace lanemq::sql
