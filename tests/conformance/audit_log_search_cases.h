#pragma once

// Part of audit_log_suite.h: under which objects events are found, and what bounds a search.
#include "tests/conformance/audit_log_suite.h"

namespace lanemq::testing {

TEST_P(AuditLogSuite, WhatWasDoneWithoutAChangeIsKept) {
  ExpectOk(log().AppendDone(NoteBy("person:ann", "testAlertChannel"),
                            {"alert_channel", "ops", "", "{}"}, Soon()));
  const core::AuditPage page = Search();
  ASSERT_EQ(page.events.size(), 1u);
  EXPECT_EQ(page.events[0].result, core::AuditResult::kOk);
  EXPECT_EQ(page.events[0].note.action, "testAlertChannel");
  EXPECT_EQ(page.events[0].change.object_name, "ops");
}

TEST_P(AuditLogSuite, AnEventIsFoundUnderEveryObjectThatItIsAbout) {
  const auto append = [&](const char* kind, const char* name, std::vector<core::AuditObject> also) {
    ExpectOk(
        under_test_->Append(NoteBy("person:ann"), {kind, name, "", "{}", std::move(also)}, true));
  };
  append("topic", "orders", {});
  append("grant", "17", {{"topic", "orders"}, {"service", "billing"}});
  append("grant", "18", {{"topic", "payments"}, {"service", "billing"}});
  append("topic", "orders", {{"topic", "orders"}});
  ExpectOk(log().AppendDenied(NoteBy("person:bob"),
                              {"owner", "topic:orders", "", "{}", {{"topic", "orders"}}}, Soon()));
  const std::vector<std::int64_t> all = IdsOf(Search().events);
  ASSERT_EQ(all.size(), 5u);
  core::AuditSearch search;
  search.object_kind = "topic";
  search.object_name = "orders";
  EXPECT_EQ(IdsOf(Search(search).events),
            (std::vector<std::int64_t>{all[0], all[1], all[3], all[4]}));
  std::vector<std::int64_t> walked;
  search.max = 1;
  for (core::AuditPage page = Search(search);; page = Search(search)) {
    ASSERT_EQ(page.events.size(), 1u);
    walked.push_back(page.events[0].id);
    search.before_id = walked.back();
    if (!page.has_more) break;
  }
  EXPECT_EQ(walked, (std::vector<std::int64_t>{all[0], all[1], all[3], all[4]}));
  search = {};
  search.object_kind = "topic";
  search.object_name = "orders";
  search.actor = "person:bob";
  EXPECT_EQ(IdsOf(Search(search).events), (std::vector<std::int64_t>{all[0]}));
  search = {};
  search.object_kind = "service";
  search.object_name = "billing";
  EXPECT_EQ(IdsOf(Search(search).events), (std::vector<std::int64_t>{all[2], all[3]}));

  const core::Fence fence = under_test_->NewTerm("jobs");
  under_test_->Advance(std::chrono::hours{1});
  append("team", "newer", {});
  ASSERT_EQ(under_test_->ObjectRows(), 6);
  EXPECT_EQ(*log().Expire(std::chrono::minutes{1}, 100, fence, Soon()), 5);
  EXPECT_EQ(under_test_->ObjectRows(), 0);
}

TEST_P(AuditLogSuite, OtherConditionsLookAtTheLastWeekUnlessATimeIsGiven) {
  const auto append = [&](const std::string& actor, const char* kind) {
    ExpectOk(under_test_->Append(NoteBy(actor, "putGrant"), {kind, "a", "", "{}"}, true));
  };
  const WallTime begin = under_test_->now();
  append("person:ann", "team");
  under_test_->Advance(std::chrono::hours{24 * 8});
  append("person:bob", "topic");
  const auto found = [&](const core::AuditSearch& search) { return Search(search).events.size(); };
  core::AuditSearch by_action;
  by_action.action = "putGrant";
  core::AuditSearch by_result;
  by_result.result = core::AuditResult::kOk;
  core::AuditSearch by_name;
  by_name.object_name = "a";
  for (core::AuditSearch search : {by_action, by_result, by_name}) {
    EXPECT_EQ(found(search), 1u);
    search.until = WallTime{begin.micros + 60'000'000};
    EXPECT_EQ(found(search), 1u) << "the week before";
    search.until.reset();
    search.from = WallTime{0};
    EXPECT_EQ(found(search), 2u);
    search.from = WallTime{begin.micros + 1};
    EXPECT_EQ(found(search), 1u);
    search.from = WallTime{begin.micros + std::int64_t{9} * 24 * 3'600'000'000};
    EXPECT_EQ(found(search), 0u);
  }
  EXPECT_EQ(found({}), 2u) << "nothing but the newest is asked for";
  by_action.actor = "person:ann";
  EXPECT_EQ(found(by_action), 1u);
  by_name.object_kind = "team";
  EXPECT_EQ(found(by_name), 1u);
}

TEST_P(AuditLogSuite, APageEndsWithItsBytes) {
  const std::string document(250 * 1'024, 'x');
  constexpr int kEvents = 40;  // Of 500 KiB: 16 of them are 8 MB.
  for (int i = 0; i < kEvents; ++i) {
    ExpectOk(under_test_->Append(NoteBy("person:ann"), {"topic", "a", document, document}, true));
  }
  core::AuditSearch search;
  search.max = core::AuditSearch::kPageMax;
  std::size_t events = 0;
  int pages = 0;
  for (;;) {
    const core::AuditPage page = Search(search);
    ++pages;
    events += page.events.size();
    EXPECT_LE(page.events.size() * 2 * document.size(), core::AuditSearch::kPageBytesMax);
    if (!page.has_more) break;
    ASSERT_GT(page.events.size(), 10u);
    search.before_id = page.events.back().id;
  }
  EXPECT_EQ(events, std::size_t{kEvents});
  EXPECT_EQ(pages, 3);
}

}  // namespace lanemq::testing
