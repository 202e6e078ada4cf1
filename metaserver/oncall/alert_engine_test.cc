// The alert engine and the notifier, with stores and channels that fail as they are told.
#include "metaserver/oncall/alert_engine.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/core/alert/alert_kinds.h"
#include "common/core/alert/notice_planner.h"
#include "metaserver/oncall/notifier.h"
#include "tests/conformance/fake_alert_store.h"
#include "tests/support/note.h"
#include "tests/support/wait_for.h"

namespace lanemq::metaserver {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using core::AlertNotice;
using core::NoticeKind;
using core::NoticeState;
using testing::FakeAlertStore;
using ::testing::HasSubstr;
using testing::Note;
using testing::WaitFor;

constexpr const char* kLease = "on-call";
const core::AlertTimes kTimes = core::AlertTimes{}.Scaled(0.01);

/// A channel that works, fails, or hangs until it may go on.
class FakeSender final : public ChannelSender {
 public:
  struct Sent {
    std::string channel;
    NoticeText text;
  };
  void Set(const std::string& channel, bool is_broken, bool hangs) {
    MutexLock lock(mutex_);
    (is_broken ? broken_.insert(channel).second : broken_.erase(channel) > 0);
    (hangs ? hanging_.insert(channel).second : hanging_.erase(channel) > 0);
    wake_.NotifyAll();
  }
  [[nodiscard]] std::vector<Sent> sent(const std::string& channel) const {
    MutexLock lock(mutex_);
    std::vector<Sent> out;
    for (const Sent& one : sent_) {
      if (one.channel == channel) out.push_back(one);
    }
    return out;
  }
  /// Sendings that go on at the moment.
  [[nodiscard]] int hanging() const {
    MutexLock lock(mutex_);
    return hanging_now_;
  }
  [[nodiscard]] int beats() const { return beats_; }
  [[nodiscard]] int states() const { return states_; }

  Delivery Send(const core::AlertChannel& channel, const NoticeText& text) override {
    MutexLock lock(mutex_);
    sent_.push_back({channel.name, text});
    ++hanging_now_;
    while (hanging_.contains(channel.name) && !is_aborted_) wake_.Wait(mutex_);
    --hanging_now_;
    return {!broken_.contains(channel.name) && !is_aborted_, "as told"};
  }
  Delivery SendStates(const core::AlertChannel& /*channel*/, std::string /*body*/) override {
    ++states_;
    return {true, ""};
  }
  Delivery Beat(const std::string& /*url*/, std::string /*body*/) override {
    ++beats_;
    return {true, ""};
  }
  void Abort() override {
    MutexLock lock(mutex_);
    is_aborted_ = true;
    wake_.NotifyAll();
  }

 private:
  mutable Mutex mutex_;
  CondVar wake_;
  bool is_aborted_ LANEMQ_GUARDED_BY(mutex_) = false;
  int hanging_now_ LANEMQ_GUARDED_BY(mutex_) = 0;
  std::set<std::string> broken_ LANEMQ_GUARDED_BY(mutex_);
  std::set<std::string> hanging_ LANEMQ_GUARDED_BY(mutex_);
  std::vector<Sent> sent_ LANEMQ_GUARDED_BY(mutex_);
  std::atomic<int> beats_{0};
  std::atomic<int> states_{0};
};

/// What a test says is true.
class FakeSource final : public ObservationSource {
 public:
  void Set(std::vector<std::string> nodes) {
    MutexLock lock(mutex_);
    nodes_ = std::move(nodes);
  }
  void Observe(const ObservationInput& /*input*/, core::AlertObservations& seen) override {
    MutexLock lock(mutex_);
    for (const std::string& node : nodes_) {
      seen.items.push_back({.kind = "node_down",
                            .subject = core::NodeSubject(node),
                            .truth = core::Truth::kTrue,
                            .summary = "down",
                            .for_at_least = 0ms});
    }
    seen.complete.insert("node_down");
  }

