#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "client/cli/outbox/outbox_flags.h"
#include "client/cli/outbox/outbox_table.h"
#include "tests/support/temp_dir.h"

namespace lanemq::cli {
namespace {

using core::OutboxState;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

TEST(OutboxFlags, ADatabaseIsHostPortAndSchema) {
  const auto login = ReadLogin({"10.0.0.5:3306/shop", "app", ""});
  ASSERT_TRUE(login.ok()) << login.error().ToString();
  EXPECT_EQ(login->host, "10.0.0.5");
  EXPECT_EQ(login->port, 3306);
  EXPECT_EQ(login->schema, "shop");
  EXPECT_EQ(login->user, "app");
  EXPECT_EQ(login->password, "");
  EXPECT_EQ(ReadLogin({"[::1]:3306/shop", "app", ""})->host, "::1");
  for (const std::string bad : {"", "shop", "10.0.0.5:3306", "10.0.0.5:3306/", "10.0.0.5/shop",
                                ":3306/shop", "a:1,b:2/shop", "a:1/shop/x", "a:0/shop"}) {
    const auto refused = ReadLogin({bad, "app", ""});
    ASSERT_FALSE(refused.ok()) << bad;
    EXPECT_THAT(refused.error().message, HasSubstr("HOST:PORT/SCHEMA")) << bad;
  }
  EXPECT_THAT(ReadLogin({"a:1/shop", "", ""}).error().message, HasSubstr("--user"));
}

TEST(OutboxFlags, APasswordIsItsFileWithoutLineEnds) {
  const lanemq::testing::TempDir dir;
  const std::string path = (dir.path() / "pw").string();
  std::ofstream(path) << "s3cret \r\n";
  EXPECT_EQ(ReadLogin({"a:1/shop", "app", path})->password, "s3cret ");
  std::ofstream(path) << "";
  EXPECT_EQ(ReadLogin({"a:1/shop", "app", path})->password, "");
  std::ofstream(path) << std::string(10'000, 'x');
  EXPECT_FALSE(ReadLogin({"a:1/shop", "app", path}).ok());
  const auto missing = ReadLogin({"a:1/shop", "app", path + "-none"});
  ASSERT_FALSE(missing.ok());
  EXPECT_THAT(missing.error().message, HasSubstr("pw-none"));
  EXPECT_FALSE(ReadLogin({"a:1/shop", "app", dir.path().string()}).ok());
}

TEST(OutboxFlags, StatesHaveNames) {
  for (const OutboxState state :
       {OutboxState::kReady, OutboxState::kHeld, OutboxState::kDead, OutboxState::kPublished}) {
    EXPECT_EQ(*ParseOutboxState(NameOf(state)), state);
  }
  EXPECT_THAT(ParseOutboxState("Dead").error().message, HasSubstr("ready, held, dead"));
}

TEST(OutboxFlags, WhatIsChangedIsChosenInExactlyOneWay) {
  EXPECT_THAT(*ReadChoice({.ids = {"7", "3", "7"}}, false), ElementsAre(3, 7));
  EXPECT_THAT(*ReadChoice({.is_all_dead = true}, false), IsEmpty());
  EXPECT_TRUE(ReadChoice({.is_all_dead = true, .topic = "t"}, true).ok());
  EXPECT_TRUE(ReadChoice({.is_holds = true}, false).ok());
  EXPECT_FALSE(ReadChoice({}, false).ok());
  EXPECT_FALSE(ReadChoice({.ids = {"1"}, .is_all_dead = true}, false).ok());
  EXPECT_FALSE(ReadChoice({.is_all_dead = true, .is_holds = true}, false).ok());
  EXPECT_FALSE(ReadChoice({.ids = {"1"}, .topic = "t"}, false).ok());
  EXPECT_FALSE(ReadChoice({.is_all_dead = true}, true).ok());
  for (const std::string bad : {"", "0", "-1", "1x", "orders", "9223372036854775808"}) {
    EXPECT_FALSE(ReadChoice({.ids = {bad}}, false).ok()) << bad;
  }
}

OutboxFacts Fine() { return {.ready = 3, .oldest_age = milliseconds{20}, .relays = 2}; }

TEST(OutboxVerdict, SaysTheWorstFirst) {
  EXPECT_EQ(Judge(Fine()).rank, 0);
  EXPECT_EQ(Judge(Fine()).text, "fine");
  OutboxFacts facts = Fine();
  facts.held = 1;
  EXPECT_EQ(Judge(facts).text, "1 held message");
  facts.oldest_age = minutes{5};
  EXPECT_EQ(Judge(facts).text, "the oldest waits for 5 min; 1 held message");
  facts.dead = 100'000;
  EXPECT_THAT(Judge(facts).text, StartsWith("100,000 or more dead messages; the oldest"));
  facts.unowned_buckets = 128;
  EXPECT_THAT(Judge(facts).text, StartsWith("128 of 256 buckets have no relay"));
  const int before = Judge(facts).rank;
  facts.relays = 0;
  EXPECT_THAT(Judge(facts).text, StartsWith("no relay runs"));
  EXPECT_GT(Judge(facts).rank, before);
  facts.silent_for = minutes{5};
  EXPECT_THAT(Judge(facts).text, StartsWith("no report for 5 min"));
}

idl::OutboxListing Listing(const std::string& name) {
  idl::OutboxListing listing;
  listing.report.__set_outbox(name);
  listing.report.__set_relays(1);
  listing.report.__set_ready(4);
  listing.__set_silent_ms(900);
  return listing;
}

TEST(OutboxTables, RegisteredOnesComeWorstFirst) {
  auto late = Listing("late");
  late.report.__set_oldest_age_ms(120'000);
  auto later = Listing("later");
  later.report.__set_oldest_age_ms(240'000);
  auto silent = Listing("silent");
  silent.__set_silent_ms(600'000);
  auto broken = Listing("broken");
  broken.report.__set_dead(2);
  broken.report.__set_last_error("bad \xff\nbytes");
  const std::vector all = {Listing("b"), late, Listing("a"), silent, later, broken};
  const Table table = OutboxesTable(all, Times::kMillis);
  EXPECT_EQ(Render(table, {OutputFormat::kName, true}), "silent\nbroken\nlater\nlate\na\nb\n");
  const auto json = nlohmann::json::parse(Render(table, {OutputFormat::kJson, true}));
  EXPECT_EQ(json["items"][0]["silent_ms"], 600'000);
  EXPECT_EQ(json["items"][1]["verdict"], "2 dead messages");
  EXPECT_EQ(json["items"][1]["last_error"], "bad \\xff\\nbytes");
  EXPECT_EQ(json["items"][5]["verdict"], "fine");
  const std::string text = Render(OutboxesTable(all, Times::kForPeople), {});
  EXPECT_THAT(text, HasSubstr("OLDEST-AGE"));
  EXPECT_THAT(text, HasSubstr("10 min"));
}

OutboxDetail Stuck() {
  OutboxDetail detail;
  detail.name = "shop@db:3306";
  detail.stats.ready = 1'200;
  detail.stats.held = 7;
  detail.stats.holds = 2;
  detail.stats.oldest_age = minutes{3};
  detail.stats.unowned_buckets = 128;
  detail.peers = {{.session = {.id = 1, .epoch = core::FencingToken{2}},
                   .name = "relay-a",
                   .wake_address = "10.0.0.9:9670",
                   .is_alive = true,
                   .buckets = 128},
                  {.session = {.id = 2, .epoch = core::FencingToken{1}}, .name = "relay-b"}};
  core::OutboxHold of_key;
  of_key.key = {.bucket = 9, .topic = "orders", .key = "c\n1"};
  of_key.attempts = 4;
  of_key.due_in = seconds{8};
  of_key.since = WallTime{1'800'000'000'000'000};
  of_key.last_error = "MESSAGE_TOO_LARGE";
  core::OutboxHold of_topic;
  of_topic.key = {.bucket = 10, .topic = "oders"};
  of_topic.due_in = seconds{-1};
  of_topic.last_error = "there is no topic 'oders'";
  detail.holds = {of_key, of_topic};
  return detail;
}

TEST(OutboxTables, ADetailSaysWhyItIsStuck) {
  const std::string text = OutboxDetailText(Stuck());
  EXPECT_THAT(text, HasSubstr("VERDICT    128 of 256 buckets have no relay"));
  EXPECT_THAT(text, HasSubstr("READY      1,200 messages"));
  EXPECT_THAT(text, HasSubstr("HELD       7 messages behind 2 holds"));
  EXPECT_THAT(text, HasSubstr("key c\\n1"));
  EXPECT_THAT(text, HasSubstr("MESSAGE_TOO_LARGE"));
  EXPECT_THAT(text, HasSubstr("there is no topic 'oders'"));
  EXPECT_THAT(text, HasSubstr("relay-b"));
  EXPECT_THAT(text, HasSubstr("128 of 256 have a relay"));
  EXPECT_THAT(text, HasSubstr("  8.0 s  "));

  OutboxDetail empty;
  empty.peers = {{.name = "relay-a", .is_alive = true, .buckets = 256}};
  EXPECT_THAT(OutboxDetailText(empty), HasSubstr("VERDICT    fine"));
  EXPECT_THAT(OutboxDetailText(empty), Not(HasSubstr("HOLDS")));
  empty.peers.front().is_alive = false;
  EXPECT_THAT(OutboxDetailText(empty), HasSubstr("no relay runs"));
  empty.stats.published = 999;
  EXPECT_THAT(OutboxDetailText(empty), HasSubstr("PUBLISHED  999 messages kept"));
  empty.stats.published = 1'000;
  EXPECT_THAT(OutboxDetailText(empty), HasSubstr("PUBLISHED  1,000 or more messages kept"));
}

TEST(OutboxTables, ADetailInJsonHasEverything) {
  const std::string line = OutboxDetailJson(Stuck());
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
  const auto json = nlohmann::json::parse(line);
  EXPECT_EQ(json["outbox"], "shop@db:3306");
  EXPECT_EQ(json["is_fine"], false);
  EXPECT_EQ(json["oldest_age_ms"], 180'000);
  EXPECT_EQ(json["unowned_buckets"], 128);
  ASSERT_EQ(json["relays"].size(), 2u);
  EXPECT_EQ(json["relays"][0]["state"], "alive");
  EXPECT_EQ(json["relays"][0]["session"], "1");
  EXPECT_TRUE(json["relays"][1]["wake_address"].is_null());
  ASSERT_EQ(json["holds"].size(), 2u);
  EXPECT_EQ(json["holds"][0]["next_in_ms"], 8'000);
  EXPECT_EQ(json["holds"][1]["next_in_ms"], 0);
  EXPECT_EQ(json["holds"][0]["of"], "key c\n1");
  EXPECT_EQ(json["holds"][1]["of"], "topic");
}

core::OutboxMessage Message() {
  core::OutboxMessage message;
  message.id = 42;
  message.bucket = 9;
  message.state = OutboxState::kDead;
  message.topic = "orders";
  core::Record record;
  record.key = "c-1";
  record.body = "\xff\x01";
  record.headers = {{"trace", "t"}};
  message.record = std::make_shared<const core::Record>(record);
  message.created = WallTime{1'800'000'000'000'000};
  message.due = WallTime{1'800'000'060'000'000};
  message.attempts = 3;
  message.last_error = "too large";
  return message;
}

TEST(OutboxTables, MessagesShowBodiesOnlyWhenAsked) {
  EXPECT_EQ(Render(OutboxMessagesTable({Message()}, false), {OutputFormat::kName, true}), "42\n");
  EXPECT_THAT(Render(OutboxMessagesTable({Message()}, false), {}), Not(HasSubstr("xff")));
  EXPECT_THAT(Render(OutboxMessagesTable({Message()}, true), {}), HasSubstr("\\xff\\x01"));
  const auto json = nlohmann::json::parse(OutboxMessageJson(Message(), true));
  EXPECT_EQ(json["id"], "42");
  EXPECT_EQ(json["state"], "dead");
  EXPECT_EQ(json["key"], "c-1");
  EXPECT_EQ(json["value_base64"], "/wE=");
  EXPECT_EQ(json["due"], "2027-01-15T08:01:00.000000Z");
  EXPECT_EQ(json["last_error"], "too large");
  EXPECT_FALSE(nlohmann::json::parse(OutboxMessageJson(Message(), false)).contains("value_base64"));
  core::OutboxMessage bare;
  bare.topic = "orders";
  EXPECT_TRUE(nlohmann::json::parse(OutboxMessageJson(bare, true))["key"].is_null());
}

}  // namespace
}  // namespace lanemq::cli
