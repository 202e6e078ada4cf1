#pragma once

#include "common/base/random.h"
#include "common/core/store/offset_store.h"
#include "tests/conformance/partition_mover_fixture.h"

namespace lanemq::testing {

/// A move in random small steps, repeated, cut off by short deadlines, with others who work on the
/// partition and a mover who is late. Afterwards the target has what the source had when it was
/// sealed.
class RandomMove {
 public:
  RandomMove(TwoNodes& two, std::uint64_t seed)
      : two_(two), random_(seed), mover_(two.nodes()), offsets_(two.nodes(), core::NodeId{1}) {}

  void Run() {
    static_cast<void>(mover_.BeginArrival(TwoNodes::Move(kOld), TwoNodes::Soon()));
    static_cast<void>(Some(kOld));
    Until([&](Deadline deadline) { return mover_.BeginArrival(Current(), deadline); });
    for (int i = 0; i < 25; ++i) OthersWork();
    Until([&](Deadline deadline) { return Level(deadline); });
    Until([&](Deadline deadline) { return Ahead(deadline); });
    for (int i = 0; i < 5; ++i) OthersWork();
    Until([&](Deadline deadline) { return mover_.Seal(Current(), deadline); });
    if (random_.Below(3) == 0) GiveUpAndBeginAgain();
    place_ = {};  // A walk ahead passes by tables that the one after the seal does not.
    const std::string before = DumpSealed();
    OthersWork();
    Until([&](Deadline deadline) { return Level(deadline); });
    Until([&](Deadline deadline) { return Whole(deadline); });
    Until([&](Deadline deadline) { return Equal(deadline); });
    Until([&](Deadline deadline) { return mover_.Open(Current(), deadline); });
    Late();
    EXPECT_EQ(two_.Dump(TwoNodes::kTarget), before);
    Until([&](Deadline deadline) -> Status {
      const auto dropped = mover_.DropSource(Current(), deadline);
      if (!dropped.ok()) return dropped.error();
      return *dropped ? Status{} : Status{Error{ErrorCode::kThrottled, "more"}};
    });
    Late();
    EXPECT_EQ(two_.Dump(TwoNodes::kTarget), before);
    EXPECT_EQ(two_.Tables(TwoNodes::kSource), "");
    EXPECT_EQ(two_.StateRows(TwoNodes::kSource), 0);
    EXPECT_TRUE(two_.Append(1, TwoNodes::kTarget).ok());
  }

 private:
  static constexpr std::int64_t kOld = 3;

