#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "common/core/store/audit_log.h"

namespace lanemq::testing {

/// A log to be tested, on a clock that the test moves.
class AuditLogUnderTest {
 public:
  virtual ~AuditLogUnderTest() = default;
  virtual core::AuditLog& log() = 0;
  /// Moves the log's (the database's) time forward.
  virtual void Advance(std::chrono::microseconds by) = 0;
  [[nodiscard]] virtual WallTime now() const = 0;
  /// Begins the next term of the lease.
  virtual core::Fence NewTerm(const std::string& lease) = 0;
  /// How many objects events are found under beside their own.
  virtual std::int64_t ObjectRows() = 0;
  /// As a change appends its row: in a transaction, which is then committed or rolled back.
  virtual Status Append(const core::AuditNote& note, const core::AuditedChange& change,
                        bool commit) = 0;
};

struct AuditLogFactory {
  std::string name;
  std::function<std::unique_ptr<AuditLogUnderTest>(std::string* why)> make;
};

inline void PrintTo(const AuditLogFactory& factory, std::ostream* out) { *out << factory.name; }

/// What every AuditLog must do.
class AuditLogSuite : public ::testing::TestWithParam<AuditLogFactory> {
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
  core::AuditLog& log() { return under_test_->log(); }
  static void ExpectOk(const Status& status) {
    EXPECT_TRUE(status.ok()) << status.error().ToString();
  }
  core::AuditPage Search(const core::AuditSearch& search = {}) {
    auto page = log().Search(search, Soon());
    EXPECT_TRUE(page.ok()) << page.error().ToString();
    return page.ok() ? *page : core::AuditPage{};
  }
  static std::vector<std::int64_t> IdsOf(const std::vector<core::AuditEvent>& events) {
    std::vector<std::int64_t> ids;
    for (const core::AuditEvent& event : events) ids.push_back(event.id);
    return ids;
  }
  static core::AuditNote NoteBy(std::string actor, std::string action = "putTeam") {
    core::AuditNote note;
    note.actor = std::move(actor);
    note.action = std::move(action);
    return note;
  }
  /// 144 events of few actors, objects and actions, a second between each.
  void AddMany() {
    for (int i = 0; i < 144; ++i) {
      const core::AuditNote note = NoteBy(i % 3 == 0   ? "person:ann"
                                          : i % 3 == 1 ? "person:bob"
                                                       : "service:setup",
                                          i % 4 < 2 ? "putTeam" : "putGrant");
      const core::AuditedChange change{i % 8 < 4 ? "team" : "topic", i % 16 < 8 ? "a" : "b", "",
                                       "{}"};
      ExpectOk(i % 6 < 5 ? under_test_->Append(note, change, true)
                         : log().AppendDenied(note, change, Soon()));
      under_test_->Advance(std::chrono::seconds{1});
    }
  }
  /// What `search` should find among `all`, without its limit.
  static std::vector<core::AuditEvent> Filter(const std::vector<core::AuditEvent>& all,
                                              const core::AuditSearch& search) {
    std::vector<core::AuditEvent> found;
    for (const core::AuditEvent& event : all) {
      const auto differs = [](const std::string& wanted, const std::string& got) {
        return !wanted.empty() && wanted != got;
      };
      if (differs(search.actor, event.note.actor)) continue;
      if (differs(search.action, event.note.action)) continue;
      if (differs(search.object_kind, event.change.object_kind)) continue;
      if (differs(search.object_name, event.change.object_name)) continue;
      if (search.result && *search.result != event.result) continue;
      if (search.from && event.at < *search.from) continue;
      if (search.until && event.at >= *search.until) continue;
      if (search.before_id && event.id >= *search.before_id) continue;
      found.push_back(event);
    }
    return found;
  }

  std::unique_ptr<AuditLogUnderTest> under_test_;
};

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(AuditLogSuite);

}  // namespace lanemq::testing

// IWYU pragma: begin_exports
#include "tests/conformance/audit_log_cases.h"
#include "tests/conformance/audit_log_search_cases.h"
// IWYU pragma: end_exports
