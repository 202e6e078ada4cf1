// How many rows the statements on dead letters look at, by the engines' own count.
#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "sql/statements/statements.h"
#include "sql/store/dead_letter_scan.h"
#include "sql/store/dead_letter_text.h"
#include "tests/integration/sql/node_plan.h"

namespace lanemq::sql {
namespace {

class DeadLetterPlanTest : public NodePlanTest {
 protected:
  void SetUp() override {
    NodePlanTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    // Groups 1 to 4 with 10 partitions of 200 letters each; letter i died in second i.
    RunOk(*connection_,
          "INSERT INTO dead_letters WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i+1 FROM n "
          "WHERE i<199), p (i) AS (SELECT 0 UNION ALL SELECT i+1 FROM p WHERE i<9), g (i) AS "
          "(SELECT 1 UNION ALL SELECT i+1 FROM g WHERE i<4) SELECT CAST(g.i AS CHAR),7,p.i,n.i+1,"
          "'2020-01-01' + INTERVAL n.i SECOND,1,'2020-01-01','2020-01-01','r','','',0,0,0,0,'k',"
          "NULL,REPEAT('x',300) FROM n,p,g");
    Rows(*connection_, "ANALYZE TABLE dead_letters");
  }

  Status Text(const std::string& text) {
    rows_ = 0;
    connection_->Text() = text;
    return connection_->QueryText("test", [&](const Row&) {
      ++rows_;
      return true;
    });
  }
};
INSTANTIATE_TEST_SUITE_P(On, DeadLetterPlanTest,
                         ::testing::Values(Engine::kMariaDb, Engine::kMySql), EngineName);

TEST_P(DeadLetterPlanTest, AScanReadsItsPageWhereverItBegins) {
  const core::DeadLetterFilter filter{.group = "2"};
  for (const std::int32_t partition : {0, 5, 9}) {
    for (const std::int64_t offset : {0, 120, 190}) {
      SCOPED_TRACE(fmt::format("{}@{}", partition, offset));
      Result<LetterScan> scan = LetterScan{};
      const std::int64_t reads = ReadsOf([&]() -> Status {
        scan = ScanLetters(*connection_, {filter, std::nullopt},
                           LetterPlace{{core::TopicId{7}, partition}, core::Offset{offset}}, 50);
        return scan.ok() ? Status{} : Status{scan.error()};
      });
      ASSERT_TRUE(scan.ok());
      EXPECT_EQ(scan->heads.size(), partition == 9 && offset == 190 ? 10u : 50u);
      EXPECT_LE(reads, 180) << "and whether each one is a copy";
    }
  }
  const std::int64_t reads = ReadsOf([&]() -> Status {
    const auto scan = ScanLetters(*connection_, {filter, std::nullopt}, std::nullopt, 50);
    return scan.ok() ? Status{} : Status{scan.error()};
  });
  EXPECT_LE(reads, 160);
}

TEST_P(DeadLetterPlanTest, ARangeOfTimeReadsWhatIsInIt) {
  const std::int64_t from = 1'577'836'800'000'000 + 150 * 1'000'000;  // 2020-01-01 and 150 s.
  const std::int64_t reads = ReadsOf([&] {
    return Query(statements::kScanDeadLettersByTime,
                 {std::string_view("2"), from, from + 5'000'000, std::int64_t{5'001}});
  });
  EXPECT_EQ(rows_, 50);
  EXPECT_LE(reads, 160);
}

TEST_P(DeadLetterPlanTest, ChosenLettersAreReadOneByOne) {
  std::vector<core::Offset> offsets;
  for (std::int64_t i = 1; i <= 40; ++i) offsets.push_back(core::Offset{i * 4});
  const ChosenLetters chosen{"3", {core::TopicId{7}, 6}, offsets};
  EXPECT_LE(ReadsOf([&] { return Text(SelectHeadsText(chosen, true, true)); }), 50);
  EXPECT_EQ(rows_, 40);
  EXPECT_LE(ReadsOf([&] { return Text(SelectLettersText(chosen, true)); }), 50);
  EXPECT_EQ(rows_, 40);
  EXPECT_LE(ReadsOf([&] { return Text(SelectForLogText(chosen)); }), 50);
  EXPECT_EQ(rows_, 40);
  const auto update = [&](const std::string& text) {
    connection_->Text() = text;
    const auto done = connection_->UpdateText("test");
    return done.ok() ? Status{} : Status{done.error()};
  };
  EXPECT_LE(ReadsOf([&] { return update(CopyToRetriesText(chosen, nullptr)); }), 150);
  EXPECT_LE(ReadsOf([&] { return update(DeleteLettersText(chosen)); }), 100);
  EXPECT_EQ(Rows(*connection_, "SELECT COUNT(*) FROM dead_letters").front(), "7960");
  EXPECT_EQ(Rows(*connection_, "SELECT COUNT(*) FROM retry_messages").front(), "40");
}

TEST_P(DeadLetterPlanTest, ExpiryLooksAtOneLetterOfEachGroupAndAtWhatItRemoves) {
  const std::int64_t reads = ReadsOf(
      [&] { return Query(statements::kGroupsWithOldDeadLetters, {std::int64_t{1'000'000}}); });
  EXPECT_EQ(rows_, 4);
  EXPECT_LE(reads, 40);
  const std::int64_t oldest = ReadsOf([&]() -> Status {
    const auto found = OldestLetters(*connection_, "2", WallTime{1'600'000'000'000'000}, 30);
    if (!found.ok()) return found.error();
    rows_ = static_cast<int>(found->size());
    for (const LetterHead& head : *found) EXPECT_LE(head.place.offset, core::Offset{3});
    return {};
  });
  EXPECT_EQ(rows_, 30);
  EXPECT_LE(oldest, 130);  // The letter, and whether its partition arrives: two looks or three.
}

}  // namespace
}  // namespace lanemq::sql