 private:
  mutable Mutex mutex_;
  std::vector<std::string> nodes_ LANEMQ_GUARDED_BY(mutex_);
};

class AlertEngineTest : public ::testing::Test {
 protected:
  void SetUp() override {
    store_.SetTerm(kLease, core::FencingToken{1});
    board_.Publish(std::make_shared<LagPicture>());
    notifier_ = std::make_unique<Notifier>(Notifier::Options{.times = kTimes,
                                                             .tick = 5ms,
                                                             .runbook_url = "http://book/",
                                                             .watchdog_url = "http://dog"},
                                           store_, sender_, SystemClock::Instance());
    engine_ = std::make_unique<AlertEngine>(
        AlertEngine::Options{.times = kTimes, .settings_every = 0ms, .blind_after = 100ms}, store_,
        board_, *notifier_, SystemClock::Instance());
    engine_->AddSource(source_);
    notifier_->Start();
    engine_->Start();
    engine_->OnDuty();
  }
  void TearDown() override {
    for (const char* channel : {"a", "b"}) sender_.Set(channel, false, false);
    notifier_->Stop();
    engine_->Stop();
  }

  void AddChannel(const std::string& name, core::ChannelType type = core::ChannelType::kWebhook) {
    const core::AlertChannel channel{.name = name, .type = type, .url = "http://" + name};
    ASSERT_TRUE(store_.SetChannel(channel, "test", Note(), In()).ok());
  }
  static Deadline In() { return Deadline::After(SystemClock::Instance(), 5s); }
  static core::Fence Fence(std::int64_t token = 1) { return {kLease, core::FencingToken{token}}; }
  void Evaluate(std::optional<core::Fence> fence = Fence()) {
    engine_->OnEvaluated(*board_.Current(), fence);
  }
  /// Evaluates, while the store's clock goes on, until it is so.
  [[nodiscard]] ::testing::AssertionResult EvaluateUntil(
      const std::function<bool()>& condition, const char* what,
      std::optional<core::Fence> fence = Fence()) {
    return WaitFor(
        [&] {
          store_.Advance(50ms);
          Evaluate(fence);
          return condition();
        },
        20s, what);
  }
  [[nodiscard]] std::size_t Count(const std::string& channel) const {
    return sender_.sent(channel).size();
  }
  [[nodiscard]] bool AllAre(NoticeState state, std::size_t count) const {
    const auto notices = store_.Notices();
    return notices.size() == count &&
           std::ranges::all_of(notices, [&](const auto& n) { return n.state == state; });
  }

