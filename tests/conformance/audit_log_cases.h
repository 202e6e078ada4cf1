#pragma once

// Part of audit_log_suite.h.
#include <algorithm>
#include <limits>

#include "tests/conformance/audit_log_suite.h"

namespace lanemq::testing {

TEST_P(AuditLogSuite, ARefusedAttemptIsKeptAsItWas) {
  core::AuditNote note = NoteBy("service:billing", "deleteTopic");
  note.on_behalf_of = "person:ann";
  note.source = "10.1.2.3:4567";
  note.request_id = "r-17";
  note.reason = "tidying 'up' \xe2\x82\xac";
  const core::AuditedChange attempted{"topic", "orders", R"({"a":1})", R"({"a":"\u0000'"})"};
  ExpectOk(log().AppendDenied(note, attempted, Soon()));
  const core::AuditPage page = Search();
  EXPECT_FALSE(page.has_more);
  ASSERT_EQ(page.events.size(), 1u);
  const core::AuditEvent& event = page.events[0];
  EXPECT_GT(event.id, 0);
  EXPECT_EQ(event.at, under_test_->now());
  EXPECT_EQ(event.result, core::AuditResult::kDenied);
  EXPECT_EQ(event.note.actor, note.actor);
  EXPECT_EQ(event.note.on_behalf_of, note.on_behalf_of);
  EXPECT_EQ(event.note.source, note.source);
  EXPECT_EQ(event.note.request_id, note.request_id);
  EXPECT_EQ(event.note.action, note.action);
  EXPECT_EQ(event.note.reason, note.reason);
  EXPECT_EQ(event.change.object_kind, "topic");
  EXPECT_EQ(event.change.object_name, "orders");
  EXPECT_EQ(event.change.before_json, attempted.before_json);
  EXPECT_EQ(event.change.after_json, attempted.after_json);
}

TEST_P(AuditLogSuite, ARowIsThereWhenItsChangeIs) {
  ExpectOk(under_test_->Append(NoteBy("person:ann"), {"team", "undone", "", "{}"}, false));
  EXPECT_TRUE(Search().events.empty());
  ExpectOk(under_test_->Append(NoteBy("person:ann"), {"team", "done", "", "{}"}, true));
  const core::AuditPage page = Search();
  ASSERT_EQ(page.events.size(), 1u);
  EXPECT_EQ(page.events[0].change.object_name, "done");
  EXPECT_EQ(page.events[0].result, core::AuditResult::kOk);
  EXPECT_EQ(page.events[0].change.before_json, "");
}

TEST_P(AuditLogSuite, EachConditionAndAllTogetherFindWhatTheySay) {
  const WallTime begin = under_test_->now();
  AddMany();
  core::AuditSearch search;
  search.max = core::AuditSearch::kPageMax;
  const std::vector<core::AuditEvent> all = Search(search).events;
  ASSERT_EQ(all.size(), 144u);
  int found = 0;
  // Every subset of the conditions.
  for (unsigned set = 0; set < 256; ++set) {
    const auto has = [&](unsigned condition) { return (set >> condition & 1) != 0; };
    core::AuditSearch some;
    some.max = search.max;
    if (has(0)) some.actor = "person:bob";
    if (has(1)) some.object_kind = "topic";
    if (has(2)) some.object_name = "b";
    if (has(3)) some.action = "putGrant";
    if (has(4)) some.from = WallTime{begin.micros + 20'000'000};
    if (has(5)) some.until = WallTime{begin.micros + 120'000'000};
    if (has(6)) some.result = core::AuditResult::kOk;
    if (has(7)) some.before_id = all[10].id;
    const std::vector<std::int64_t> expected = IdsOf(Filter(all, some));
    EXPECT_EQ(IdsOf(Search(some).events), expected) << set;
    if (!expected.empty()) ++found;
  }
  EXPECT_GT(found, 200);
  search.result = core::AuditResult::kDenied;
  EXPECT_EQ(IdsOf(Search(search).events), IdsOf(Filter(all, search)));
  EXPECT_EQ(Search(search).events.size(), 24u);
}

TEST_P(AuditLogSuite, NamesAreComparedByteByByte) {
  ExpectOk(under_test_->Append(NoteBy("person:ann"), {"topic", "Orders", "", "{}"}, true));
  for (const std::string name : {"orders", "Orders ", "Order", "Orders%"}) {
    core::AuditSearch search;
    search.object_name = name;
    EXPECT_TRUE(Search(search).events.empty()) << name;
    search.object_kind = "topic";
    EXPECT_TRUE(Search(search).events.empty()) << name;
  }
}

TEST_P(AuditLogSuite, PagesGoFromTheNewestToTheOldestWithoutAHole) {
  AddMany();
  for (const bool by_actor : {false, true}) {
    core::AuditSearch search;
    if (by_actor) search.actor = "person:ann";
    search.max = core::AuditSearch::kPageMax;
    const std::vector<std::int64_t> all = IdsOf(Search(search).events);
    EXPECT_TRUE(std::is_sorted(all.rbegin(), all.rend()));
    EXPECT_EQ(all.size(), by_actor ? 48u : 144u);
    std::vector<std::int64_t> walked;
    search.max = 12;
    for (;;) {
      const core::AuditPage page = Search(search);
      for (const core::AuditEvent& event : page.events) walked.push_back(event.id);
      if (!page.has_more) break;
      ASSERT_LE(walked.size(), all.size());
      ASSERT_EQ(page.events.size(), 12u);
      search.before_id = page.events.back().id;
    }
    EXPECT_EQ(walked, all);
  }
}

TEST_P(AuditLogSuite, APageHasItsBounds) {
  for (const std::size_t max : {std::size_t{0}, core::AuditSearch::kPageMax + 1}) {
    core::AuditSearch search;
    search.max = max;
    const auto page = log().Search(search, Soon());
    ASSERT_FALSE(page.ok());
    EXPECT_EQ(page.error().code, ErrorCode::kInvalidRequest);
  }
}

TEST_P(AuditLogSuite, AnyTimeMayBeAskedFor) {
  ExpectOk(under_test_->Append(NoteBy("person:ann"), {"topic", "orders", "", "{}"}, true));
  core::AuditSearch search;
  search.from = WallTime{std::numeric_limits<std::int64_t>::min()};
  search.until = WallTime{std::numeric_limits<std::int64_t>::max()};
  search.before_id = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(Search(search).events.size(), 1u);
  search.until = WallTime{-1};
  EXPECT_TRUE(Search(search).events.empty());
  search.until.reset();
  search.from = WallTime{std::numeric_limits<std::int64_t>::max()};
  EXPECT_TRUE(Search(search).events.empty());
  search.from.reset();
  search.before_id = -1;
  EXPECT_TRUE(Search(search).events.empty());
}

TEST_P(AuditLogSuite, NoTextMakesARowFail) {
  core::AuditNote note;
  core::AuditedChange change;
  std::string euros;
  for (int i = 0; i < 500; ++i) euros += "\xe2\x82\xac";
  for (const std::string& text : {euros, std::string(100'000, '\xff'), std::string(5, '\0')}) {
    note = NoteBy(text, text);
    note.on_behalf_of = note.source = note.request_id = note.reason = text;
    change = {text, text, text, text};
    ExpectOk(under_test_->Append(note, change, true));
    ExpectOk(log().AppendDenied(note, change, Soon()));
  }
  const std::vector<core::AuditEvent> events = Search().events;
  ASSERT_EQ(events.size(), 6u);
  const core::AuditEvent& of_euros = events[5];
  EXPECT_EQ(of_euros.note.reason, euros.substr(0, 498));  // 500 would cut the 167th.
  EXPECT_EQ(of_euros.note.actor, euros.substr(0, 126));
  EXPECT_EQ(of_euros.change.object_name, euros.substr(0, 600));
  EXPECT_EQ(of_euros.change.after_json, euros);
  EXPECT_EQ(events[3].change.before_json, R"({"left_out":"it is not UTF-8"})");
  EXPECT_EQ(events[0].note.reason, std::string(5, '\0'));
}

TEST_P(AuditLogSuite, WhatIsNotUtf8BecomesQuestionMarks) {
  const std::string given = "a\xff\xe2\x82\xac\xc3(\xed\xa0\x80\xf0\x9f";
  const std::string kept = "a?\xe2\x82\xac?(?????";
  core::AuditNote note = NoteBy(given, given);
  note.on_behalf_of = note.source = note.request_id = note.reason = given;
  ExpectOk(under_test_->Append(note, {given, given, "", "{}"}, true));
  ExpectOk(log().AppendDenied(note, {given, given, "", "{}"}, Soon()));
  const std::vector<core::AuditEvent> events = Search().events;
  ASSERT_EQ(events.size(), 2u);
  for (const core::AuditEvent& event : events) {
    EXPECT_EQ(event.note.actor, kept);
    EXPECT_EQ(event.note.on_behalf_of, kept);
    EXPECT_EQ(event.note.source, kept);
    EXPECT_EQ(event.note.request_id, kept);
    EXPECT_EQ(event.note.action, kept);
    EXPECT_EQ(event.note.reason, kept);
    EXPECT_EQ(event.change.object_kind, kept);
    EXPECT_EQ(event.change.object_name, kept);
  }
}

TEST_P(AuditLogSuite, ADocumentThatIsTooLongSaysSo) {
  const std::string fits(256 * 1'024, 'x');
  ExpectOk(under_test_->Append(NoteBy("person:ann"), {"topic", "a", fits, fits + "x"}, true));
  const core::AuditPage page = Search();
  ASSERT_EQ(page.events.size(), 1u);
  EXPECT_EQ(page.events[0].change.before_json, fits);
  EXPECT_EQ(page.events[0].change.after_json, R"({"left_out":"it has 262145 bytes"})");
}

TEST_P(AuditLogSuite, OldEventsExpireAFewAtATimeUnderTheFence) {
  const core::Fence fence = under_test_->NewTerm("jobs");
  AddMany();
  under_test_->Advance(std::chrono::seconds{-1});
  // Of 144 events the newest is 0 s old now.
  const auto expire = [&](std::size_t max, const core::Fence& by) {
    return log().Expire(std::chrono::seconds{40}, max, by, Soon());
  };
  for (const std::int64_t expected : {100, 3, 0}) {
    const auto expired = expire(100, fence);
    ASSERT_TRUE(expired.ok()) << expired.error().ToString();
    EXPECT_EQ(*expired, expected);
  }
  EXPECT_EQ(Search().events.size(), 41u);
  under_test_->Advance(std::chrono::seconds{10});
  const core::Fence next = under_test_->NewTerm("jobs");
  const auto fenced = expire(100, fence);
  ASSERT_FALSE(fenced.ok());
  EXPECT_EQ(fenced.error().code, ErrorCode::kFenced);
  EXPECT_EQ(Search().events.size(), 41u);
  EXPECT_EQ(*expire(100, next), 10);
}

}  // namespace lanemq::testing
