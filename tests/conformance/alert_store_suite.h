#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/core/store/alert_store.h"
#include "tests/conformance/audit_checks.h"
#include "tests/support/note.h"

namespace lanemq::testing {

/// A store to be tested, on a clock that the test moves.
class AlertStoreUnderTest {
 public:
  virtual ~AlertStoreUnderTest() = default;
  virtual core::AlertStore& store() = 0;
  /// Moves the store's (the database's) time forward.
  virtual void Advance(std::chrono::milliseconds by) = 0;
  /// Begins the next term of the lease.
  virtual core::Fence NewTerm(const std::string& lease) = 0;
  /// The audit log, the oldest event first.
  virtual std::vector<core::AuditEvent> Audited() = 0;
  /// The reply to the COMMIT of the next change that people make is lost, before or after it took
  /// effect. False: not possible.
  virtual bool LoseNextReply(bool after_effect) = 0;
  /// Whether the reply that was to be lost has been.
  [[nodiscard]] virtual bool HasLostReply() const = 0;
};

struct AlertStoreFactory {
  std::string name;
  std::function<std::unique_ptr<AlertStoreUnderTest>(std::string* why)> make;
};

inline void PrintTo(const AlertStoreFactory& factory, std::ostream* out) { *out << factory.name; }

/// What every AlertStore must do.
class AlertStoreSuite : public ::testing::TestWithParam<AlertStoreFactory> {
 protected:
  void SetUp() override {
    std::string why;
    under_test_ = GetParam().make(&why);
    if (under_test_ == nullptr)
      GTEST_SKIP() << "SKIPPED LOUDLY: " << GetParam().name << ": " << why;
    fence_ = under_test_->NewTerm("on-call");
  }
  static Deadline Soon() {
    return Deadline::After(SystemClock::Instance(), std::chrono::seconds{20});
  }
  core::AlertStore& store() { return under_test_->store(); }
  template <typename Duration>
  void Advance(Duration by) {
    under_test_->Advance(by);
  }
  core::AlertMemory Load() {
    auto memory = store().Load(Soon());
    EXPECT_TRUE(memory.ok()) << memory.error().ToString();
    return memory.ok() ? *memory : core::AlertMemory{};
  }
  WallTime Now() { return Load().now; }
  /// What `change` leaves in the audit log.
  template <typename F>
  std::vector<core::AuditEvent> AuditOf(F&& change) {
    const std::size_t known = under_test_->Audited().size();
    change();
    return Behind(known, under_test_->Audited());
  }
  void ExpectOk(const Status& status) { EXPECT_TRUE(status.ok()) << status.error().ToString(); }
  void ExpectError(const Status& status, ErrorCode code) {
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code, code) << status.error().ToString();
  }
  Status Apply(const core::AlertChanges& changes) { return store().Apply(changes, fence_, Soon()); }

  core::Alert Firing(const std::string& incident, const std::string& subject = "node n1") {
    core::Alert alert;
    alert.incident = incident;
    alert.kind = "node_down";
    alert.subject = subject;
    alert.state = core::AlertState::kFiring;
    alert.severity = core::AlertSeverity::kPage;
    alert.owner = "infra";
    alert.summary = "it is down";
    alert.cause = "UNKNOWN";
    alert.since = alert.fired.emplace(Now());
    alert.is_told = true;
    return alert;
  }
  core::AlertNotice Notice(const std::string& incident, core::NoticeKind what,
                           const std::string& suffix = "") {
    core::AlertNotice notice;
    notice.notice = incident + "-" + std::to_string(static_cast<int>(what)) + suffix;
    notice.channel = "hook";
    notice.incident = incident;
    notice.what = what;
    notice.body = "{\"a\": \"\xff\"}";
    notice.queued_at = notice.next_at = Now();
    return notice;
  }
  void AddHook(bool is_on = true) {
    core::AlertChannel hook;
    hook.name = "hook";
    hook.url = "http://127.0.0.1/";
    hook.is_on = is_on;
    ExpectOk(store().SetChannel(hook, "test", Note(), Soon()));
  }
  /// An alert that fires, with its beginning queued.
  core::AlertNotice Begin(const std::string& incident, const std::string& subject = "node n1") {
    core::AlertChanges changes;
    changes.put = {Firing(incident, subject)};
    changes.notices = {Notice(incident, core::NoticeKind::kFired)};
    ExpectOk(Apply(changes));
    return changes.notices[0];
  }
  /// Its end, as the machine tells it.
  core::AlertChanges Over(const std::string& incident, const std::string& subject = "node n1") {
    core::AlertChanges changes;
    changes.put = {Firing(incident, subject)};
    changes.put[0].state = core::AlertState::kResolved;
    changes.put[0].resolved = Now();
    changes.drop = {{incident, "hook"}};
    changes.notices = {Notice(incident, core::NoticeKind::kResolved)};
    return changes;
  }
  std::vector<std::string> Due(std::int64_t epoch = 0, std::size_t max = 100) {
    auto due = store().Due("hook", epoch == 0 ? fence_.token.value : epoch, max, Soon());
    EXPECT_TRUE(due.ok()) << due.error().ToString();
    std::vector<std::string> ids;
    if (due.ok()) {
      for (const core::AlertNotice& notice : *due) ids.push_back(notice.notice);
    }
    return ids;
  }
  void Send(core::AlertNotice notice, bool is_sent = true) {
    ExpectOk(store().BeginSending(notice, fence_, Soon()));
    const auto retry = std::chrono::milliseconds{1'000};
    ExpectOk(store().EndSending(notice, is_sent, retry, "answer", fence_, Soon()));
  }
  core::AlertNotice Stored(const core::AlertNotice& wanted) {
    for (const core::AlertNotice& notice : Load().notices) {
      if (notice.notice == wanted.notice && notice.channel == wanted.channel) return notice;
    }
    ADD_FAILURE() << "no notice " << wanted.notice;
    return {};
  }

  std::unique_ptr<AlertStoreUnderTest> under_test_;
  core::Fence fence_;
};

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(AlertStoreSuite);

}  // namespace lanemq::testing

// IWYU pragma: begin_exports
#include "tests/conformance/alert_store_audit_cases.h"
#include "tests/conformance/alert_store_notice_cases.h"
#include "tests/conformance/alert_store_people_cases.h"
#include "tests/conformance/alert_store_state_cases.h"
// IWYU pragma: end_exports