  FakeAlertStore store_;
  FakeSender sender_;
  FakeSource source_;
  LagBoard board_;
  std::unique_ptr<Notifier> notifier_;
  std::unique_ptr<AlertEngine> engine_;
};

TEST_F(AlertEngineTest, TellsTheBeginningAndTheEndOnce) {
  AddChannel("a");
  source_.Set({"n1"});
  ASSERT_TRUE(EvaluateUntil([&] { return Count("a") == 1; }, "the beginning"));
  source_.Set({});
  ASSERT_TRUE(EvaluateUntil([&] { return Count("a") == 2; }, "the end"));
  ASSERT_TRUE(EvaluateUntil([&] { return AllAre(NoticeState::kSent, 2); }, "both marked"));
  const auto sent = sender_.sent("a");
  EXPECT_EQ(sent[0].text.what, "fired");
  EXPECT_EQ(sent[1].text.what, "resolved");
  EXPECT_EQ(sent[0].text.incident, sent[1].text.incident);
  EXPECT_NE(sent[0].text.notice, sent[1].text.notice);
}

TEST_F(AlertEngineTest, AFailureIsRepeatedUnderTheSameId) {
  AddChannel("a");
  sender_.Set("a", true, false);
  source_.Set({"n1"});
  ASSERT_TRUE(EvaluateUntil([&] { return Count("a") >= 3; }, "three attempts"));
  sender_.Set("a", false, false);
  ASSERT_TRUE(EvaluateUntil([&] { return AllAre(NoticeState::kSent, 1); }, "delivered"));
  std::set<std::string> ids;
  for (const auto& sent : sender_.sent("a")) ids.insert(sent.text.notice);
  EXPECT_EQ(ids.size(), 1U);
  EXPECT_GE(notifier_->Totals()["a"].failed, 3);
  EXPECT_EQ(notifier_->Totals()["a"].delivered, 1);
}

TEST_F(AlertEngineTest, AChannelThatHangsHoldsUpNoOther) {
  for (const char* name : {"h1", "h2", "h3", "h4", "h5", "z"}) AddChannel(name);
  // They have failed before, so that at most two of them hang at the same time.
  for (const char* name : {"h1", "h2", "h3", "h4", "h5"}) sender_.Set(name, true, false);
  source_.Set({"n1"});
  ASSERT_TRUE(EvaluateUntil(
      [&] { return Count("h1") * Count("h2") * Count("h3") * Count("h4") * Count("h5") > 0; },
      "every one of them failed"));
  for (const char* name : {"h1", "h2", "h3", "h4", "h5"}) sender_.Set(name, true, true);
  ASSERT_TRUE(EvaluateUntil([&] { return Count("z") == 1; }, "the first at the other"));
  ASSERT_TRUE(EvaluateUntil([&] { return sender_.hanging() >= 2; }, "two of them hang"));
  ASSERT_TRUE(
      EvaluateUntil([&, turns = 0]() mutable { return ++turns == 50; }, "fifty evaluations"));
  EXPECT_EQ(sender_.hanging(), 2);
  source_.Set({"n1", "n2"});
  ASSERT_TRUE(EvaluateUntil([&] { return Count("z") == 2; }, "the second at the other"));
  for (const char* name : {"h1", "h2", "h3", "h4", "h5"}) sender_.Set(name, false, false);
}

TEST_F(AlertEngineTest, OfAnOldTermNothingIsWrittenOrSent) {
  AddChannel("a");
  store_.SetTerm(kLease, core::FencingToken{2});
  source_.Set({"n1"});
  ASSERT_TRUE(
      EvaluateUntil([&, turns = 0]() mutable { return ++turns == 30; }, "thirty evaluations"));
  EXPECT_TRUE(store_.Notices().empty());
  EXPECT_EQ(Count("a"), 0U);
  // The new one goes on.
  ASSERT_TRUE(EvaluateUntil([&] { return Count("a") == 1; }, "the beginning", Fence(2)));
}

TEST_F(AlertEngineTest, WhatTheOldTermWasSendingIsSentAgainByTheNewOne) {
  AddChannel("a");
  sender_.Set("a", false, true);
  source_.Set({"n1"});
  ASSERT_TRUE(EvaluateUntil([&] { return Count("a") == 1; }, "the sending"));
  // The other one takes over while the first still waits for the receiver.
  store_.SetTerm(kLease, core::FencingToken{2});
  FakeSender other;
  Notifier successor({.times = kTimes, .tick = 5ms}, store_, other, SystemClock::Instance());
  auto view = std::make_shared<AlertView>();
  view->fence = Fence(2);
  view->channels = store_.LoadSettings(In())->channels;
  successor.Start();
  successor.Update(view);
  ASSERT_TRUE(WaitFor([&] { return other.sent("a").size() == 1; }, 20s, "the repetition"));
  EXPECT_EQ(other.sent("a")[0].text.notice, sender_.sent("a")[0].text.notice);
  ASSERT_TRUE(WaitFor([&] { return AllAre(NoticeState::kSent, 1); }, 20s, "marked"));
  // The first comes back and fails; that changes nothing.
  sender_.Set("a", true, false);
  ASSERT_TRUE(
      WaitFor([&] { return notifier_->Totals()["a"].failed == 1; }, 20s, "the first comes back"));
  EXPECT_TRUE(AllAre(NoticeState::kSent, 1));
  successor.Stop();
}

TEST_F(AlertEngineTest, AMarkWhoseAnswerIsLostDoublesNothing) {
  AddChannel("a");
  for (const bool after_effect : {false, true}) {
    const std::size_t before = Count("a");
    // Of the evaluation, of the mark before, or of the mark after: whichever comes next.
    store_.FailNextWrite(ErrorCode::kOutcomeUnknown, after_effect);
    source_.Set({after_effect ? "n2" : "n1"});
    ASSERT_TRUE(EvaluateUntil([&] { return Count("a") > before; }, "the beginning"));
    ASSERT_TRUE(
        EvaluateUntil([&, turns = 0]() mutable { return ++turns == 20; }, "twenty evaluations"));
    source_.Set({});
    ASSERT_TRUE(EvaluateUntil([&] { return Count("a") >= before + 2; }, "the end"));
    EXPECT_EQ(Count("a"), before + 2);
  }
}

TEST_F(AlertEngineTest, ADatabaseThatIsDownIsToldOnceAndThatItIsBack) {
  AddChannel("a");
  ASSERT_TRUE(EvaluateUntil([&] { return sender_.beats() > 0; }, "a first evaluation"));
  source_.Set({"n1"});
  store_.SetDown(true);
  ASSERT_TRUE(EvaluateUntil([&] { return Count("a") == 1; }, "the notice", std::nullopt));
  ASSERT_TRUE(EvaluateUntil([&, turns = 0]() mutable { return ++turns == 30; }, "thirty more",
                            std::nullopt));
  ASSERT_EQ(Count("a"), 1U);
  EXPECT_EQ(sender_.sent("a")[0].text.kind, "metadata_database_down");
  EXPECT_THAT(sender_.sent("a")[0].text.runbook, HasSubstr("metadata_database_down"));
  store_.SetDown(false);
  ASSERT_TRUE(EvaluateUntil([&] { return Count("a") == 3; }, "back, and what was meanwhile"));
  const auto sent = sender_.sent("a");
  EXPECT_EQ(sent[1].text.notice, sent[0].text.notice + "-over");
  EXPECT_EQ(sent[1].text.what, "resolved");
  EXPECT_EQ(sent[2].text.kind, "node_down");
}

TEST_F(AlertEngineTest, OffDutyNothingIsSent) {
  AddChannel("a");
  sender_.Set("a", true, false);
  source_.Set({"n1"});
  ASSERT_TRUE(EvaluateUntil([&] { return Count("a") >= 1; }, "an attempt"));
  engine_->OffDuty();
  sender_.Set("a", false, false);
  ASSERT_TRUE(WaitFor(
      [&, last = std::size_t{0}, same = 0]() mutable {
        same = std::exchange(last, Count("a")) == Count("a") ? same + 1 : 0;
        store_.Advance(1s);
        return same == 30;
      },
      20s, "quiet"));
  EXPECT_FALSE(AllAre(NoticeState::kSent, 1));
}

TEST_F(AlertEngineTest, AlertmanagerIsToldAgainAndAgain) {
  AddChannel("m", core::ChannelType::kAlertmanager);
  source_.Set({"n1"});
  ASSERT_TRUE(EvaluateUntil([&] { return sender_.states() >= 3; }, "three times"));
  EXPECT_TRUE(store_.Notices().empty());
}

TEST_F(AlertEngineTest, MetricsTellWhatFires) {
  AddChannel("a");
  source_.Set({"n1"});
  ASSERT_TRUE(EvaluateUntil(
      [&] {
        TextMetrics metrics(1'000);
        engine_->AddMetrics(metrics);
        const std::string text = metrics.Take();
        return text.find(
                   "lanemq_alerts_firing{kind=\"node_down\",severity=\"page\",owner=\"\"} 1") !=
                   std::string::npos &&
               text.find("lanemq_alert_notices_total{channel=\"a\",result=\"delivered\"} 1") !=
                   std::string::npos &&
               text.find("lanemq_alert_evaluation_timestamp_seconds ") != std::string::npos;
      },
      "the metrics"));
}

TEST_F(AlertEngineTest, WhatIsStoredOfRequestsGoesToAlertmanagerTooAndHasNoRunbook) {
  AddChannel("m", core::ChannelType::kAlertmanager);
  core::NoticeBody body;
  body.alert.kind = "change_request_break_glass";
  body.alert.incident = "request-7";
  AlertNotice notice;
  notice.notice = "request-7-break_glass-1";
  notice.channel = "m";
  notice.incident = body.alert.incident;
  notice.body = core::ToText(body);
  notice.queued_at = notice.next_at = store_.Load(In())->now;
  core::AlertChanges changes;
  changes.notices = {notice};
  ASSERT_TRUE(store_.Apply(changes, Fence(), In()).ok());
  ASSERT_TRUE(EvaluateUntil([&] { return Count("m") == 1; }, "it is told"));
  ASSERT_TRUE(EvaluateUntil([&] { return AllAre(NoticeState::kSent, 1); }, "it is marked"));
  EXPECT_EQ(sender_.sent("m")[0].text.kind, "change_request_break_glass");
  EXPECT_EQ(sender_.sent("m")[0].text.runbook, "");
}

}  // namespace
}  // namespace lanemq::metaserver
