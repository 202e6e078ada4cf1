#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/core/access/access_rules.h"
#include "common/core/store/access_store.h"
#include "common/core/store/people_store.h"

namespace lanemq::testing {

/// A store to be tested, on a clock that the test moves.
class PeopleStoreUnderTest {
 public:
  virtual ~PeopleStoreUnderTest() = default;
  virtual core::PeopleStore& store() = 0;
  /// Of the same cluster.
  virtual core::AccessStore& access() = 0;
  virtual void Advance(std::chrono::microseconds by) = 0;
  [[nodiscard]] virtual WallTime now() const = 0;
  /// The audit rows of changes of people, oldest first; on some stores those of others, too.
  virtual std::vector<core::AuditEvent> Events() = 0;
  /// There are `count` tokens of people then: the others are somebody's, without a name, and end in
  /// 2030.
  virtual void FillTokens(std::size_t count) = 0;
};

struct PeopleStoreFactory {
  std::string name;
  std::function<std::unique_ptr<PeopleStoreUnderTest>(std::string* why)> make;
};

inline void PrintTo(const PeopleStoreFactory& factory, std::ostream* out) { *out << factory.name; }

/// What every PeopleStore must do.
class PeopleStoreSuite : public ::testing::TestWithParam<PeopleStoreFactory> {
 protected:
  using Hours = std::chrono::hours;
  using Seconds = std::chrono::seconds;

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
  core::PeopleStore& store() { return under_test_->store(); }
  [[nodiscard]] WallTime In(std::chrono::microseconds time) const {
    return WallTime{under_test_->now().micros + time.count()};
  }
  core::AccessRecords Book() {
    auto records = under_test_->access().Load(Soon());
    EXPECT_TRUE(records.ok()) << records.error().ToString();
    return records.ok() ? *records : core::AccessRecords{};
  }
  std::int64_t Version() {
    const auto version = under_test_->access().LoadVersion(Soon());
    EXPECT_TRUE(version.ok()) << version.error().ToString();
    return version.ok() ? *version : -1;
  }
  std::vector<core::AuditEvent> Events() { return under_test_->Events(); }
  static void ExpectOk(const Status& status) {
    EXPECT_TRUE(status.ok()) << status.error().ToString();
  }
  template <typename T>
  static Status StatusOf(const Result<T>& result) {
    return result.ok() ? Status{} : Status{result.error()};
  }
  /// Expects that `change` fails so, and that nothing is changed or told.
  void ExpectRefused(const Status& refused, ErrorCode code, std::int64_t version) {
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, code) << refused.error().ToString();
    EXPECT_EQ(Version(), version);
  }
  static core::AuditNote Note() {
    core::AuditNote note;
    note.actor = "person:root";
    note.action = "test";
    return note;
  }
  static core::PersonProfile PersonOf(const std::string& name,
                                      core::PersonRole role = core::PersonRole::kViewer) {
    core::PersonProfile person;
    person.person.name = name;
    person.person.role = role;
    return person;
  }
  void Put(const core::PersonProfile& person) { ExpectOk(store().Put(person, Note(), Soon())); }
  Status TryPut(const core::PersonProfile& person) { return store().Put(person, Note(), Soon()); }
  void SetPassword(const std::string& name, bool must_change = false,
                   const std::string& keep = "") {
    ExpectOk(store().SetPassword({name, "hash of " + name, must_change, keep}, Note(), Soon()));
  }
  core::Token TokenOf(const std::string& id, const std::string& person, bool is_session) {
    core::Token token;
    token.id = id;
    token.hash = std::string(31, 'S') + id.back();
    token.person = person;
    token.is_session = is_session;
    token.created_by = "person:" + person;
    token.note = "n";
    token.expires_at = In(Hours{12});
    return token;
  }
  Status TryToken(const core::Token& token) {
    return StatusOf(store().AddToken(token, Note(), Soon()));
  }
  void AddToken(const std::string& id, const std::string& person, bool is_session = true) {
    ExpectOk(TryToken(TokenOf(id, person, is_session)));
  }
  core::SignInFacts Facts(const std::string& name) {
    const auto facts = store().FindForSignIn(name, Soon());
    EXPECT_TRUE(facts.ok()) << facts.error().ToString();
    EXPECT_TRUE(facts.ok() && facts->has_value()) << name;
    return facts.ok() && *facts ? **facts : core::SignInFacts{};
  }
  std::vector<std::string> TokenIds() {
    std::vector<std::string> ids;
    for (const core::Token& token : Book().tokens) {
      if (!token.person.empty()) ids.push_back(token.id);
    }
    return ids;
  }
  bool CountAttempt(const std::string& name, int failures) {
    const auto counted = store().CountAttempt(name, failures, Soon());
    EXPECT_TRUE(counted.ok()) << counted.error().ToString();
    return counted.ok() && *counted;
  }

  std::unique_ptr<PeopleStoreUnderTest> under_test_;
};

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(PeopleStoreSuite);

}  // namespace lanemq::testing

// IWYU pragma: begin_exports
#include "tests/conformance/people_store_people_cases.h"
#include "tests/conformance/people_store_token_cases.h"
// IWYU pragma: end_exports
