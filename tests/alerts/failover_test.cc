// Two metaservers, a database, receivers of HTTP and mail. The one on call is killed at the worst
// moments; every incident is told once, and its end once.
#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "common/base/random.h"
#include "common/rpc/on_call_client.h"
#include "lanemq_types.h"
#include "tests/e2e/cluster.h"
#include "tests/support/http_receiver.h"
#include "tests/support/smtp_receiver.h"
#include "tests/support/wait_for.h"

namespace lanemq::e2e {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using testing::Engine;
using testing::HttpReceiver;
using testing::SmtpReceiver;
using testing::WaitFor;

Deadline In(std::chrono::nanoseconds time) {
  return Deadline::After(SystemClock::Instance(), time);
}

/// How often each notice was told, by incident and by what it says.
struct Told {
  std::map<std::string, int> fired;     ///< By notice.
  std::map<std::string, int> resolved;  ///< By notice.
};
using ToldByIncident = std::map<std::string, Told>;

class FailoverTest : public ::testing::TestWithParam<Engine> {
 protected:
  static constexpr const char* kKind = "group_stopped";
  static constexpr const char* kGroup = "billing";

  void SetUp() override {
    LANEMQ_REQUIRE_SERVER(server, GetParam());
    auto http = HttpReceiver::Start();
    ASSERT_TRUE(http.ok());
    http_ = *std::move(http);
    auto smtp = SmtpReceiver::Start();
    ASSERT_TRUE(smtp.ok()) << smtp.error().ToString();
    smtp_ = *std::move(smtp);
    auto cluster = Cluster::Start({.engine = GetParam(),
                                   .brokers = 1,
                                   .metaservers = 2,
                                   .metaserver_flags = {"--on-call-time-scale=0.005",
                                                        "--lag-interval=100", "--lease-ttl=1000"}});
    ASSERT_TRUE(cluster.ok()) << cluster.error().ToString();
    cluster_ = *std::move(cluster);
    auto topic = cluster_->CreateTopic("orders", 1);
    ASSERT_TRUE(topic.ok()) << topic.error().ToString();
    SetUpAlerts();
  }

