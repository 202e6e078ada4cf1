#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "perf/load/figures.h"

namespace lanemq::perf {

/// A database server to measure, addressed directly.
struct DatabaseAddress {
  std::string host = "127.0.0.1";
  int port = 0;
  std::string user = "root";
  std::string password;
};

/// The ceiling: what a program gets that writes and reads message tables itself, without a queue.
/// Tables have the columns, the primary key and the range partitioning of LaneMQ's message tables;
/// statements are autocommitted multi-row INSERTs with explicit offsets, one connection a table.
///
/// Not thread-safe; one owner. Failures end in an Error with the connector's text.
class RawDatabase {
 public:
  RawDatabase(DatabaseAddress address, std::string schema);

  /// Makes the schema and `tables` empty tables, dropping older ones.
  Status Prepare(int tables);

  /// Each table's own thread inserts `batch` rows a statement for `duration`.
  Result<Throughput> Insert(int tables, int batch, int body_bytes, std::chrono::seconds duration);

  /// One connection inserts one row a statement; the latency of each.
  Result<Latencies> InsertSingly(int body_bytes, std::chrono::seconds duration);

  /// Records fall due at `rate` a second, in turn on each table; a connection a table inserts all
  /// that is due by then in one statement, and pauses 1 ms when nothing is. From due to committed.
  Result<Latencies> InsertAtRate(int tables, int rate, int body_bytes,
                                 std::chrono::seconds duration);

  /// One connection reads table 0 from its first row to its end, `limit` rows a SELECT, each column
  /// taken out, over and over for `duration`.
  Result<Throughput> Select(int limit, std::chrono::seconds duration);

 private:
  DatabaseAddress address_;
  std::string schema_;
};

}  // namespace lanemq::perf
