// A trace through everything that carries messages: delay, retry, dead letter, redrive, and what
// the handler sends: by a producer, delayed, by the outbox.
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "common/base/random.h"
#include "lanemq/outbox_relay.h"
#include "lanemq/runner.h"
#include "sql/migrate/migrator.h"
#include "tests/failures/failures_test_fixture.h"
#include "tests/outbox/caller.h"

namespace lanemq::failures {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using testing::WaitFor;

const std::string kTraceId = "0af7651916cd43dd8448eb211c80319c";
const std::string kParent = "00-" + kTraceId + "-b7ad6b7169203331-01";
const std::string kDamaged = "00-" + kTraceId + "-b7ad6b7169203331";

/// A record as a handler or a reader got it.
struct Seen {
  std::vector<std::string> parents;  ///< Its traceparent headers.
  std::string state;
  std::optional<TraceContext> trace;
};

Seen SeenOf(const ConsumedRecord& record) {
  Seen seen;
  for (const RecordHeader& header : record.headers) {
    if (header.name == "traceparent") seen.parents.push_back(header.value);
    if (header.name == "tracestate") seen.state = header.value;
  }
  seen.trace = record.Trace();
  return seen;
}

class TraceTest : public FailuresTest {
 protected:
  void StartOutbox() {
    const testing::DatabaseServer& server = cluster_->data_server();
    const std::string schema = testing::UniquePrefix() + "_app";
    auto admin = testing::Caller::Connect(testing::Adapter::kCApi, server, "");
    ASSERT_EQ(admin->Run("CREATE DATABASE " + schema), "");
    const sql::ConnectionOptions connection{
        .host = server.host(), .port = server.port(), .user = "root", .schema = schema};
    const Deadline deadline = Deadline::After(SystemClock::Instance(), 60s);
    const Status migrated = sql::MigrateOutbox(connection, deadline);
    ASSERT_TRUE(migrated.ok()) << migrated.error().ToString();
    app_ = testing::Caller::Connect(testing::Adapter::kCApi, server, schema);
    outbox_ = Outbox::Create({}).value();
    OutboxRelayOptions options;
    options.bootstrap_servers = cluster_->bootstrap();
    options.database_host = server.host();
    options.database_port = static_cast<std::uint16_t>(server.port());
    options.database_schema = schema;
    options.database_user = "root";
    options.outbox_name = schema;
    auto relay = OutboxRelay::Create(options);
    ASSERT_TRUE(relay.ok()) << relay.error().ToString();
    relay_ = *std::move(relay);
    const Status started = relay_->Start();
    ASSERT_TRUE(started.ok()) << started.error().ToString();
  }
  std::unique_ptr<Producer> MakeProducer(TraceMode mode) {
    ProducerOptions options;
    options.bootstrap_servers = cluster_->bootstrap();
    options.trace = mode;
    return Producer::Create(options).value();
  }
  void SendJob(Producer& producer, const std::string& body, std::vector<RecordHeader> headers,
               std::optional<std::chrono::milliseconds> delay = std::nullopt) {
    ProducerRecord record;
    record.topic = "jobs";
    record.partition = 0;
    record.body = body;
    record.headers = std::move(headers);
    record.delay = delay;
    const auto sent = producer.SendSync(std::move(record));
    ASSERT_TRUE(sent.ok()) << sent.error().ToString();
  }
  /// What a handler causes. Runs in a handler.
  void Cause(const std::string& by) {
    ProducerRecord record;
    record.topic = "steps";
    record.body = by + ":sent";
    EXPECT_TRUE(carrier_->SendSync(record).ok());
    record.body = by + ":delayed";
    record.delay = 200ms;
    EXPECT_TRUE(carrier_->SendSync(record).ok());
    record = {};
    record.topic = "steps";
    record.body = by + ":own";
    record.headers = {{"traceparent", "00-11111111111111111111111111111111-2222222222222222-00"}};
    EXPECT_TRUE(carrier_->SendSync(record).ok());
    record = {};
    record.topic = "steps";
    record.body = by + ":off";
    EXPECT_TRUE(silent_->SendSync(record).ok());
    OutboxRecord out;
    out.topic = "steps";
    out.body = by + ":outbox";
    const Status appended = outbox_->Append(app_->session(), out);  // Autocommit.
    EXPECT_TRUE(appended.ok()) << appended.error().ToString();
  }
  Outcome Handle(const ConsumedRecord& record) {
    const std::string body = record.body.value_or("");
    int call = 0;
    {
      MutexLock lock(mutex_);
      handled_[body].push_back(SeenOf(record));
      call = static_cast<int>(handled_[body].size());
    }
    if (body == "traced" && call == 1) return Outcome::Retry("again");
    if (body == "traced" && call == 2) return Outcome::Dead("enough");
    Cause(body);
    return Outcome::Ok();
  }
  std::size_t CallsOf(const std::string& body) {
    MutexLock lock(mutex_);
    return handled_[body].size();
  }
  /// Reads `steps` until there are `count`, by body.
  std::map<std::string, Seen> ReadSteps(std::size_t count) {
    ConsumerOptions options;
    options.bootstrap_servers = cluster_->bootstrap();
    options.auto_offset_reset = OffsetReset::kEarliest;
    auto consumer = Consumer::Create(options).value();
    EXPECT_TRUE(consumer->Assign({{"steps", 0}}).ok());
    std::map<std::string, Seen> steps;
    const Deadline deadline = Deadline::After(SystemClock::Instance(), 30s);
    while (steps.size() < count && !deadline.HasPassed(SystemClock::Instance())) {
      const auto records = consumer->Poll(500ms);
      if (!records.ok()) continue;
      for (const ConsumedRecord& record : *records) {
        steps[record.body.value_or("")] = SeenOf(record);
      }
    }
    EXPECT_EQ(steps.size(), count);
    return steps;
  }
  Status Redrive() {
    idl::RedriveRequest request;
    request.id = Random::FromSystem().PositiveId();
    request.filter.group = "workers";
    request.__set_target(idl::RedriveTarget::GROUP);
    request.__set_per_second(1'000);
    request.__set_requested_by("test");
    const auto reply = cluster_->data_plane().RedriveSync(
        cluster_->broker(0), request, Deadline::After(SystemClock::Instance(), 20s));
    return reply.ok() ? Status() : Status(reply.error());
  }

  std::unique_ptr<testing::Caller> app_;  // Used by one handler thread at a time.
  std::unique_ptr<Outbox> outbox_;
  std::unique_ptr<OutboxRelay> relay_;
  std::unique_ptr<Producer> carrier_;
  std::unique_ptr<Producer> silent_;
  Mutex mutex_;
  std::map<std::string, std::vector<Seen>> handled_ LANEMQ_GUARDED_BY(mutex_);
};

TEST_P(TraceTest, IsTheSameThroughEverythingThatCarriesMessages) {
  ASSERT_NO_FATAL_FAILURE(StartCluster({}, 1));
  if (IsSkipped()) return;
  ASSERT_TRUE(cluster_->CreateTopic("steps", 1).ok());
  SetPolicy(5, {100});
  ASSERT_NO_FATAL_FAILURE(StartOutbox());
  carrier_ = MakeProducer(TraceMode::kCarry);
  silent_ = MakeProducer(TraceMode::kOff);
  const auto starter = MakeProducer(TraceMode::kStart);

  RunnerOptions options;
  options.consumer.bootstrap_servers = cluster_->bootstrap();
  options.consumer.group_id = "workers";
  options.consumer.auto_offset_reset = OffsetReset::kEarliest;
  options.topics = {"jobs"};
  options.threads = 1;
  auto runner = Runner::Create(options, [this](const ConsumedRecord& r) { return Handle(r); });
  ASSERT_TRUE(runner.ok()) << runner.error().ToString();
  std::thread running([&] { EXPECT_TRUE((*runner)->Run().ok()); });

  SendJob(*carrier_, "traced", {{"traceparent", kParent}, {"tracestate", "vendor=1"}}, 300ms);
  SendJob(*carrier_, "damaged", {{"traceparent", kDamaged}});
  SendJob(*carrier_, "plain", {});
  SendJob(*starter, "started", {});
  EXPECT_TRUE(WaitFor([&] { return rig_->Ask("SELECT COUNT(*) FROM {node}.dead_letters") == 1; },
                      30s, "the letter is dead"));
  const Status redriven = Redrive();
  EXPECT_TRUE(redriven.ok()) << redriven.error().ToString();
  EXPECT_TRUE(WaitFor([&] { return CallsOf("traced") == 3; }, 30s, "it came back"));
  const auto steps = ReadSteps(4 * 5);
  (*runner)->Stop();
  running.join();
  relay_->Stop();

  MutexLock lock(mutex_);
  // Delayed, retried, dead and redriven: the bytes that were sent.
  ASSERT_EQ(handled_["traced"].size(), 3u);
  for (const Seen& seen : handled_["traced"]) {
    EXPECT_EQ(seen.parents, std::vector<std::string>{kParent});
    EXPECT_EQ(seen.state, "vendor=1");
  }
  ASSERT_EQ(handled_["damaged"].size(), 1u);
  EXPECT_EQ(handled_["damaged"][0].parents, std::vector<std::string>{kDamaged}) << "carried";
  EXPECT_FALSE(handled_["damaged"][0].trace) << "but not used";
  EXPECT_TRUE(handled_["plain"].at(0).parents.empty());
  ASSERT_TRUE(handled_["started"].at(0).trace);

  const std::map<std::string, std::string> expected{
      {"traced", kTraceId}, {"started", handled_["started"][0].trace->trace_id}};
  for (const auto& [job, trace_id] : expected) {
    std::set<std::string> spans{handled_[job].back().trace->span_id};
    for (const char* step : {":sent", ":delayed", ":outbox"}) {
      const auto seen = steps.find(job + step);
      ASSERT_NE(seen, steps.end()) << job << step;
      ASSERT_TRUE(seen->second.trace) << job << step;
      EXPECT_EQ(seen->second.trace->trace_id, trace_id) << job << step;
      EXPECT_EQ(seen->second.state, job == "traced" ? "vendor=1" : "");
      EXPECT_TRUE(spans.insert(seen->second.trace->span_id).second) << "not a new span";
    }
  }
  for (const std::string job : {"traced", "damaged", "plain", "started"}) {
    EXPECT_EQ(steps.at(job + ":own").trace->trace_id, std::string(32, '1'));
    EXPECT_TRUE(steps.at(job + ":off").parents.empty());
  }
  for (const std::string job : {"damaged", "plain"}) {
    for (const char* step : {":sent", ":delayed", ":outbox"}) {
      EXPECT_TRUE(steps.at(job + step).parents.empty()) << job << step;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Engines, TraceTest, ::testing::ValuesIn(testing::Engines()),
                         [](const auto& engine) { return testing::NameOf(engine.param); });

}  // namespace
}  // namespace lanemq::failures
