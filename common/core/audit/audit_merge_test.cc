#include "common/core/audit/audit_merge.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/random.h"

namespace lanemq::core {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr NodeId kNodeA{3};
constexpr NodeId kNodeB{5};

/// Logs as their databases have them: by id, from 1 on.
class Logs {
 public:
  void Append(NodeId source, std::int64_t at, std::size_t bytes = 0) {
    std::vector<AuditEvent>& log = logs_[source];
    AuditEvent event;
    event.id = static_cast<std::int64_t>(log.size()) + 1;
    event.at = WallTime{at};
    event.change.after_json.assign(bytes, 'x');
    log.push_back(std::move(event));
  }
  [[nodiscard]] std::vector<NodeId> sources() const {
    std::vector<NodeId> sources;
    for (const auto& [source, log] : logs_) sources.push_back(source);
    return sources;
  }
  [[nodiscard]] AuditPage Answer(const AuditMerge::Ask& ask) const {
    AuditPage page;
    const std::vector<AuditEvent>& log = logs_.at(ask.source);
    for (auto at = log.rbegin(); at != log.rend(); ++at) {
      if (ask.before_id && at->id >= *ask.before_id) continue;
      page.has_more = page.events.size() == ask.max;
      if (page.has_more) break;
      page.events.push_back(*at);
    }
    return page;
  }
  [[nodiscard]] const std::map<NodeId, std::vector<AuditEvent>>& all() const { return logs_; }