  /// Only what this is about may fire: everything else would, with such short times.
  void SetUpAlerts() {
    const auto rules = client_.ListAlertRulesSync(cluster_->metaserver(), {}, In(10s));
    ASSERT_TRUE(rules.ok()) << rules.error().ToString();
    for (const idl::AlertRule& rule : rules->rules) {
      if (rule.kind == kKind) continue;
      idl::SetAlertRuleRequest request;
      request.rule.kind = rule.kind;
      request.rule.__set_is_on(false);
      const auto set = client_.SetAlertRuleSync(cluster_->metaserver(), request, In(10s));
      ASSERT_TRUE(set.ok()) << set.error().ToString();
    }
    idl::SetAlertChannelRequest hook;
    hook.channel.name = "hook";
    hook.channel.type = "webhook";
    hook.channel.url = http_->Url("/hook");
    AddChannel(hook);
    idl::SetAlertChannelRequest mail;
    mail.channel.name = "mail";
    mail.channel.type = "email";
    mail.channel.url = smtp_->Url();
    mail.channel.__set_recipients({"on-call@example.com"});
    mail.channel.__set_sender("lanemq@example.com");
    AddChannel(mail);
    idl::SetLagObjectiveRequest objective;
    objective.objective.group = kGroup;
    objective.objective.topic = "*";
    objective.objective.__set_objective_ms(1'000);
    objective.objective.__set_owner("payments");
    const auto set = client_.SetLagObjectiveSync(cluster_->metaserver(), objective, In(10s));
    ASSERT_TRUE(set.ok()) << set.error().ToString();
  }
  void AddChannel(const idl::SetAlertChannelRequest& request) {
    const auto set = client_.SetAlertChannelSync(cluster_->metaserver(), request, In(10s));
    ASSERT_TRUE(set.ok()) << set.error().ToString();
  }

  void Produce() {
    idl::ProduceRequest request;
    idl::ProducePartition& part = request.partitions.emplace_back();
    part.topic = "orders";
    part.__set_producer_id(7);
    part.__set_base_sequence(end_ - 1);
    part.messages.emplace_back().__set_body("m");
    const auto reply = cluster_->data_plane().ProduceSync(cluster_->broker(0), request, In(20s));
    ASSERT_TRUE(reply.ok()) << reply.error().ToString();
    ASSERT_FALSE(reply->partitions[0].__isset.error) << reply->partitions[0].error.message;
    ++end_;
  }
  void CatchUp() {
    idl::CommitOffsetsRequest request;
    request.group = kGroup;
    idl::CommitPartition& part = request.partitions.emplace_back();
    part.topic = "orders";
    part.offset = end_;
    const auto reply =
        cluster_->data_plane().CommitOffsetsSync(cluster_->broker(0), request, In(20s));
    ASSERT_TRUE(reply.ok()) << reply.error().ToString();
    ASSERT_FALSE(reply->partitions[0].__isset.error);
  }

  /// Which metaserver is on call, as `asked` knows it.
  std::optional<int> Holder(int asked) {
    idl::FindCoordinatorRequest request;
    request.__set_duty("on-call");
    const auto found =
        cluster_->control_plane().FindCoordinatorSync(cluster_->metaserver(asked), request, In(2s));
    if (!found.ok()) return std::nullopt;
    for (int i = 0; i < 2; ++i) {
      if (found->coordinator.port == cluster_->metaserver(i).port) return i;
    }
    return std::nullopt;
  }
  int WaitForHolder() {
    std::optional<int> holder;
    EXPECT_TRUE(WaitFor(
        [&] {
          holder = Holder(0);
          return holder && Holder(1) == holder;
        },
        30s, "a metaserver on call"));
    return holder.value_or(0);
  }
  void Restart(int metaserver) {
    const Status started = cluster_->StartMetaserver(metaserver);
    ASSERT_TRUE(started.ok()) << started.error().ToString();
  }
  /// The other one is on call when it returns.
  void KillHolder(int holder) {
    cluster_->KillMetaserver(holder);
    const int other = 1 - holder;
    ASSERT_TRUE(WaitFor([&] { return Holder(other) == other; }, 30s, "a take-over"));
  }

  /// On a slow machine an incident lasts long enough for a reminder, and the database is away for
  /// long enough to be told of, since all times are short.
  static bool IsBeside(const std::string& notice) {
    return notice.find("-reminder-") != std::string::npos ||
           notice.find("metadata-down-") != std::string::npos;
  }
  ToldByIncident Http() const {
    ToldByIncident told;
    for (const HttpReceiver::Request& request : http_->Requests()) {
      const auto body = nlohmann::json::parse(request.body);
      if (body["kind"] != kKind || IsBeside(body["notice"])) continue;
      Told& one = told[body["incident"]];
      ++(body["what"] == "resolved" ? one.resolved : one.fired)[body["notice"]];
      EXPECT_EQ(body["owner"], "payments");
    }
    return told;
  }
  ToldByIncident Mails() const {
    ToldByIncident told;
    for (const SmtpReceiver::Mail& mail : smtp_->Mails()) {
      if (IsBeside(mail.Header("Message-ID"))) continue;
      const std::string body = mail.Body();
      // What it is is in the subject, but that is coded.
      const bool is_resolved = body.find("\nresolved: ") != std::string::npos;
      Told& one = told[mail.Header("References")];
      ++(is_resolved ? one.resolved : one.fired)[mail.Header("Message-ID")];
    }
    return told;
  }
  [[nodiscard]] std::size_t Count(bool resolved, const ToldByIncident& told) const {
    std::size_t count = 0;
    for (const auto& [incident, one] : told) {
      count += resolved ? one.resolved.size() : one.fired.size();
    }
    return count;
  }
  [[nodiscard]] ::testing::AssertionResult WaitForTold(bool resolved, std::size_t count) {
    return WaitFor(
        [&] { return Count(resolved, Http()) >= count && Count(resolved, Mails()) >= count; }, 60s,
        fmt::format("{} incidents {}", count, resolved ? "resolved" : "fired"));
  }
  /// Stored as told: a kill from now on repeats nothing of it. All metaservers must be up.
  [[nodiscard]] ::testing::AssertionResult WaitForMark(const std::string& detail) {
    return WaitFor(
        [&] {
          const auto listed = client_.ListAlertEventsSync(cluster_->metaserver(), {}, In(5s));
          return listed.ok() && std::ranges::any_of(listed->events, [&](const auto& event) {
                   return event.what == "delivered" && event.detail.starts_with(detail);
                 });
        },
        60s, "delivered: " + detail);
  }
  /// Every incident was told once, and its end; how often one notice was at most.
  static int CheckTold(const ToldByIncident& told, std::size_t incidents) {
    int most = 0;
    EXPECT_EQ(told.size(), incidents);
    for (const auto& [incident, one] : told) {
      EXPECT_EQ(one.fired.size(), 1U) << incident;
      EXPECT_EQ(one.resolved.size(), 1U) << incident;
      for (const auto* notices : {&one.fired, &one.resolved}) {
        for (const auto& [notice, times] : *notices) most = std::max(most, times);
      }
    }
    return most;
  }
  void WaitFor1(std::chrono::milliseconds time) {
    const Deadline end = In(time);
    ASSERT_TRUE(WaitFor([&] { return end.HasPassed(SystemClock::Instance()); }, time + 5s, "time"));
  }

  std::unique_ptr<HttpReceiver> http_;
  std::unique_ptr<SmtpReceiver> smtp_;
  std::unique_ptr<Cluster> cluster_;
  rpc::RpcClient rpc_;
  rpc::OnCallClient client_{rpc_};
  std::int64_t end_ = 1;
};

TEST_P(FailoverTest, AnIncidentIsToldOnceThroughAKillInTheMiddle) {
  const int holder = WaitForHolder();
  Produce();
  CatchUp();
  Produce();
  ASSERT_TRUE(WaitForTold(false, 1));
  for (const char* channel : {"hook", "mail"}) {
    ASSERT_TRUE(WaitForMark(std::string("fired to ") + channel));
  }
  KillHolder(holder);
  Restart(holder);
  CatchUp();
  ASSERT_TRUE(WaitForTold(true, 1));
  EXPECT_EQ(CheckTold(Http(), 1), 1);
  EXPECT_EQ(CheckTold(Mails(), 1), 1);
  idl::ListAlertsRequest all;
  all.__set_resolved_days(1);
  const auto alerts = client_.ListAlertsSync(cluster_->metaserver(holder), all, In(10s));
  ASSERT_TRUE(alerts.ok()) << alerts.error().ToString();
  ASSERT_EQ(alerts->alerts.size(), 1U);
  EXPECT_EQ(alerts->alerts[0].kind, kKind);
  EXPECT_EQ(alerts->alerts[0].state, "resolved");
  EXPECT_EQ(alerts->alerts[0].owner, "payments");
}

TEST_P(FailoverTest, ANoticeThatWasBeingSentIsRepeatedUnderItsId) {
  int holder = WaitForHolder();
  Produce();
  CatchUp();
  // First its beginning, then its end, is on its way when the sender dies.
  http_->SetManner(HttpReceiver::Manner::kHang);
  Produce();
  ASSERT_TRUE(WaitFor([&] { return Count(false, Http()) == 1; }, 60s, "the beginning"));
  ASSERT_TRUE(WaitForMark("fired to mail"));
  cluster_->KillMetaserver(holder);
  http_->SetManner(HttpReceiver::Manner::kAnswer);
  KillHolder(holder);
  ASSERT_TRUE(WaitFor([&] { return Http().begin()->second.fired.begin()->second == 2; }, 60s,
                      "its repetition"));
  ASSERT_TRUE(WaitForTold(false, 1));
  // On a slow machine the incident may end by itself: its new holder has not sampled the group yet,
  // and all times are short.
  http_->SetManner(HttpReceiver::Manner::kHang);
  Restart(holder);
  holder = WaitForHolder();
  CatchUp();
  ASSERT_TRUE(WaitFor([&] { return Count(true, Http()) == 1; }, 60s, "the end"));
  ASSERT_TRUE(WaitForMark("resolved to mail"));
  cluster_->KillMetaserver(holder);
  http_->SetManner(HttpReceiver::Manner::kAnswer);
  KillHolder(holder);
  ASSERT_TRUE(WaitFor([&] { return Http().begin()->second.resolved.begin()->second == 2; }, 60s,
                      "its repetition"));
  ASSERT_TRUE(WaitForTold(true, 1));
  EXPECT_EQ(CheckTold(Http(), 1), 2);
  EXPECT_EQ(CheckTold(Mails(), 1), 1);
}

TEST_P(FailoverTest, KillsAtAnyMomentNeitherLoseNorMultiply) {
  Random random = Random::FromSystem();
  constexpr std::size_t kIncidents = 4;
  Produce();
  CatchUp();
  for (std::size_t i = 1; i <= kIncidents; ++i) {
    const int first = WaitForHolder();
    const std::chrono::milliseconds moment{random.Below(5'000)};
    SCOPED_TRACE(fmt::format("incident {}, killed {} ms after its beginning", i, moment.count()));
    Produce();
    WaitFor1(moment);
    KillHolder(first);
    Restart(first);
    ASSERT_TRUE(WaitForTold(false, i));
    const int second = WaitForHolder();
    CatchUp();
    WaitFor1(std::chrono::milliseconds{random.Below(1'000)});
    KillHolder(second);
    Restart(second);
    ASSERT_TRUE(WaitForTold(true, i));
  }
  // Twice only when it was being sent at that moment.
  EXPECT_LE(CheckTold(Http(), kIncidents), 2);
  EXPECT_LE(CheckTold(Mails(), kIncidents), 2);
}

INSTANTIATE_TEST_SUITE_P(Engines, FailoverTest, ::testing::ValuesIn(testing::Engines()),
                         [](const auto& param) { return testing::NameOf(param.param); });

}  // namespace
}  // namespace lanemq::e2e
