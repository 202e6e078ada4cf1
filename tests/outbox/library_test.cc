// The library's outbox and inbox in applications' transactions: both engines, both adapters.
#include <future>
#include <limits>
#include <tuple>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "common/base/clock.h"
#include "lanemq/inbox.h"
#include "lanemq/outbox.h"
#include "sql/migrate/migrator.h"
#include "tests/outbox/caller.h"
#include "tests/support/wait_for.h"

namespace lanemq::testing {
namespace {

using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;

std::unique_ptr<Outbox> MakeOutbox(OutboxOptions options = {}) {
  auto outbox = Outbox::Create(std::move(options));
  EXPECT_TRUE(outbox.ok()) << outbox.error().ToString();
  return outbox.ok() ? *std::move(outbox) : nullptr;
}

std::unique_ptr<Inbox> MakeInbox(const std::string& group = "view") {
  auto inbox = Inbox::Create({.group = group});
  EXPECT_TRUE(inbox.ok()) << inbox.error().ToString();
  return inbox.ok() ? *std::move(inbox) : nullptr;
}

ConsumedRecord RecordAt(const std::string& topic, std::int32_t partition, std::int64_t offset) {
  ConsumedRecord record;
  record.source = std::make_shared<const TopicPartition>(TopicPartition{topic, partition});
  record.offset = offset;
  return record;
}

class OutboxLibraryTest : public ::testing::TestWithParam<std::tuple<Engine, Adapter>> {
 protected:
  void SetUp() override {
    LANEMQ_REQUIRE_SERVER(server, std::get<Engine>(GetParam()));
    server_ = server;
    schema_ = UniquePrefix() + "_team";
    watcher_ = Caller::Connect(Adapter::kCApi, *server_, "");
    ASSERT_EQ(watcher_->Run("CREATE DATABASE " + schema_), "");
    const sql::ConnectionOptions options{
        .host = server_->host(), .port = server_->port(), .user = "root", .schema = schema_};
    const Deadline deadline = Deadline::After(SystemClock::Instance(), 60s);
    for (const Status& done :
         {sql::MigrateOutbox(options, deadline), sql::MigrateInbox(options, deadline)}) {
      ASSERT_TRUE(done.ok()) << done.error().ToString();
    }
    ASSERT_EQ(watcher_->Run("USE " + schema_), "");
    caller_ = MakeCaller();
    ASSERT_EQ(watcher_->Run("CREATE TABLE orders (id INT PRIMARY KEY)"), "");
  }

  std::unique_ptr<Caller> MakeCaller() {
    return Caller::Connect(std::get<Adapter>(GetParam()), *server_, schema_);
  }
  /// What others see.
  std::string Seen(const std::string& query) { return watcher_->Value(query); }
  std::string Rows(const std::string& table) { return Seen("SELECT COUNT(*) FROM " + table); }
  void RunOk(Caller& caller, const std::string& text) { EXPECT_EQ(caller.Run(text), "") << text; }
  void AppendOk(Outbox& outbox, const OutboxRecord& record) {
    const Status appended = outbox.Append(caller_->session(), record);
    EXPECT_TRUE(appended.ok()) << appended.error().ToString();
  }
  /// Claims on a thread, and waits until it waits for a lock.
  std::future<Result<bool>> ClaimWaiting(Inbox& inbox, Caller& caller, const std::string& id) {
    auto claim = std::async(std::launch::async,
                            [&inbox, &caller, id] { return inbox.Claim(caller.session(), id); });
    // Not information_schema.innodb_trx: it shows the past to those who ask often.
    const std::string waits =
        std::string("SELECT variable_value FROM ") +
        (std::get<Engine>(GetParam()) == Engine::kMariaDb ? "information_schema.global_status"
                                                          : "performance_schema.global_status") +
        " WHERE variable_name='innodb_row_lock_current_waits'";
    EXPECT_TRUE(WaitFor([&] { return Seen(waits) == "1"; }, 20s, "the claim waits"));
    return claim;
  }

