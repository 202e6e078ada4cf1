#pragma once

#include <algorithm>
#include <atomic>
#include <mutex>
#include <set>
#include <sstream>

#include "tests/conformance/retry_store_suite.h"

/// Everybody at once; marks, policies, partitions that are dropped.
namespace lanemq::testing {

// Owners that follow one another, each going on as zombies do after the next one has claimed,
// settle and lease at once; a second thread of each handles retries only. Each record ends in one
// place, and none is lost.
TEST_P(RetryStoreSuite, WhateverOwnersDoEachRecordIsInOnePlace) {
  constexpr int kRecords = 400;
  constexpr int kGenerations = 6;
  Append(kRecords);
  std::mutex mutex;
  std::set<std::int64_t> worked;  // Acknowledged as done.
  std::atomic<bool> is_over = false;
  std::atomic<int> mistakes = 0;
  const Deadline end_of_test = Deadline::After(SystemClock::Instance(), std::chrono::seconds{60});
  const auto is_late = [&] { return end_of_test.HasPassed(SystemClock::Instance()); };
  const auto work = [&](int generation, bool reads_log) {
    const core::OffsetOwner owner = Owner(generation, "m" + std::to_string(generation));
    bool is_first = true;
    while (!is_over && !is_late()) {
      const std::vector<core::RetryWish> wishes = {{Key(0), 1'000}};
      auto leased = store().Lease("g", owner, wishes, {20, 1u << 20},
                                  std::chrono::milliseconds{generation % 2}, is_first, Soon());
      if (!leased.ok()) continue;             // Lost too many races; nothing was done.
      if (!leased->statuses[0].ok()) return;  // Somebody else's by now.
      is_first = false;
      const std::int64_t from = std::max<std::int64_t>(Committed(), 1);
      const std::int64_t end = std::min<std::int64_t>(from + 10, kRecords + 1);
      core::PartitionSettlement asked = To(reads_log && end > from ? end : 0);
      Offsets done;
      for (std::int64_t offset = from; reads_log && offset < end; ++offset) {
        if (offset % 7 == 0) {
          asked.failures.push_back(Failed(offset, Dead()));
        } else if (offset % 3 == 0) {
          asked.failures.push_back(Failed(offset));
        } else {
          done.push_back(offset);
        }
      }
      for (const auto& due : leased->due) {
        const std::int64_t offset = due.record->offset.value;
        const int attempt = due.history.attempts;
        if (offset % 3 != 0 || offset % 7 == 0) ++mistakes;
        if (attempt < 3) {
          asked.retries.push_back(FailedAgain(offset, attempt, In({})));
        } else if (offset % 2 == 0) {
          asked.retries.push_back(FailedAgain(offset, attempt, Dead()));
        } else {
          asked.retries.push_back(Ok(offset, attempt));
          done.push_back(offset);
        }
      }
      const auto answers = store().Settle("g", owner, std::span(&asked, 1), Soon());
      if (!answers.ok()) continue;
      if (!answers->front().status.ok()) return;
      std::lock_guard lock(mutex);
      for (const std::int64_t offset : done) {
        const auto& stale = answers->front().stale;
        if (std::find(stale.begin(), stale.end(), core::Offset{offset}) == stale.end()) {
          worked.insert(offset);
        }
      }
      if (reads_log && end > kRecords && leased->due.empty() && !leased->next_due_in)
        is_over = true;
    }
  };
  std::vector<std::thread> threads;
  for (int generation = 1; generation <= kGenerations; ++generation) {
    Claim(Owner(generation, "m" + std::to_string(generation)));
    threads.emplace_back(work, generation, true);
    threads.emplace_back(work, generation, false);
    const std::int64_t enough = kRecords * generation / (kGenerations + 1);
    while (Committed() < enough && !is_late()) std::this_thread::yield();
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(is_over);
  EXPECT_EQ(mistakes, 0);
  EXPECT_EQ(Committed(), kRecords + 1);
  std::multiset<std::int64_t> places(worked.begin(), worked.end());
  for (const std::string& rows : {Retries(), DeadLetters()}) {
    std::istringstream in(rows);
    for (std::int64_t offset = 0; in >> offset;) places.insert(offset);
  }
  EXPECT_EQ(places.size(), static_cast<std::size_t>(kRecords));
  for (int offset = 1; offset <= kRecords; ++offset) EXPECT_EQ(places.count(offset), 1u) << offset;
}

TEST_P(RetryStoreSuite, ManyFirstSettlementsAtOnceAllCount) {
  constexpr int kThreads = 6;
  Append(9);
  Append(9, 1);
  std::vector<std::thread> threads;
  for (int i = 1; i <= kThreads; ++i) {
    threads.emplace_back([&, i] {
      // Half of the threads name the partitions in the opposite order.
      const int first = i % 2;
      const std::vector<core::PartitionSettlement> asked = {
          To(i + 1, {Failed(i)}, {}, first), To(i + 1, {Failed(i, Dead())}, {}, 1 - first)};
      const auto answers = store().Settle("g", Owner(0), asked, Soon());
      ASSERT_TRUE(answers.ok()) << answers.error().ToString();
      for (const auto& settled : *answers) EXPECT_TRUE(settled.status.ok());
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Retries(), "1 2 3 4 5 6");
  EXPECT_EQ(DeadLetters(), "1 2 3 4 5 6");
  EXPECT_EQ(Committed(0), Committed(1)) << "half of a settlement";
}

TEST_P(RetryStoreSuite, LongErrorsAreCutAndAnyBytesSurvive) {
  Append(9);
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  SettleOk(To(3, {Failed(1, In({}), {bytes.substr(0, 64), bytes}),
                  Failed(2, In({}), {"", std::string(3'000, 'x')})}));
  const auto leased = Lease();
  ASSERT_EQ(leased.due.size(), 2u);
  EXPECT_EQ(leased.due[0].history.last.reason, bytes.substr(0, 64));
  EXPECT_EQ(leased.due[0].history.first.error, bytes);
  EXPECT_EQ(leased.due[0].history.last.error, bytes);
  EXPECT_EQ(leased.due[1].history.last.error, std::string(2'048, 'x'));
}

TEST_P(RetryStoreSuite, AttemptsAtTheRecordThatBeginsAreCountedUntilTheOffsetMoves) {
  Append(9);
  Claim(Owner(1));
  auto begins = To(0);
  begins.begins = core::Offset{1};
  EXPECT_EQ(SettleOk(begins, Owner(1)).attempts, 1);
  EXPECT_EQ(SettleOk(begins, Owner(1)).attempts, 2);
  Claim(Owner(2));
  const auto row = offsets().Fetch("g", std::vector{Key()}, Soon())->front();
  EXPECT_EQ(row.claims, 2);
  EXPECT_EQ(row.attempt_offset, core::Offset{1});
  EXPECT_EQ(row.attempts, 2);
  begins.begins = core::Offset{2};
  EXPECT_EQ(SettleOk(begins, Owner(2)).attempts, 1);
  auto moves = To(2);
  moves.begins = core::Offset{2};
  EXPECT_EQ(SettleOk(moves, Owner(2)).attempts, 1) << "the offset has moved";
  EXPECT_EQ(SettleOk(begins, Owner(2)).attempts, 2);
  SettleOk(To(3), Owner(2));
  const auto moved = offsets().Fetch("g", std::vector{Key()}, Soon())->front();
  EXPECT_EQ(moved.claims, 0);
  EXPECT_EQ(moved.attempt_offset, core::Offset{-1});
  EXPECT_EQ(moved.attempts, 0);
}

TEST_P(RetryStoreSuite, PoliciesAreKeptPerGroupAndTopic) {
  EXPECT_TRUE(store().Policies("g", Soon())->empty());
  core::RetryPolicy policy;
  policy.max_attempts = 3;
  policy.fatal_reasons = {"bad", "\u00e9"};
  const core::TopicId topic{9};
  ASSERT_TRUE(store().SetPolicy("g", std::nullopt, policy, {"ana", ""}, Soon()).ok());
  policy.max_attempts = 4;
  ASSERT_TRUE(store().SetPolicy("g", topic, policy, {"bob", ""}, Soon()).ok());
  policy.max_attempts = 5;
  ASSERT_TRUE(store().SetPolicy("g", topic, policy, {"eve", ""}, Soon()).ok());
  const auto stored = store().Policies("g", Soon());
  ASSERT_TRUE(stored.ok()) << stored.error().ToString();
  ASSERT_EQ(stored->size(), 2u);
  EXPECT_EQ((*stored)[0].topic, std::nullopt);
  EXPECT_EQ((*stored)[0].policy.max_attempts, 3);
  EXPECT_EQ((*stored)[1].topic, topic);
  EXPECT_EQ((*stored)[1].policy, policy);
  EXPECT_EQ((*stored)[1].requested_by, "eve");
  EXPECT_GT((*stored)[1].at.micros, 0);
  EXPECT_TRUE(store().Policies("other", Soon())->empty());
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(store().SetPolicy("g", std::nullopt, std::nullopt, {"ana", ""}, Soon()).ok());
  }
  EXPECT_EQ(store().Policies("g", Soon())->size(), 1u);
}

TEST_P(RetryStoreSuite, RetriesGoWithTheirPartitionAndStayWhenOffsetsAreDeleted) {
  Append(3'000);
  Append(9, 1);
  std::vector<core::LogFailure> failures;
  for (int offset = 1; offset <= 2'500; ++offset) failures.push_back(Failed(offset, In(kHour)));
  failures.push_back(Failed(2'501, Dead()));
  SettleOk(To(3'000, failures));
  SettleOk(To(5, {Failed(1, Dead()), Failed(2)}, {}, 1));
  for (const char* table :
       {"delayed_messages (topic_id,partition_index,due_us,producer_id,sequence,"
        "codec) VALUES ({},{},1,0,1,0)",
        "delayed_producers (topic_id,partition_index,producer_id,last_sequence,"
        "used_at) VALUES ({},{},1,0,NOW())"}) {
    for (int index = 0; index < 2; ++index) {
      Run("INSERT INTO " +
          fmt::format(fmt::runtime(table), Key(index).topic.value, Key(index).partition));
    }
  }
  EXPECT_EQ(offsets().Delete("g", {}, {}, Soon()).value(), 2);
  EXPECT_EQ(Run("SELECT COUNT(*) FROM retry_messages"), "2501\n");
  ASSERT_TRUE(messages().DropPartition(At(0), Soon()).ok());
  EXPECT_EQ(Retries(), "2");
  EXPECT_EQ(DeadLetters(), "1");
  EXPECT_EQ(Run("SELECT (SELECT COUNT(*) FROM delayed_messages),(SELECT COUNT(*) FROM "
                "delayed_producers)"),
            "1\t1\n");
}

}  // namespace lanemq::testing