 private:
  std::map<NodeId, std::vector<AuditEvent>> logs_;
};

using Bounds = AuditMerge::Bounds;

AuditMerge::Page PageOf(const Logs& logs, const AuditPositions& from, Bounds bounds,
                        const std::set<NodeId>& away = {}) {
  AuditMerge merge(from, logs.sources(), bounds);
  int rounds = 0;
  for (auto asks = merge.Asks(); !asks.empty() && rounds < 10'000; asks = merge.Asks(), ++rounds) {
    for (const AuditMerge::Ask& ask : asks) {
      EXPECT_GE(ask.max, 1U);
      EXPECT_LE(ask.max, bounds.max);
      if (away.contains(ask.source)) {
        merge.Fail(ask.source);
      } else {
        merge.Add(ask.source, logs.Answer(ask));
      }
    }
  }
  EXPECT_LT(rounds, 10'000);
  return merge.Take();
}

/// "source.id" of each.
std::vector<std::string> NamesOf(const std::vector<AuditMerge::Event>& events) {
  std::vector<std::string> names;
  for (const AuditMerge::Event& one : events) {
    names.push_back(std::to_string(one.source.value) + "." + std::to_string(one.event.id));
  }
  return names;
}

TEST(AuditMergeTest, TheNewestComesFirstAndOfTheSameInstantTheFirstSource) {
  Logs logs;
  for (const std::int64_t at : {10, 30, 30}) logs.Append(kMetadataSource, at);
  for (const std::int64_t at : {20, 30}) logs.Append(kNodeA, at);
  logs.Append(kNodeB, 40);
  const AuditMerge::Page page = PageOf(logs, {}, {});
  EXPECT_THAT(NamesOf(page.events), ElementsAre("5.1", "0.3", "0.2", "3.2", "3.1", "0.1"));
  EXPECT_FALSE(page.has_more);
  EXPECT_THAT(page.failed, IsEmpty());
  EXPECT_EQ(page.next, (AuditPositions{{kMetadataSource, 0}, {kNodeA, 0}, {kNodeB, 0}}));
}

TEST(AuditMergeTest, AReadToTheEndSourceIsNotAskedAgain) {
  AuditMerge merge({{kMetadataSource, 0}, {kNodeA, 7}}, {kMetadataSource, kNodeA, kNodeB},
                   {.max = 4});
  EXPECT_EQ(merge.Asks(),
            (std::vector<AuditMerge::Ask>{{kNodeA, 7, 4}, {kNodeB, std::nullopt, 4}}));
}

TEST(AuditMergeTest, ManySourcesAreAskedForLittleEach) {
  std::vector<NodeId> sources;
  for (std::int64_t i = 0; i < 1'000; ++i) sources.push_back(NodeId{i});
  AuditMerge merge({}, sources, {.max = 1'000});
  const auto asks = merge.Asks();
  ASSERT_EQ(asks.size(), 1'000U);
  EXPECT_EQ(asks.front().max, 10U);
}

TEST(AuditMergeTest, WhatIsWrittenBetweenPagesIsOfAnotherSearch) {
  Logs logs;
  logs.Append(kMetadataSource, 50);
  logs.Append(kNodeA, 10);
  const AuditMerge::Page first = PageOf(logs, {}, {.max = 1});
  EXPECT_THAT(NamesOf(first.events), ElementsAre("0.1"));
  logs.Append(kMetadataSource, 60);
  logs.Append(kNodeA, 60);
  const AuditMerge::Page second = PageOf(logs, first.next, {.max = 10});
  EXPECT_THAT(NamesOf(second.events), ElementsAre("3.1"));
  EXPECT_FALSE(second.has_more);
}

TEST(AuditMergeTest, ASourceThatFailsIsSaidAndGoesOnWhereItWas) {
  Logs logs;
  for (const std::int64_t at : {10, 20, 30}) logs.Append(kMetadataSource, at);
  for (const std::int64_t at : {11, 21}) logs.Append(kNodeA, at);
  const AuditMerge::Page without = PageOf(logs, {}, {}, {kNodeA});
  EXPECT_THAT(NamesOf(without.events), ElementsAre("0.3", "0.2", "0.1"));
  EXPECT_TRUE(without.has_more);
  EXPECT_THAT(without.failed, ElementsAre(kNodeA));
  const AuditMerge::Page still = PageOf(logs, without.next, {}, {kNodeA});
  EXPECT_THAT(still.events, IsEmpty());
  EXPECT_TRUE(still.has_more);
  const AuditMerge::Page back = PageOf(logs, still.next, {});
  EXPECT_THAT(NamesOf(back.events), ElementsAre("3.2", "3.1"));
  EXPECT_FALSE(back.has_more);
}

TEST(AuditMergeTest, ANodeThatIsNotAskedKeepsItsPlace) {
  Logs logs;
  logs.Append(kMetadataSource, 1);
  const AuditMerge::Page page = PageOf(logs, {{kNodeB, 17}}, {});
  EXPECT_EQ(page.next, (AuditPositions{{kMetadataSource, 0}, {kNodeB, 17}}));
}

TEST(AuditMergeTest, APageEndsWhereItsBytesDoButHasOneEvent) {
  Logs logs;
  for (int i = 0; i < 5; ++i) logs.Append(kMetadataSource, i, 1'000);
  std::size_t pages = 0;
  std::size_t events = 0;
  AuditPositions from;
  for (bool has_more = true; has_more; ++pages) {
    const AuditMerge::Page page = PageOf(logs, from, {.max = 100, .bytes_max = 3'000});
    EXPECT_LE(page.events.size(), 2U);
    events += page.events.size();
    from = page.next;
    has_more = page.has_more;
  }
  EXPECT_EQ(events, 5U);
  EXPECT_EQ(pages, 3U);
  EXPECT_EQ(PageOf(logs, {}, {.max = 100, .bytes_max = 1}).events.size(), 1U);
}

TEST(AuditMergeTest, IdsThatNoDatabaseGivesAreLeftOut) {
  AuditMerge merge({}, {kMetadataSource, kNodeA}, {.max = 1});
  AuditPage page;
  for (const std::int64_t id : {std::numeric_limits<std::int64_t>::max(), std::int64_t{7},
                                std::int64_t{0}, std::int64_t{-3}}) {
    page.events.emplace_back().id = id;
  }
  merge.Add(kNodeA, page);
  page.events.resize(1);
  merge.Add(kMetadataSource, page);
  EXPECT_THAT(merge.Asks(), IsEmpty());
  const AuditMerge::Page told = merge.Take();
  EXPECT_THAT(NamesOf(told.events), ElementsAre("3.7"));
  EXPECT_EQ(told.next, (AuditPositions{{kMetadataSource, 0}, {kNodeA, 0}}));
}

TEST(AuditMergeTest, EachEventComesOnceHoweverPagesAreCutAndInOrderWhileNobodyFails) {
  Random random(7);
  for (int run = 0; run < 300; ++run) {
    Logs logs;
    const std::uint64_t sources = 1 + random.Below(6);
    std::int64_t now = 0;
    std::size_t count = 0;
    for (std::uint64_t i = 0; i < sources; ++i) logs.Append(NodeId{static_cast<int>(i)}, now);
    count += sources;
    for (std::uint64_t i = random.Below(120); i > 0; --i, ++count) {
      now += static_cast<std::int64_t>(random.Below(3));
      logs.Append(NodeId{static_cast<std::int64_t>(random.Below(sources))}, now);
    }
    const bool is_shaky = run % 2 == 1;
    std::set<std::pair<std::int64_t, std::int64_t>> seen;
    std::vector<std::tuple<std::int64_t, std::int64_t, std::int64_t>> order;
    AuditPositions from;
    for (int page_number = 0;; ++page_number) {
      ASSERT_LT(page_number, 2'000);
      std::set<NodeId> away;
      for (std::uint64_t i = 0; is_shaky && i < sources; ++i) {
        if (random.Below(3) == 0) away.insert(NodeId{static_cast<std::int64_t>(i)});
      }
      const AuditMerge::Page page = PageOf(
          logs, from, {.max = 1 + random.Below(30), .bytes_max = 200 + random.Below(20'000)}, away);
      for (const AuditMerge::Event& one : page.events) {
        EXPECT_TRUE(seen.insert({one.source.value, one.event.id}).second) << "told twice";
        order.emplace_back(-one.event.at.micros, one.source.value, -one.event.id);
      }
      // As a client has it.
      const auto next = FromAuditCursor(ToAuditCursor(page.next, 1), 1);
      ASSERT_TRUE(next.ok()) << next.error().ToString();
      EXPECT_EQ(*next, page.next);
      from = *next;
      if (!page.has_more) break;
    }
    EXPECT_EQ(seen.size(), count);
    EXPECT_TRUE(is_shaky || std::ranges::is_sorted(order));
  }
}

TEST(AuditCursorTest, PositionsSurviveTheRoundTrip) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  for (const AuditPositions& positions :
       {AuditPositions{}, AuditPositions{{kMetadataSource, 0}},
        AuditPositions{{kMetadataSource, kMost}, {NodeId{1}, 127}, {NodeId{2}, 128}},
        AuditPositions{{NodeId{5}, 0}, {NodeId{kMost}, 16'384}}}) {
    const auto back = FromAuditCursor(ToAuditCursor(positions, 0xfedcba98), 0xfedcba98);
    ASSERT_TRUE(back.ok()) << back.error().ToString();
    EXPECT_EQ(*back, positions);
  }
}

TEST(AuditCursorTest, AThousandSourcesFitIntoALine) {
  AuditPositions positions;
  for (std::int64_t i = 0; i <= 1'000; ++i) positions[NodeId{i}] = 10'000'000 + i;
  EXPECT_LT(ToAuditCursor(positions, 1).size(), 7'000U);
}

TEST(AuditCursorTest, WhatIsNoCursorIsRefused) {
  const std::string good = ToAuditCursor({{kMetadataSource, 5}, {kNodeA, 300}}, 1);
  ASSERT_TRUE(FromAuditCursor(good, 1).ok());
  for (const std::string& bad :
       {std::string(), std::string("A"), std::string("120"), good + "!", good + "A", "B" + good,
        good.substr(0, good.size() - 1), std::string(40'000, 'A'), good + std::string(12, '_')}) {
    const auto read = FromAuditCursor(bad, 1);
    ASSERT_FALSE(read.ok()) << bad;
    EXPECT_EQ(read.error().code, ErrorCode::kInvalidRequest);
  }
}

TEST(AuditCursorTest, ACursorIsOfOneSearch) {
  AuditSearch search;
  const std::uint32_t mark = AuditFilterMark(search, "");
  std::set<std::uint32_t> marks{mark};
  const auto is_new = [&](const AuditSearch& other, const char* source) {
    return marks.insert(AuditFilterMark(other, source)).second;
  };
  AuditSearch other = search;
  other.actor = "person:ann";
  EXPECT_TRUE(is_new(other, ""));
  other = search;
  other.object_kind = "person:ann";
  EXPECT_TRUE(is_new(other, ""));
  other.object_name = "orders";
  EXPECT_TRUE(is_new(other, ""));
  other = search;
  other.action = "person:ann";
  EXPECT_TRUE(is_new(other, ""));
  other = search;
  other.result = AuditResult::kDenied;
  EXPECT_TRUE(is_new(other, ""));
  EXPECT_TRUE(is_new(search, "metadata"));
  // Times are given relative to now, and pages may be of any size.
  other = search;
  other.from = WallTime{5};
  other.until = WallTime{7};
  other.max = 3;
  EXPECT_FALSE(is_new(other, ""));
  const auto mixed = FromAuditCursor(ToAuditCursor({}, mark), mark + 1);
  ASSERT_FALSE(mixed.ok());
  EXPECT_THAT(mixed.error().message, HasSubstr("other conditions"));
}

}  // namespace
}  // namespace lanemq::core
