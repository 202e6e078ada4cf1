// Dead letters as operators see them: listed, counted, dropped, driven again.
#include <gmock/gmock.h>

#include "tests/integration/broker/failures_rig.h"

namespace lanemq::testing {
namespace {

using DeadLettersTest = FailuresTest;
INSTANTIATE_TEST_SUITE_P(On, DeadLettersTest, ::testing::ValuesIn(Engines()),
                         [](const auto& engine) { return NameOf(engine.param); });

idl::DeadLetterId Id(std::int32_t partition, std::int64_t offset) {
  idl::DeadLetterId id;
  id.group = "g";
  id.topic = "orders";
  id.partition = partition;
  id.offset = offset;
  return id;
}

TEST_P(DeadLettersTest, AreListedInPagesInOrder) {
  for (std::int32_t partition = 0; partition < 3; ++partition) Bury(partition, 5, "bad");
  idl::ListDeadLettersRequest list = List();
  list.__set_max_count(4);
  std::vector<std::pair<std::int32_t, std::int64_t>> seen;
  for (int pages = 0; pages < 20; ++pages) {
    const auto page = Letters(list);
    ASSERT_TRUE(page.ok()) << NameOfError(page);
    EXPECT_LE(page->letters.size(), 4u);
    for (const auto& letter : page->letters) {
      seen.emplace_back(letter.id.partition, letter.id.offset);
      EXPECT_EQ(letter.id.topic, "orders");
      EXPECT_FALSE(letter.message.__isset.body);
    }
    if (!page->__isset.next_page) break;
    list.__set_after(page->next_page);
  }
  std::vector<std::pair<std::int32_t, std::int64_t>> all;
  for (std::int32_t partition = 0; partition < 3; ++partition) {
    for (std::int64_t offset = 1; offset <= 5; ++offset) all.emplace_back(partition, offset);
  }
  EXPECT_EQ(seen, all);
}

TEST_P(DeadLettersTest, AreFilteredAndCounted) {
  Bury(0, 3, "bad");
  Bury(1, 2, "worse");
  const auto count = [&](auto change) {
    idl::ListDeadLettersRequest list = List();
    change(list.filter);
    const auto page = Letters(list);
    return page.ok() ? std::to_string(page->letters.size()) : NameOfError(page);
  };
  EXPECT_EQ(count([](auto&) {}), "5");
  EXPECT_EQ(count([](auto& f) { f.__set_reason("worse"); }), "2");
  EXPECT_EQ(count([](auto& f) { f.__set_topic("orders"); }), "5");
  EXPECT_EQ(count([](auto& f) {
              f.__set_topic("orders");
              f.__set_partition(0);
            }),
            "3");
  EXPECT_EQ(count([](auto& f) { f.__set_ids({Id(0, 2), Id(1, 1), Id(2, 1)}); }), "2");
  EXPECT_EQ(count([](auto& f) { f.__set_until_us(1); }), "0");
  EXPECT_EQ(count([](auto& f) { f.__set_key("k"); }), "0");
  EXPECT_EQ(count([](auto& f) { f.__set_partition(0); }), "INVALID_REQUEST");
  EXPECT_EQ(count([](auto& f) { f.__set_reason(std::string(65, 'r')); }), "INVALID_REQUEST");
  EXPECT_EQ(count([](auto& f) { f.__set_key(std::string(1'025, 'k')); }), "INVALID_REQUEST");
  EXPECT_EQ(count([](auto& f) { f.__set_ids({}); }), "INVALID_REQUEST");
  EXPECT_EQ(count([](auto& f) {
              f.__set_ids({Id(0, 2)});
              f.ids[0].group = "another";
            }),
            "INVALID_REQUEST");
  EXPECT_EQ(count([](auto& f) { f.__set_topic("nobody"); }), "UNKNOWN_TOPIC_OR_PARTITION");

  idl::CountDeadLettersRequest request;
  request.group = "g";
  const auto counts = rig_->client.CountDeadLettersSync(one_->endpoint(), request, In());
  ASSERT_TRUE(counts.ok()) << NameOfError(counts);
  ASSERT_EQ(counts->counts.size(), 2u);
  EXPECT_EQ(counts->counts[0].partition, 0);
  EXPECT_EQ(counts->counts[0].reason, "bad");
  EXPECT_EQ(counts->counts[0].letters, 3);
  EXPECT_GT(counts->counts[0].oldest_us, 0);
  EXPECT_EQ(counts->counts[1].letters, 2);
}

TEST_P(DeadLettersTest, HostilePageTokensAreRefused) {
  Bury(0, 2, "bad");
  idl::ListDeadLettersRequest list = List();
  for (const std::string token : {"", "x", "1", "1:99", "1:1:1:0", "2:1", "1:-1",
                                  "1:1:9223372036854775808:0:0", "1:1' OR 1=1 --"}) {
    SCOPED_TRACE(token);
    list.__set_after(token);
    EXPECT_EQ(NameOfError(Letters(list)), "INVALID_REQUEST");
  }
  list.__set_after(std::string(1'000'000, '1'));
  EXPECT_EQ(NameOfError(Letters(list)), "INVALID_REQUEST");
  list.__set_after("1:1:9223372036854775807:2147483647:9223372036854775807");
  const auto beyond = Letters(list);
  ASSERT_TRUE(beyond.ok()) << NameOfError(beyond);
  EXPECT_TRUE(beyond->letters.empty()) << "well formed, beyond everything";
  list = List();
  list.__set_max_count(1'001);
  EXPECT_EQ(NameOfError(Letters(list)), "INVALID_REQUEST");
}

TEST_P(DeadLettersTest, AreDroppedAndThatIsWrittenDown) {
  Bury(0, 3, "bad");
  Bury(1, 2, "worse");
  idl::DropDeadLettersRequest request;
  request.filter.group = "g";
  request.filter.__set_reason("bad");
  request.__set_requested_by("ana");
  request.__set_reason("a test");
  const auto dropped = rig_->client.DropDeadLettersSync(one_->endpoint(), request, In());
  ASSERT_TRUE(dropped.ok()) << NameOfError(dropped);
  EXPECT_EQ(dropped->dropped, 3);
  EXPECT_TRUE(dropped->is_complete);
  EXPECT_EQ(Letters(List())->letters.size(), 2u);
  idl::ListDeadLetterDeedsRequest ask;
  ask.group = "g";
  const auto deeds = rig_->client.ListDeadLetterDeedsSync(other_->endpoint(), ask, In());
  ASSERT_TRUE(deeds.ok()) << NameOfError(deeds);
  ASSERT_EQ(deeds->deeds.size(), 1u);
  EXPECT_EQ(deeds->deeds[0].action, "drop");
  EXPECT_EQ(deeds->deeds[0].letters, 3);
  EXPECT_EQ(deeds->deeds[0].requested_by, "ana");
  EXPECT_EQ(deeds->deeds[0].reason, "a test");
  EXPECT_EQ(one_->broker.metrics().DeadLetterOperations("drop").Value(), 1);
  request.__set_requested_by(std::string(256, 'a'));
  EXPECT_EQ(NameOfError(rig_->client.DropDeadLettersSync(one_->endpoint(), request, In())),
            "INVALID_REQUEST");
}

TEST_P(DeadLettersTest, AnEditedOneIsTriedAgain) {
  Claim(0, 1, "m");
  idl::SettleRequest bury = Settlement(0);
  Commit(bury, 3);
  Fail(bury, 2, "bad").is_fatal = true;
  ASSERT_EQ(Settle(bury)->dead, 1);
  const auto edit = [&](auto change) {
    idl::RedriveEditedRequest request;
    request.id = Id(0, 2);
    request.__set_requested_by("ana");
    change(request);
    return NameOfError(rig_->client.RedriveEditedSync(one_->endpoint(), request, In()));
  };
  EXPECT_EQ(edit([](auto& r) {
              r.__set_body("x");
              r.__set_remove_body(true);
            }),
            "INVALID_REQUEST");
  EXPECT_EQ(edit([](auto& r) { r.__set_key(std::string(1'025, 'k')); }), "MESSAGE_TOO_LARGE");
  EXPECT_EQ(edit([](auto& r) { r.id.offset = 1; }), "NOT_FOUND");
  EXPECT_EQ(edit([](auto& r) { r.id.topic = "nobody"; }), "UNKNOWN_TOPIC_OR_PARTITION");
  idl::Header header;
  header.name = "fixed";
  header.value = "yes";
  const auto fix = [&](auto& r) {
    r.__set_body("B");
    r.__set_key("K");
    r.__set_headers({header});
  };
  ASSERT_EQ(edit(fix), "OK");
  EXPECT_EQ(edit(fix), "NOT_FOUND") << "it is a retry now";
  EXPECT_TRUE(Letters(List())->letters.empty());
  const auto due = FetchRetries(RetriesOf({On(0)}));
  ASSERT_TRUE(due.ok()) << NameOfError(due);
  ASSERT_EQ(due->messages.size(), 1u);
  EXPECT_EQ(due->messages[0].message.offset, 2);
  EXPECT_EQ(due->messages[0].message.body, "B");
  EXPECT_EQ(due->messages[0].message.key, "K");
  ASSERT_EQ(due->messages[0].message.headers.size(), 1u);
  EXPECT_EQ(due->messages[0].message.headers[0].value, "yes");
  EXPECT_EQ(due->messages[0].attempt, 1) << "counted anew";
  idl::SettleRequest done = Settlement(0);
  End(done, 2, 1, true);
  ASSERT_EQ(Outcome(done), "OK");
  EXPECT_EQ(one_->broker.metrics().GroupFailures("done").Value(), 1);
  EXPECT_FALSE(FetchRetries(RetriesOf({On(0)}))->__isset.next_due_ms);
}

TEST_P(DeadLettersTest, WhatIsRemovedIsGone) {
  Claim(0, 1, "m");
  Bury(1, 1, "bad");
  idl::RedriveEditedRequest request;
  request.id = Id(1, 1);
  request.__set_remove_body(true);
  ASSERT_EQ(NameOfError(rig_->client.RedriveEditedSync(one_->endpoint(), request, In())), "OK");
  const auto due = FetchRetries(RetriesOf({On(1)}, 0, ""));
  ASSERT_EQ(due->messages.size(), 1u);
  EXPECT_FALSE(due->messages[0].message.__isset.body) << "null, which is not empty";
}

TEST_P(DeadLettersTest, RedrivesAreJobs) {
  Bury(0, 3, "bad");
  idl::RedriveRequest request;
  request.id = 0;
  request.filter.group = "g";
  request.__set_requested_by("ana");
  const auto begin = [&] { return rig_->client.RedriveSync(one_->endpoint(), request, In()); };
  EXPECT_EQ(NameOfError(begin()), "INVALID_REQUEST");
  request.id = 77;
  request.__set_per_second(-1);
  EXPECT_EQ(NameOfError(begin()), "INVALID_REQUEST");
  request.__set_per_second(1);
  const auto begun = begin();
  ASSERT_TRUE(begun.ok()) << NameOfError(begun);
  ASSERT_EQ(begun->jobs.size(), 1u);
  EXPECT_EQ(begun->jobs[0].id, 77);
  EXPECT_EQ(begun->jobs[0].group, "g");
  EXPECT_EQ(begun->jobs[0].data_node, "n1");
  EXPECT_EQ(begun->jobs[0].per_second, 1);
  EXPECT_EQ(begin()->jobs.size(), 1u) << "the same id is the same redrive";

  idl::ListRedrivesRequest list;
  list.__set_group("g");
  list.__set_id(77);
  const auto listed = rig_->client.ListRedrivesSync(other_->endpoint(), list, In());
  ASSERT_TRUE(listed.ok()) << NameOfError(listed);
  EXPECT_EQ(listed->jobs.size(), 1u);
  list.__set_id(78);
  EXPECT_TRUE(rig_->client.ListRedrivesSync(other_->endpoint(), list, In())->jobs.empty());
  list.__isset.group = list.__isset.id = false;
  EXPECT_EQ(rig_->client.ListRedrivesSync(other_->endpoint(), list, In())->jobs.size(), 1u);

  idl::CancelRedriveRequest cancel;
  cancel.id = 77;
  cancel.__set_requested_by("ben");
  const auto cancelled = rig_->client.CancelRedriveSync(other_->endpoint(), cancel, In());
  ASSERT_TRUE(cancelled.ok()) << NameOfError(cancelled);
  ASSERT_EQ(cancelled->jobs.size(), 1u);
  EXPECT_NE(cancelled->jobs[0].state, "running");
  cancel.id = 78;
  EXPECT_EQ(NameOfError(rig_->client.CancelRedriveSync(other_->endpoint(), cancel, In())),
            "NOT_FOUND");
}

}  // namespace
}  // namespace lanemq::testing