  [[nodiscard]] core::PartitionMove Current() const { return TwoNodes::Move(id_); }
  /// Mostly long, sometimes over before or in the middle of the step.
  Deadline Some() {
    return random_.Below(3) == 0 ? TwoNodes::Soon(std::chrono::milliseconds{random_.Below(4)})
                                 : TwoNodes::Soon();
  }
  core::CopyLimits Limits() {
    return {.rows_max = static_cast<std::int64_t>(random_.Below(9)),
            .bytes_max = static_cast<std::int64_t>(random_.Below(4'000))};
  }

  /// A step until it works, and now and then once more; the late mover tries his in between.
  template <typename Step>
  void Until(const Step& step) {
    for (int attempt = 0; attempt < 1'000; ++attempt) {
      if (random_.Below(8) == 0) Late();
      const Status done = step(Some());
      if (!done.ok()) {
        const ErrorCode code = done.error().code;
        ASSERT_TRUE(code == ErrorCode::kThrottled || code == ErrorCode::kConflict ||
                    code == ErrorCode::kDataNodeUnavailable || code == ErrorCode::kOutcomeUnknown)
            << done.error().ToString();
      } else if (random_.Below(4) != 0) {
        return;
      }
    }
    FAIL() << "a step does not come to its end";
  }

  Status Level(Deadline deadline) {
    const auto copied = mover_.CopyLog(Current(), Limits(), deadline);
    if (!copied.ok()) return copied.error();
    return copied->IsLevel() ? Status{} : Status{Error{ErrorCode::kThrottled, "more"}};
  }
  Status Whole(Deadline deadline) {
    const auto copied = mover_.CopyState(Current(), place_, Limits(), deadline);
    return GoOn(copied);
  }
  Status Ahead(Deadline deadline) {
    const auto copied = mover_.CopyAhead(Current(), place_, Limits(), deadline);
    return GoOn(copied);
  }
  /// Now and then what was known of the way is forgotten, as by another mover.
  Status GoOn(const Result<core::StateCopied>& copied) {
    if (!copied.ok()) return copied.error();
    place_ = copied->is_whole || random_.Below(10) == 0 ? core::StatePlace{} : copied->next;
    return copied->is_whole ? Status{} : Status{Error{ErrorCode::kThrottled, "more"}};
  }
  Status Equal(Deadline deadline) {
    const auto counts = mover_.Compare(Current(), deadline);
    if (!counts.ok()) return counts.error();
    for (const auto& count : *counts) EXPECT_EQ(count.source, count.target) << count.what;
    return {};
  }

  /// Any step of an older move.
  Status Some(std::int64_t id) {
    const core::PartitionMove move = TwoNodes::Move(id);
    switch (random_.Below(8)) {
      case 0:
        return mover_.BeginArrival(move, Some());
      case 1:
        return ToStatus(mover_.CopyLog(move, Limits(), Some()));
      case 2:
        return random_.Below(2) == 0 ? ToStatus(mover_.CopyState(move, {}, Limits(), Some()))
                                     : ToStatus(mover_.CopyAhead(move, {}, Limits(), Some()));
      case 3:
        return ToStatus(mover_.Compare(move, Some()));
      case 4:
        return mover_.Open(move, Some());
      case 5:
        return mover_.DropArrival(move, Some());
      case 6:
        return ToStatus(mover_.DropSource(move, Some()));
      default:
        return mover_.Unseal(move, Some());
    }
  }
  template <typename T>
  static Status ToStatus(const Result<T>& result) {
    return result.ok() ? Status{} : Status{result.error()};
  }
  void Late() {
    for (int i = 0; i < 3; ++i) static_cast<void>(Some(kOld));
  }

  void OthersWork() {
    switch (random_.Below(8)) {
      case 5:
      case 6:
        LettersChange();
        break;
      case 7:
        static_cast<void>(Ahead(Some()));
        break;
      case 0:
      case 1:
        static_cast<void>(two_.Append(1 + static_cast<int>(random_.Below(12))));
        break;
      case 2: {
        const core::OffsetCommit commit{TwoNodes::kKey,
                                        core::Offset{static_cast<std::int64_t>(random_.Below(50))},
                                        "note", std::nullopt};
        static_cast<void>(offsets_.Commit("g" + std::to_string(random_.Below(6)),
                                          {core::Generation{0}, ""}, std::span(&commit, 1),
                                          TwoNodes::Soon()));
        break;
      }
      case 3:
        static_cast<void>(Level(Some()));
        break;
      default:
        two_.Run(TwoNodes::kSource,
                 fmt::format("UPDATE partition_state SET log_start_offset=log_start_offset+{} "
                             "WHERE state<>'moving' AND log_start_offset<20",
                             random_.Below(3)));
        if (two_.Tables(TwoNodes::kSource) == "msg_7_3") {
          two_.Run(TwoNodes::kSource,
                   "DELETE FROM LOG WHERE `offset`<(SELECT log_start_offset FROM partition_state)");
        }
    }
  }

  /// As those who lock the partition's row would change them: not once it is sealed.
  void LettersChange() {
    const std::string open =
        " AND EXISTS (SELECT 1 FROM partition_state s WHERE s.topic_id=7 AND s.partition_index=3 "
        "AND s.state<>'moving')";
    const auto origin = [&] { return random_.Below(15); };
    switch (random_.Below(3)) {
      case 0:
        two_.Run(TwoNodes::kSource,
                 fmt::format("UPDATE retry_messages SET attempts=attempts+1,due_at=UTC_TIMESTAMP(6)"
                             " WHERE partition_index=3 AND origin_offset<{}{}",
                             origin(), open));
        break;
      case 1:
        two_.Run(TwoNodes::kSource,
                 fmt::format("DELETE FROM dead_letters WHERE partition_index=3 AND "
                             "origin_offset={}{}",
                             100 + origin(), open));
        break;
      default:
        two_.Run(
            TwoNodes::kSource,
            fmt::format("REPLACE INTO dead_letters SELECT group_id,topic_id,partition_index,{},"
                        "UTC_TIMESTAMP(6),attempts,first_failed_at,last_failed_at,reason,"
                        "first_error,last_error,timestamp_us,producer_id,sequence,codec,`key`,"
                        "headers,body FROM retry_messages WHERE partition_index=3 AND "
                        "origin_offset=2{}",
                        100 + origin(), open));
    }
  }

  void GiveUpAndBeginAgain() {
    Until([&](Deadline deadline) { return mover_.Unseal(Current(), deadline); });
    Until([&](Deadline deadline) { return mover_.DropArrival(Current(), deadline); });
    for (int i = 0; i < 5; ++i) OthersWork();
    ++id_;
    Until([&](Deadline deadline) { return mover_.BeginArrival(Current(), deadline); });
    for (int i = 0; i < 5; ++i) OthersWork();
    Until([&](Deadline deadline) { return mover_.Seal(Current(), deadline); });
  }

  std::string DumpSealed() { return two_.Dump(TwoNodes::kSource); }

  TwoNodes& two_;
  Random random_;
  sql::MySqlPartitionMover mover_;
  sql::MySqlOffsetStore offsets_;
  std::int64_t id_ = 5;
  core::StatePlace place_;
};

TEST_P(PartitionMoverSuite, WhateverHappensOnTheWayTheTargetHasWhatTheSourceHad) {
  const std::uint64_t first = Random::FromSystem().Below(1'000'000);
  for (std::uint64_t seed = first; seed < first + 3; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    two_ = std::make_unique<TwoNodes>(*server_);
    two().Create();
    two().AppendOk(15);
    two().FillState();
    RandomMove(two(), seed).Run();
    if (HasFailure()) return;
  }
}

}  // namespace lanemq::testing
