#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "common/core/store/group_store.h"
#include "tests/support/note.h"

namespace lanemq::testing {

/// A store to be tested, on a clock that the test moves.
class GroupStoreUnderTest {
 public:
  virtual ~GroupStoreUnderTest() = default;
  virtual core::GroupStore& store() = 0;
  /// Moves the store's (the database's) time forward.
  virtual void Advance(std::chrono::milliseconds by) = 0;
  /// Ends the term of the lease, if any, and begins the next one.
  virtual core::Fence NewTerm(const std::string& lease) = 0;
  /// The audit log, the oldest event first.
  virtual std::vector<core::AuditEvent> Audited() = 0;
  /// Statements that lost a race inside the database (deadlock, lock wait) so far.
  virtual std::int64_t LostRaces() { return 0; }
  /// Runs an UPDATE that no store does. False: the store has no such rows.
  virtual bool Damage(const std::string& update) { return update.empty(); }
};

struct GroupStoreFactory {
  std::string name;
  std::function<std::unique_ptr<GroupStoreUnderTest>(std::string* why)> make;
};

inline void PrintTo(const GroupStoreFactory& factory, std::ostream* out) { *out << factory.name; }

/// What every GroupStore must do. The tests are in group_store_suite.cc and
/// group_store_load_suite.cc.
class GroupStoreSuite : public ::testing::TestWithParam<GroupStoreFactory> {
 protected:
  void SetUp() override {
    std::string why;
    under_test_ = GetParam().make(&why);
    if (under_test_ == nullptr)
      GTEST_SKIP() << "SKIPPED LOUDLY: " << GetParam().name << ": " << why;
  }
  static Deadline Soon() {
    return Deadline::After(SystemClock::Instance(), std::chrono::seconds{20});
  }
  core::GroupStore& store() { return under_test_->store(); }
  void Advance(int ms) { under_test_->Advance(std::chrono::milliseconds{ms}); }
  /// The next term of the lease of the group's slot.
  core::Fence TermOf(const std::string& group_id) {
    return under_test_->NewTerm(core::GroupSlotLease(core::GroupSlot(group_id)));
  }

  /// Group ids of one slot.
  static std::vector<std::string> InOneSlot(std::size_t count) {
    std::vector<std::string> ids = {"first"};
    for (int i = 0; ids.size() < count; ++i) {
      std::string id = "group-" + std::to_string(i);
      if (core::GroupSlot(id) == core::GroupSlot(ids.front())) ids.push_back(std::move(id));
    }
    return ids;
  }
  static core::StoredMember MemberOf(const std::string& member_id) {
    core::StoredMember stored;
    stored.member.member_id = member_id;
    stored.member.subscription.topics = {"orders"};
    stored.protocols = {"range"};
    stored.client_id = "client";
    stored.host = "10.0.0.1:4711:1700000000:99";
    return stored;
  }
  /// Stable, with these members.
  static core::StoredGroup GroupOf(const std::string& group_id, std::int64_t generation,
                                   const std::vector<std::string>& member_ids) {
    core::StoredGroup group;
    group.group_id = group_id;
    group.state = core::GroupState::kStable;
    group.generation = core::Generation{generation};
    group.protocol = "range";
    for (const std::string& id : member_ids) group.members.push_back(MemberOf(id));
    if (!member_ids.empty()) group.leader = member_ids.front();
    return group;
  }
  static core::StoredGroup EmptyGroup(const std::string& group_id, std::int64_t generation) {
    core::StoredGroup group;
    group.group_id = group_id;
    group.generation = core::Generation{generation};
    return group;
  }

  void WriteOk(const core::StoredGroup& group, const core::Fence& fence) {
    const Status written = store().Write(group, fence, Soon());
    EXPECT_TRUE(written.ok()) << written.error().ToString();
  }
  std::optional<core::StoredGroup> LoadOk(const std::string& group_id) {
    auto loaded = store().Load(group_id, Soon());
    EXPECT_TRUE(loaded.ok()) << loaded.error().ToString();
    return loaded.ok() ? *std::move(loaded) : std::nullopt;
  }
  std::vector<std::string> MemberIds(const std::string& group_id) {
    std::vector<std::string> ids;
    const auto group = LoadOk(group_id);
    EXPECT_TRUE(group.has_value());
    if (!group) return ids;
    for (const auto& member : group->members) ids.push_back(member.member.member_id);
    return ids;
  }
  std::vector<core::GroupRebalance> HistoryOk(const std::string& group_id,
                                              std::size_t max = 1'000) {
    auto history = store().History(group_id, max, Soon());
    EXPECT_TRUE(history.ok()) << history.error().ToString();
    return history.ok() ? *std::move(history) : std::vector<core::GroupRebalance>{};
  }
  std::vector<std::string> EmptyFor(int ms) {
    auto ids = store().EmptyFor(std::chrono::milliseconds{ms}, Soon());
    EXPECT_TRUE(ids.ok()) << ids.error().ToString();
    return ids.ok() ? *std::move(ids) : std::vector<std::string>{};
  }
  static void ExpectError(const Status& status, ErrorCode code) {
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code, code) << status.error().ToString();
  }

  std::unique_ptr<GroupStoreUnderTest> under_test_;
};

}  // namespace lanemq::testing
