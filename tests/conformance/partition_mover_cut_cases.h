#pragma once

#include "tests/conformance/lost_reply.h"
#include "tests/conformance/partition_mover_fixture.h"
#include "tests/support/wait_for.h"

namespace lanemq::testing {

/// Hangs after the next statement of a name, as a process that was stopped, until the server has
/// ended the transaction.
class HangsInATransaction final : public sql::StatementObserver {
 public:
  HangsInATransaction(TwoNodes& two, std::string statement)
      : two_(two), statement_(std::move(statement)) {}

  void OnStatement(std::string_view name, std::chrono::nanoseconds, const Error*) override {
    if (name != statement_ || has_hung_) return;
    has_hung_ = true;
    is_cut_off_ = static_cast<bool>(WaitFor(
        [&] {
          // Not by innodb_trx, which MariaDB does not look at anew for who asks often.
          return !two_.Run(TwoNodes::kTarget,
                           "SELECT move_id FROM partition_arrivals FOR UPDATE SKIP LOCKED")
                      .empty();
        },
        std::chrono::seconds{40}, "the server has ended the transaction"));
  }
  [[nodiscard]] bool is_cut_off() const { return is_cut_off_; }

 private:
  TwoNodes& two_;
  const std::string statement_;
  bool has_hung_ = false;
  bool is_cut_off_ = false;
};

TEST_P(PartitionMoverSuite, WhoHangsInATransactionOfACopyIsCutOff) {
  two().AppendOk(12);
  two().FillState();
  RunOk(Move(), 0, 1);
  const auto hang = [&](const std::string& statement, const auto& step) {
    HangsInATransaction observer(two(), statement);
    sql::DataNodes nodes({.user = "root", .pool = {.observer = &observer}});
    two().Connect(nodes, server_->port());
    sql::MySqlPartitionMover mover(nodes);
    EXPECT_FALSE(step(mover).ok());
    EXPECT_TRUE(observer.is_cut_off()) << statement;
  };
  hang("note_copied", [](auto& mover) { return CopyLogLevel(mover, Move()); });
  RunOk(Move(), 1, 4);
  hang("share_arrival", [](auto& mover) { return CopyStateWhole(mover, Move()); });
  RunOk(Move(), 4);
}

TEST_P(PartitionMoverSuite, ALostReplyOrRequestIsMadeGoodByARepetition) {
  const std::vector<std::string> statements = {"put_arrival",
                                               "drop_arriving_table",
                                               "create_arriving_table",
                                               "change_arrival",
                                               "note_copied",
                                               "insert_log_rows",
                                               "commit",
                                               "seal_partition",
                                               "change_table_role",
                                               "insert_moved_rows",
                                               "open_partition_state",
                                               "delete_moved_rows",
                                               "drop_sealed_table",
                                               "delete_moved_partition"};
  two().AppendOk(12);
  two().FillState();
  LostReply lost(server_->port());
  sql::DataNodes through({.user = "root", .pool = {.connections_max = 4, .observer = &lost}});
  two().Connect(through, lost.port());
  sql::MySqlPartitionMover mover(through);
  std::int64_t id = 5;
  int at = kSource;
  for (const bool after_effect : {false, true}) {
    for (const std::string& statement : statements) {
      SCOPED_TRACE(statement + (after_effect ? ", its reply" : ", its request"));
      const int to = at == kSource ? kTarget : kSource;
      const std::string before = two().Dump(at);
      if (statement == "drop_arriving_table") {  // Of a move that was not taken back.
        ExpectOk(this->mover().BeginArrival(TwoNodes::Move(id++, at, to), Soon()));
      }
      lost.LoseAfter(statement, after_effect);
      for (const auto& step : AllSteps(TwoNodes::Move(id++, at, to), {.rows_max = 7})) {
        ExpectComesToItsEnd([&] { return step(mover); });
      }
      EXPECT_TRUE(lost.has_lost());
      ExpectAt(to, before);
      at = to;
      if (HasFailure()) return;
    }
  }
}

}  // namespace lanemq::testing