  DatabaseServer* server_ = nullptr;
  std::string schema_;
  std::unique_ptr<Caller> watcher_;
  std::unique_ptr<Caller> caller_;
};
INSTANTIATE_TEST_SUITE_P(On, OutboxLibraryTest,
                         ::testing::Combine(::testing::ValuesIn(Engines()),
                                            ::testing::Values(Adapter::kConnector, Adapter::kCApi)),
                         [](const auto& chosen) {
                           return NameOf(std::get<0>(chosen.param)) +
                                  NameOf(std::get<1>(chosen.param));
                         });

TEST_P(OutboxLibraryTest, ARollbackLeavesNothing) {
  const auto outbox = MakeOutbox();
  RunOk(*caller_, "START TRANSACTION");
  RunOk(*caller_, "INSERT INTO orders VALUES (1)");
  AppendOk(*outbox, {.topic = "orders", .key = "1", .body = "placed"});
  RunOk(*caller_, "ROLLBACK");
  EXPECT_EQ(Rows("orders"), "0");
  EXPECT_EQ(Rows("lanemq_outbox"), "0");
}

TEST_P(OutboxLibraryTest, ACommitLeavesExactlyTheMessage) {
  const auto outbox = MakeOutbox();
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  // As odd as sessions get: strings would be converted on their way.
  RunOk(*caller_, "SET NAMES latin1");
  RunOk(*caller_, "SET collation_connection=utf8mb4_bin");
  RunOk(*caller_, "START TRANSACTION");
  AppendOk(*outbox, {.topic = "orders.v1",
                     .key = bytes,
                     .body = bytes + bytes,
                     .headers = {{"trace", "ab-12"}, {"a=b", "c&d %"}},
                     .codec = 7});
  EXPECT_EQ(Rows("lanemq_outbox"), "0") << "before the commit";
  RunOk(*caller_, "COMMIT");
  EXPECT_EQ(Rows("lanemq_outbox"), "1");
  EXPECT_EQ(Seen("SELECT message_key FROM lanemq_outbox"), bytes);
  EXPECT_EQ(Seen("SELECT body FROM lanemq_outbox"), bytes + bytes);
  EXPECT_EQ(Seen("SELECT CONCAT_WS('|',state,topic,headers,codec,deliver_at IS NULL,attempts) "
                 "FROM lanemq_outbox"),
            "0|orders.v1|trace=ab-12&a%3Db=c%26d%20%25|7|1|0");
  EXPECT_EQ(Seen("SELECT bucket=CRC32(message_key)&255 FROM lanemq_outbox"), "1");
  EXPECT_EQ(Seen("SELECT created_at BETWEEN UTC_TIMESTAMP(6)-INTERVAL 1 MINUTE AND "
                 "UTC_TIMESTAMP(6) FROM lanemq_outbox"),
            "1");
}

TEST_P(OutboxLibraryTest, NullIsNotEmpty) {
  const auto outbox = MakeOutbox();
  AppendOk(*outbox, {.topic = "t"});
  AppendOk(*outbox, {.topic = "t", .key = "", .body = "", .headers = {{"", ""}}});
  EXPECT_EQ(Seen("SELECT GROUP_CONCAT(CONCAT(COALESCE(HEX(message_key),'null'),'/',"
                 "COALESCE(HEX(headers),'null'),'/',COALESCE(HEX(body),'null')) ORDER BY id) "
                 "FROM lanemq_outbox"),
            "null/null/null,/3D/");
}

TEST_P(OutboxLibraryTest, DelaysCountFromTheDatabasesClock) {
  const auto outbox = MakeOutbox();
  RunOk(*caller_, "SET time_zone='+09:00'");
  RunOk(*caller_, "SET timestamp=1700000000");  // 2023-11-14 22:13:20 UTC.
  AppendOk(*outbox, {.topic = "t", .delay = 90'500ms});
  AppendOk(*outbox, {.topic = "t", .delay = 0ms});
  AppendOk(*outbox, {.topic = "t", .deliver_at_us = 1'700'000'000'123'456});
  AppendOk(*outbox, {.topic = "t", .deliver_at_us = 253'402'300'799'999'999});
  EXPECT_EQ(Seen("SELECT GROUP_CONCAT(deliver_at ORDER BY id) FROM lanemq_outbox"),
            "2023-11-14 22:14:50.500000,2023-11-14 22:13:20.000000,2023-11-14 22:13:20.123456,"
            "9999-12-31 23:59:59.999999");
}

TEST_P(OutboxLibraryTest, ManyAreOneStatementInOrder) {
  const auto outbox = MakeOutbox({.table = schema_ + ".lanemq_outbox"});
  std::vector<OutboxRecord> records(Outbox::kRowsMax);
  for (std::size_t i = 0; i < records.size(); ++i) {
    records[i] = {.topic = "t", .key = std::to_string(i), .headers = {{"n", std::to_string(i)}}};
    if (i % 3 == 1) records[i].delay = 1s;
  }
  RunOk(*caller_, "START TRANSACTION");
  Status appended = outbox->AppendAll(caller_->session(), records);
  ASSERT_TRUE(appended.ok()) << appended.error().ToString();
  RunOk(*caller_, "COMMIT");
  EXPECT_EQ(Rows("lanemq_outbox"), "1000");
  EXPECT_EQ(Seen("SELECT COUNT(*) FROM lanemq_outbox a JOIN lanemq_outbox b ON a.id<b.id AND "
                 "CAST(a.message_key AS UNSIGNED)+1=CAST(b.message_key AS UNSIGNED) AND "
                 "b.headers=CONCAT('n=',b.message_key) WHERE b.id<a.id+1000"),
            "999");
  EXPECT_EQ(outbox->Counts().records_appended, 1'000);
  // All or none: the last one is refused by the database.
  RunOk(*watcher_, "ALTER TABLE lanemq_outbox ADD UNIQUE KEY (message_key, topic)");
  records.back() = {.topic = "t", .key = "0"};
  appended = outbox->AppendAll(caller_->session(), std::span(records).last(1));
  ASSERT_FALSE(appended.ok());
  EXPECT_EQ(appended.error().code, ErrorCode::kAlreadyExists) << appended.error().message;
  records.front().key = "new";
  EXPECT_FALSE(outbox->AppendAll(caller_->session(), records).ok());
  EXPECT_EQ(Rows("lanemq_outbox"), "1000");
  AppendOk(*outbox, {.topic = "t", .key = "after an error"});
}

TEST_P(OutboxLibraryTest, TheCallersSessionIsAsItWas) {
  const std::string isolation = std::get<Engine>(GetParam()) == Engine::kMariaDb
                                    ? "@@tx_isolation"
                                    : "@@transaction_isolation";
  const std::string settings =
      "SELECT CONCAT_WS('|',@@autocommit,@@sql_mode,@@time_zone,@@character_set_client,"
      "@@character_set_connection,@@collation_connection,@@innodb_lock_wait_timeout,"
      "@@foreign_key_checks,@@unique_checks,@@auto_increment_increment,@@sql_safe_updates,"
      "@@group_concat_max_len,DATABASE()," +
      isolation + ")";
  for (const char* set : {"SET sql_mode='ANSI'", "SET time_zone='-03:00'", "SET NAMES latin1",
                          "SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE",
                          "SET innodb_lock_wait_timeout=7", "SET autocommit=0"}) {
    RunOk(*caller_, set);
  }
  const std::string before = caller_->Value(settings);
  AppendOk(*MakeOutbox(), {.topic = "t", .key = "k", .delay = 1s});
  EXPECT_TRUE(MakeInbox()->Claim(caller_->session(), "1").ok());
  EXPECT_TRUE(MakeInbox()->Clean(caller_->session(), 1s, 10).ok());
  EXPECT_EQ(caller_->Value(settings), before);
  EXPECT_EQ(Rows("lanemq_outbox") + Rows("lanemq_inbox"), "00") << "it committed";
  RunOk(*caller_, "COMMIT");
  EXPECT_EQ(Rows("lanemq_outbox") + Rows("lanemq_inbox"), "11");
}

TEST_P(OutboxLibraryTest, MissingTablesSayWhatToDo) {
  const auto outbox = MakeOutbox({.table = "no_such_outbox"});
  const Status appended = outbox->Append(caller_->session(), {.topic = "t"});
  ASSERT_FALSE(appended.ok());
  EXPECT_EQ(appended.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_NE(appended.error().message.find("lanemq outbox install"), std::string::npos);
}

TEST_P(OutboxLibraryTest, ALostConnectionIsToldAndItsTransactionIsGone) {
  const auto outbox = MakeOutbox();
  RunOk(*caller_, "START TRANSACTION");
  AppendOk(*outbox, {.topic = "t"});
  RunOk(*watcher_, fmt::format("KILL {}", caller_->Id()));
  Status appended;
  EXPECT_TRUE(
      WaitFor([&] { return !(appended = outbox->Append(caller_->session(), {.topic = "t"})).ok(); },
              10s, "the connection is lost"));
  EXPECT_EQ(appended.error().code, ErrorCode::kDataNodeUnavailable) << appended.error().ToString();
  EXPECT_TRUE(WaitFor([&] { return Rows("lanemq_outbox") == "0"; }, 10s, "it is rolled back"));
}

TEST_P(OutboxLibraryTest, AnIdIsClaimedOnce) {
  const auto inbox = MakeInbox();
  RunOk(*caller_, "SET autocommit=0");
  EXPECT_EQ(*inbox->Claim(caller_->session(), "a"), true);
  EXPECT_EQ(*inbox->Claim(caller_->session(), "a"), false) << "in its own transaction";
  RunOk(*caller_, "ROLLBACK");
  EXPECT_EQ(*inbox->Claim(caller_->session(), "a"), true) << "nothing was processed";
  RunOk(*caller_, "COMMIT");
  EXPECT_EQ(*inbox->Claim(caller_->session(), "a"), false);
  EXPECT_EQ(*MakeInbox("other")->Claim(caller_->session(), "a"), true) << "another group";
  // The transaction goes on behind a duplicate.
  RunOk(*caller_, "INSERT INTO orders VALUES (1)");
  RunOk(*caller_, "COMMIT");
  EXPECT_EQ(Rows("orders") + Rows("lanemq_inbox"), "12");
}

TEST_P(OutboxLibraryTest, RecordsAreClaimedByTheirPlaceOrByAHeader) {
  const auto inbox = MakeInbox();
  RunOk(*caller_, "START TRANSACTION");
  const std::string longest(249, 't');
  constexpr auto kLast = std::numeric_limits<std::int64_t>::max();
  ConsumedRecord record = RecordAt(longest, std::numeric_limits<std::int32_t>::max(), kLast);
  EXPECT_EQ(*inbox->Claim(caller_->session(), record), true);
  EXPECT_EQ(*inbox->Claim(caller_->session(), record), false);
  record.offset = kLast - 1;
  EXPECT_EQ(*inbox->Claim(caller_->session(), record), true);
  EXPECT_EQ(*inbox->Claim(caller_->session(), RecordAt("orders", 3, 14)), true);
  EXPECT_EQ(*inbox->Claim(caller_->session(), "orders/3/14"), false);

  const auto missing = inbox->ClaimByHeader(caller_->session(), record, "message-id");
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code, ErrorCode::kInvalidRequest);
  const std::string binary("\0\xff\x80'", 4);
  record.headers = {{"other", "x"}, {"message-id", binary}, {"message-id", "second"}};
  EXPECT_EQ(*inbox->ClaimByHeader(caller_->session(), record, "message-id"), true);
  EXPECT_EQ(*inbox->Claim(caller_->session(), binary), false);
  for (const std::string& bad : {std::string(), std::string(Inbox::kIdBytesMax + 1, 'x')}) {
    EXPECT_EQ(inbox->Claim(caller_->session(), bad).error().code, ErrorCode::kInvalidRequest);
  }
}

TEST_P(OutboxLibraryTest, AClaimWithoutATransactionIsRefusedWhereItCanBeSeen) {
  const auto inbox = MakeInbox();
  const bool is_seen = std::get<Adapter>(GetParam()) == Adapter::kCApi;
  const auto claimed = inbox->Claim(caller_->session(), "a");
  EXPECT_EQ(claimed.ok(), !is_seen);
  if (!is_seen) return;
  EXPECT_EQ(claimed.error().code, ErrorCode::kFailedPrecondition);
  RunOk(*caller_, "START TRANSACTION");
  EXPECT_EQ(*inbox->Claim(caller_->session(), "a"), true);
  RunOk(*caller_, "COMMIT");
  EXPECT_FALSE(inbox->Claim(caller_->session(), "b").ok());
  RunOk(*caller_, "SET autocommit=0");
  EXPECT_EQ(*inbox->Claim(caller_->session(), "b"), true);
  EXPECT_EQ(Rows("lanemq_inbox"), "1") << "b is not committed";
}

TEST_P(OutboxLibraryTest, TheSecondWaitsForTheFirst) {
  const auto inbox = MakeInbox();
  const auto second = MakeCaller();
  for (const bool commits : {false, true}) {
    RunOk(*caller_, "START TRANSACTION");
    RunOk(*second, "START TRANSACTION");
    EXPECT_EQ(*inbox->Claim(caller_->session(), "a"), true);
    auto claim = ClaimWaiting(*inbox, *second, "a");
    RunOk(*caller_, commits ? "COMMIT" : "ROLLBACK");
    const auto claimed = claim.get();
    ASSERT_TRUE(claimed.ok()) << claimed.error().ToString();
    EXPECT_EQ(*claimed, !commits);
    RunOk(*second, "ROLLBACK");
  }
  EXPECT_EQ(Rows("lanemq_inbox"), "1");
}

TEST_P(OutboxLibraryTest, DeadlocksAndLockWaitsAreConflictsThatSayWhatIsLeft) {
  const auto inbox = MakeInbox();
  const auto second = MakeCaller();
  RunOk(*caller_, "START TRANSACTION");
  RunOk(*second, "START TRANSACTION");
  EXPECT_EQ(*inbox->Claim(caller_->session(), "a"), true);
  EXPECT_EQ(*inbox->Claim(second->session(), "b"), true);
  auto waiting = ClaimWaiting(*inbox, *second, "a");
  const auto closing = inbox->Claim(caller_->session(), "b");
  if (closing.ok()) RunOk(*caller_, "ROLLBACK");  // The other one was the victim.
  const auto waited = waiting.get();
  const Result<bool>& victim = closing.ok() ? waited : closing;
  const Result<bool>& winner = closing.ok() ? closing : waited;
  ASSERT_FALSE(victim.ok());
  EXPECT_EQ(victim.error().code, ErrorCode::kConflict);
  EXPECT_NE(victim.error().message.find("rolled the transaction back"), std::string::npos);
  ASSERT_TRUE(winner.ok()) << winner.error().ToString();
  EXPECT_TRUE(*winner);
  RunOk(*caller_, "ROLLBACK");
  RunOk(*second, "ROLLBACK");

  RunOk(*caller_, "SET innodb_lock_wait_timeout=1");
  RunOk(*caller_, "START TRANSACTION");
  RunOk(*second, "START TRANSACTION");
  RunOk(*caller_, "INSERT INTO orders VALUES (1)");
  EXPECT_EQ(*inbox->Claim(second->session(), "c"), true);
  const auto late = inbox->Claim(caller_->session(), "c");
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().code, ErrorCode::kConflict);
  EXPECT_NE(late.error().message.find("still open"), std::string::npos) << late.error().message;
  EXPECT_EQ(caller_->Value("SELECT COUNT(*) FROM orders"), "1") << "it is not open";
}

TEST_P(OutboxLibraryTest, CleaningTakesTheOldestOfItsGroup) {
  RunOk(*watcher_,
        "INSERT INTO lanemq_inbox VALUES ('view','1',UTC_TIMESTAMP(6)-INTERVAL 3 HOUR),"
        "('view','2',UTC_TIMESTAMP(6)-INTERVAL 2 HOUR),('view','3',UTC_TIMESTAMP(6)-INTERVAL 10 "
        "MINUTE),('other','4',UTC_TIMESTAMP(6)-INTERVAL 9 HOUR)");
  const auto inbox = MakeInbox();
  const auto clean = [&](std::chrono::seconds keep, std::int32_t rows_max) {
    return inbox->Clean(caller_->session(), keep, rows_max);
  };
  EXPECT_EQ(*clean(3'600s, 1), 1);
  EXPECT_EQ(Seen("SELECT GROUP_CONCAT(message_id ORDER BY message_id) FROM lanemq_inbox"), "2,3,4");
  EXPECT_EQ(*clean(3'600s, 100), 1);
  EXPECT_EQ(*clean(3'600s, 100), 0);
  EXPECT_EQ(Seen("SELECT GROUP_CONCAT(message_id ORDER BY message_id) FROM lanemq_inbox"), "3,4");
  EXPECT_FALSE(clean(0s, 1).ok());
  EXPECT_FALSE(clean(3'600s, 0).ok());
  EXPECT_FALSE(clean(3'600s, Inbox::kCleanRowsMax + 1).ok());
}

}  // namespace
}  // namespace lanemq::testing
