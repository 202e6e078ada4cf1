#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/core/access/access_json.h"
#include "common/core/access/access_rules.h"
#include "common/core/store/access_store.h"

namespace lanemq::testing {

/// A store to be tested, on a clock that the test moves.
class AccessStoreUnderTest {
 public:
  virtual ~AccessStoreUnderTest() = default;
  virtual core::AccessStore& store() = 0;
  /// Moves the store's (the database's) time forward.
  virtual void Advance(std::chrono::microseconds by) = 0;
  [[nodiscard]] virtual WallTime now() const = 0;
  /// The audit rows, oldest first.
  virtual std::vector<core::AuditEvent> Events() = 0;
  /// Adds rows until there are `count` of them, without audit: what limits are about.
  virtual void FillTeams(std::size_t count) = 0;
  /// Of all teams together; in a team, or of one that is not there.
  virtual void FillMembers(std::size_t count) = 0;
  virtual void FillServices(std::size_t count) = 0;
  virtual void FillTokens(std::size_t count) = 0;
  virtual void FillGrants(std::size_t count) = 0;
  virtual void FillOwners(std::size_t count) = 0;
  /// The reply to the COMMIT of the next change is lost, before or after it took effect. False: not
  /// possible.
  virtual bool LoseNextReply(bool after_effect) = 0;
  /// Whether the reply that was to be lost has been.
  [[nodiscard]] virtual bool HasLostReply() const = 0;
  /// A newer version has added actions to the grant that are not known here. False: not possible.
  virtual bool AddUnknownAction(std::int64_t grant_id) = 0;
  /// As they are stored.
  virtual std::string ActionsOf(std::int64_t grant_id) = 0;
  /// The version is what it was, as after a failover that lost changes. False: not possible.
  virtual bool GoBackTo(std::int64_t version) = 0;
};

struct AccessStoreFactory {
  std::string name;
  std::function<std::unique_ptr<AccessStoreUnderTest>(std::string* why)> make;
};

inline void PrintTo(const AccessStoreFactory& factory, std::ostream* out) { *out << factory.name; }

/// What every AccessStore must do.
class AccessStoreSuite : public ::testing::TestWithParam<AccessStoreFactory> {
 protected:
  void SetUp() override {
    std::string why;
    under_test_ = GetParam().make(&why);
    if (under_test_ == nullptr) {
      GTEST_SKIP() << "SKIPPED LOUDLY: " << GetParam().name << ": " << why;
    }
  }
  static Deadline Soon() {
    return Deadline::After(SystemClock::Instance(), std::chrono::seconds{20});
  }
  core::AccessStore& store() { return under_test_->store(); }
  [[nodiscard]] WallTime In(std::chrono::microseconds time) const {
    return WallTime{under_test_->now().micros + time.count()};
  }
  core::AccessRecords Load() {
    auto records = store().Load(Soon());
    EXPECT_TRUE(records.ok()) << records.error().ToString();
    return records.ok() ? *records : core::AccessRecords{};
  }
  std::int64_t Version() {
    const auto version = store().LoadVersion(Soon());
    EXPECT_TRUE(version.ok()) << version.error().ToString();
    return version.ok() ? *version : -1;
  }
  std::vector<core::AuditEvent> Events() { return under_test_->Events(); }
  /// The newest audit row.
  core::AuditEvent LastEvent() {
    const auto events = Events();
    return events.empty() ? core::AuditEvent{} : events.back();
  }
  static void ExpectOk(const Status& status) {
    EXPECT_TRUE(status.ok()) << status.error().ToString();
  }
  static void ExpectError(const Status& status, ErrorCode code) {
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code, code) << status.error().ToString();
  }
  template <typename T>
  static Status StatusOf(const Result<T>& result) {
    return result.ok() ? Status{} : Status{result.error()};
  }
  /// Expects that `change` fails so, and that nothing is changed or told.
  void ExpectRefused(const std::function<Status()>& change, ErrorCode code) {
    const std::int64_t version = Version();
    const std::size_t events = Events().size();
    ExpectError(change(), code);
    EXPECT_EQ(Version(), version);
    EXPECT_EQ(Events().size(), events);
  }
  /// Expects that `change` succeeds without changing or telling anything.
  void ExpectNoChange(const std::function<Status()>& change) {
    const std::int64_t version = Version();
    const std::size_t events = Events().size();
    ExpectOk(change());
    EXPECT_EQ(Version(), version);
    EXPECT_EQ(Events().size(), events);
  }
  /// Expects that `change` raises the version and tells `rows` rows.
  void ExpectChange(const std::function<Status()>& change, std::size_t rows = 1) {
    const std::int64_t version = Version();
    const std::size_t events = Events().size();
    ExpectOk(change());
    EXPECT_GT(Version(), version);
    EXPECT_EQ(Events().size(), events + rows);
  }

  core::AuditNote Note() {
    core::AuditNote note;
    note.actor = "person:ann";
    note.on_behalf_of = "person:bob";
    note.source = "10.1.2.3:4567";
    note.request_id = "r-17";
    note.action = "test";
    note.reason = "because";
    return note;
  }
  static core::Team TeamOf(const std::string& name) {
    core::Team team;
    team.name = name;
    return team;
  }
  static core::Service ServiceOf(const std::string& name, const std::string& team) {
    core::Service service;
    service.name = name;
    service.team = team;
    return service;
  }
  static core::Token TokenOf(const std::string& id, const std::string& service) {
    core::Token token;
    token.id = id;
    token.hash = std::string(31, 'S') + id.back();
    token.service = service;
    token.created_by = "person:ann";
    return token;
  }
  static core::Grant GrantOf(const std::string& name, core::Principal principal) {
    core::Grant grant;
    grant.name = name;
    grant.principal = std::move(principal);
    grant.actions = {core::Action::kProduce, core::Action::kConsume};
    return grant;
  }
  void AddTeam(const std::string& name) { ExpectOk(store().PutTeam(TeamOf(name), Note(), Soon())); }
  void AddService(const std::string& name, const std::string& team) {
    ExpectOk(store().PutService(ServiceOf(name, team), Note(), Soon()));
  }
  core::Token AddToken(const core::Token& token) {
    auto added = store().AddToken(token, Note(), Soon());
    ExpectOk(StatusOf(added));
    return added.ok() ? *added : core::Token{};
  }
  core::Grant AddGrant(const core::Grant& grant) {
    auto added = store().PutGrant(grant, Note(), Soon());
    ExpectOk(StatusOf(added));
    return added.ok() ? *added : core::Grant{};
  }
  static core::Principal Billing() { return {core::PrincipalKind::kService, "billing"}; }
  static core::Principal Payments() { return {core::PrincipalKind::kTeam, "payments"}; }
  /// Team payments with service billing.
  void AddBilling() {
    AddTeam("payments");
    AddService("billing", "payments");
  }

  std::unique_ptr<AccessStoreUnderTest> under_test_;
};

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(AccessStoreSuite);

}  // namespace lanemq::testing

// IWYU pragma: begin_exports
#include "tests/conformance/access_store_identity_cases.h"
#include "tests/conformance/access_store_limit_cases.h"
#include "tests/conformance/access_store_lost_cases.h"
#include "tests/conformance/access_store_quota_cases.h"
#include "tests/conformance/access_store_right_cases.h"
// IWYU pragma: end_exports
