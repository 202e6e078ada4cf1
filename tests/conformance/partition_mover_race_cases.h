#pragma once

#include <algorithm>
#include <atomic>
#include <set>
#include <sstream>
#include <thread>

#include "common/core/store/offset_store.h"
#include "tests/conformance/partition_mover_fixture.h"
#include "tests/support/wait_for.h"

namespace lanemq::testing {

/// Somebody who works on a partition where he believes it is, and remembers what was acknowledged.
class BusyClient {
 public:
  BusyClient(TwoNodes& two, int number, int node)
      : two_(two), number_(number), node_(node), offsets_(two.nodes(), core::NodeId{node}) {}

  /// Appends and commits until `is_over`, refusals or not.
  void Run(const std::atomic<bool>& is_over) {
    while (!is_over) {
      const std::int64_t offset = Append();
      if (offset > 0) Commit(offset);
    }
  }

  /// "offset number n" of each acknowledged append.
  [[nodiscard]] const std::set<std::string>& acknowledged() const { return acknowledged_; }
  [[nodiscard]] std::int64_t committed() const { return committed_; }
  /// From any thread.
  [[nodiscard]] bool has_appended() const { return has_appended_; }
  [[nodiscard]] std::string group() const { return fmt::format("busy{}", number_); }

 private:
  /// The offset; 0: it was refused.
  std::int64_t Append() {
    const auto tail = two_.messages().ReadTail(TwoNodes::At(node_), TwoNodes::Soon());
    if (!tail.ok()) return 0;
    auto record = std::make_shared<core::Record>();
    record->offset = tail->End();
    record->producer = core::ProducerId{number_};
    record->sequence = ++sequence_;
    const core::RecordPtr records[] = {record};
    const Status done =
        two_.messages().Append(TwoNodes::At(node_), records, tail->server, TwoNodes::Soon());
    if (!done.ok()) return 0;
    acknowledged_.insert(
        fmt::format("{}\t{}\t{}", record->offset.value, number_, record->sequence));
    has_appended_ = true;
    return record->offset.value;
  }
  void Commit(std::int64_t offset) {
    const core::OffsetCommit commit{TwoNodes::kKey, core::Offset{offset}, "", std::nullopt};
    const auto done = offsets_.Commit(group(), {core::Generation{0}, ""}, std::span(&commit, 1),
                                      TwoNodes::Soon());
    if (done.ok() && done->size() == 1 && done->front().ok()) committed_ = offset;
  }

  TwoNodes& two_;
  const int number_;
  const int node_;
  sql::MySqlOffsetStore offsets_;
  std::int64_t sequence_ = 0;
  std::set<std::string> acknowledged_;
  std::int64_t committed_ = 0;
  std::atomic<bool> has_appended_ = false;
};

TEST_P(PartitionMoverSuite, WhatWasAcknowledgedToWhoeverKnowsNothingOfTheMoveIsThere) {
  std::atomic<bool> is_over = false;
  std::vector<std::unique_ptr<BusyClient>> clients;
  for (int number = 1; number <= 3; ++number) {
    clients.push_back(std::make_unique<BusyClient>(two(), number, kSource));
  }
  {
    std::vector<std::jthread> threads;
    for (const auto& client : clients) {
      threads.emplace_back([&] { client->Run(is_over); });
    }
    ExpectOk(mover().BeginArrival(Move(), Soon()));
    // Ahead of the seal as far as it comes; never level for long.
    for (int i = 0; i < 10; ++i) {
      EXPECT_TRUE(mover().CopyLog(Move(), {.rows_max = 50}, Soon()).ok());
    }
    EXPECT_TRUE(WaitFor(
        [&] { return std::ranges::all_of(clients, [](auto& c) { return c->has_appended(); }); },
        std::chrono::seconds{60}, "every client has appended"));
    ExpectComesToItsEnd([&] { return mover().Seal(Move(), Soon()); });
    RunOk(Move(), 3);
    is_over = true;
  }
  std::set<std::string> rows;
  std::istringstream lines(two().Run(kTarget, "SELECT `offset`,producer_id,sequence FROM LOG"));
  for (std::string line; std::getline(lines, line);) rows.insert(line);
  for (const auto& client : clients) {
    EXPECT_FALSE(client->acknowledged().empty());
    for (const std::string& row : client->acknowledged()) EXPECT_TRUE(rows.contains(row)) << row;
    const std::string stored = two().Run(
        kTarget, fmt::format("SELECT COALESCE(MAX(committed_offset),0) FROM group_offsets WHERE "
                             "group_id='{}'",
                             client->group()));
    EXPECT_EQ(stored, fmt::format("{}\n", client->committed()));
  }
}

}  // namespace lanemq::testing
