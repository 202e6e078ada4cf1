#include "common/core/policy/bundle_json.h"

#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/random.h"
#include "common/core/access/access_rules.h"
#include "common/core/policy/policy_rig.h"

namespace lanemq::core {
namespace {

using ::testing::HasSubstr;

std::string Complaint(std::string_view text) {
  const Result<Bundle> bundle = BundleFromText(text);
  if (bundle.ok()) return "";
  EXPECT_EQ(bundle.error().code, ErrorCode::kInvalidRequest);
  return bundle.error().message;
}

std::string ComplaintOfOne(std::string_view change) {
  return Complaint("{\"changes\": [" + std::string(change) + "]}");
}

/// Changes with anything in them that a bundle can say, sensible or not.
class Maker {
 public:
  explicit Maker(std::uint64_t seed) : random_(seed) {}

  Change One() {
    switch (static_cast<ChangeKind>(random_.Below(kChangeKindCount))) {
      case ChangeKind::kCreateTopic:
        return CreateTopicChange{Name(), Text(), Text(), Text(), Number(), Config(), TrafficOr()};
      case ChangeKind::kAlterTopic:
        return AlterTopicChange{Name(), TextOr(), TextOr(), Config(), Texts(), TrafficOr()};
      case ChangeKind::kAddPartitions:
        return AddPartitionsChange{Name(), Number()};
      case ChangeKind::kDeleteTopic:
        return DeleteTopicChange{Name()};
      case ChangeKind::kPutGroup:
        return PutGroupChange{Name(), Text(), Text(), Text()};
      case ChangeKind::kDeleteGroup:
        return DeleteGroupChange{Name()};
      case ChangeKind::kPutGrant:
        return PutGrantChange{GrantOf()};
      case ChangeKind::kRevokeGrant:
        return RevokeGrantChange{Kind(), Name(), Chance(), Who()};
      case ChangeKind::kSetOwner:
        return SetOwnerChange{Kind(), Name(), Text()};
      case ChangeKind::kSetQuota:
        return SetQuotaChange{Name(), Quota()};
      case ChangeKind::kPutTeam:
        return PutTeamChange{TeamOf()};
      case ChangeKind::kDeleteTeam:
        return DeleteTeamChange{Name()};
    }
    return DeleteTeamChange{Name()};
  }

 private:
  bool Chance() { return random_.Below(2) == 0; }
  std::string Name() { return "n" + Text(); }
  std::string Text() {
    static const std::vector<std::string> pieces = {"a", "\"", "\\",    "{",         "]",
                                                    "ü", "\n", "ab.cd", "</script>", "'; DROP"};
    std::string text;
    for (std::uint64_t i = random_.Below(4); i > 0; --i) text += pieces[random_.Below(10)];
    return text;
  }
  std::optional<std::string> TextOr() {
    if (Chance()) return std::nullopt;
    return Text();
  }
  std::vector<std::string> Texts() {
    std::vector<std::string> texts;
    for (std::uint64_t i = random_.Below(3); i > 0; --i) texts.push_back(Text());
    return texts;
  }
  std::int32_t Number() { return static_cast<std::int32_t>(random_.Below(1u << 31)) - 5; }
  std::int64_t Long() { return static_cast<std::int64_t>(random_.Below(1ull << 62)) - 100; }
  TopicConfig Config() {
    TopicConfig config;
    for (std::uint64_t i = random_.Below(3); i > 0; --i) config[Text()] = Text();
    return config;
  }
  std::optional<Traffic> TrafficOr() {
    if (Chance()) return std::nullopt;
    return Traffic{Long(), Long(), static_cast<Ordering>(random_.Below(3))};
  }
  ResourceKind Kind() { return Chance() ? ResourceKind::kTopic : ResourceKind::kGroup; }
  Principal Who() {
    return {Chance() ? PrincipalKind::kService : PrincipalKind::kTeam,
            "p" + std::to_string(random_.Below(9))};
  }
  Grant GrantOf() {
    Grant grant{0, Kind(), Name(), Chance(), Who(), {}, {}};
    if (Chance()) grant.actions = {Action::kProduce, Action::kConsume};
    if (Chance()) grant.expires_at = WallTime{Long()};
    Normalize(grant);
    return grant;
  }
  TeamQuota Quota() {
    TeamQuota quota;
    for (const QuotaField& field : kQuotaFields) {
      if (Chance()) quota.*field.value = Long();
    }
    return quota;
  }
  Team TeamOf() {
    Team team{Name(), Text(), Text(), {}};
    for (std::uint64_t i = random_.Below(3); i > 0; --i) {
      team.members.push_back(
          {"m" + std::to_string(i), Chance() ? TeamRole::kLead : TeamRole::kMember});
    }
    Normalize(team);
    return team;
  }

  Random random_;
};

TEST(BundleJsonTest, AnyBundleComesBackAsItWas) {
  std::set<ChangeKind> kinds;
  for (std::uint64_t seed = 1; seed <= 2'000; ++seed) {
    Maker maker(seed);
    Bundle bundle;
    for (std::uint64_t i = seed % 5; i > 0; --i) {
      bundle.changes.push_back(maker.One());
      kinds.insert(KindOf(bundle.changes.back()));
    }
    const std::string text = BundleToText(bundle);
    const Result<Bundle> again = BundleFromText(text);
    ASSERT_TRUE(again.ok()) << "seed " << seed << ": " << again.error().message << "\n" << text;
    ASSERT_EQ(*again, bundle) << "seed " << seed << "\n" << text;
  }
  EXPECT_EQ(kinds.size(), kChangeKindCount);
}

TEST(BundleJsonTest, ATopicNeedsNoMoreThanAName) {
  const Result<Bundle> bundle =
      BundleFromText(R"({"changes": [{"kind": "create_topic", "name": "orders", "owner": null}]})");
  ASSERT_TRUE(bundle.ok()) << bundle.error().message;
  CreateTopicChange expected;
  expected.name = "orders";
  EXPECT_EQ(*bundle, (Bundle{{expected}}));
}

TEST(BundleJsonTest, SettingsMayBeWholeNumbers) {
  const Result<Bundle> bundle = BundleFromText(
      R"({"changes": [{"kind": "alter_topic", "name": "t", "set": {"retention.ms": 5}}]})");
  ASSERT_TRUE(bundle.ok()) << bundle.error().message;
  EXPECT_EQ(std::get<AlterTopicChange>(bundle->changes[0]).set.at("retention.ms"), "5");
}

TEST(BundleJsonTest, UnknownFieldsAndKindsAreErrorsThatNameTheNearestOne) {
  EXPECT_THAT(Complaint(R"({"change": []})"), HasSubstr("did you mean 'changes'?"));
  EXPECT_THAT(ComplaintOfOne(R"({"kind": "create_topics", "name": "t"})"),
              HasSubstr("changes[0].kind is 'create_topics'; did you mean 'create_topic'?"));
  EXPECT_THAT(ComplaintOfOne(R"({"kind": "create_topic", "name": "t", "partition": 3})"),
              HasSubstr("changes[0] has no field 'partition'; did you mean 'partitions'?"));
  EXPECT_THAT(ComplaintOfOne(R"({"kind": "set_quota", "team": "t", "topic": 3})"),
              HasSubstr("did you mean 'topics'?"));
  EXPECT_THAT(
      ComplaintOfOne(R"({"kind": "create_topic", "name": "t", "traffic": {"messages": 3}})"),
      HasSubstr("changes[0].traffic has no field 'messages'"));
}

TEST(BundleJsonTest, EveryFaultIsNamedAtOnce) {
  const std::string complaint = Complaint(
      R"({"changes": [{"kind": "create_topic", "name": 3, "partitions": 2.5},
          {"kind": "put_grant", "resource": "cluster", "principal": "bob", "actions": ["fly"]},
          {"kind": "add_partitions", "name": "t"}, 7,
          {"kind": "create_topic", "name": "t", "partitions": 5000000000}]})");
  for (const char* part :
       {"changes[0].name is not a text", "changes[0].partitions is not a whole number",
        "changes[1].resource is neither \"topic\" nor \"group\"",
        "changes[1].name is missing or empty", "changes[1].principal is neither",
        "changes[1].actions has 'fly'", "changes[2].partitions is missing",
        "changes[3] is not an object", "changes[4].partitions is beyond"}) {
    EXPECT_THAT(complaint, HasSubstr(part));
  }
}

TEST(BundleJsonTest, WhatIsTooMuchIsRefusedBeforeItIsLookedAt) {
  EXPECT_THAT(Complaint(std::string(kBundleBytesMax + 1, ' ')), HasSubstr("at most"));
  EXPECT_THAT(Complaint(std::string(2'000'000, '[')), HasSubstr("deep"));
  EXPECT_THAT(Complaint("{\"changes\": "), HasSubstr("not JSON"));
  EXPECT_THAT(Complaint("[]"), HasSubstr("it is not an object"));
  std::string many = "{\"changes\": [1";
  for (std::size_t i = 0; i < kBundleChangesMax; ++i) many += ",1";
  EXPECT_THAT(Complaint(many + "]}"), HasSubstr("5001 changes, 5000 at most"));
}

TEST(BundleJsonTest, VeryManyFaultsEndSomewhere) {
  std::string many = "{\"changes\": [1";
  for (int i = 1; i < 5'000; ++i) many += ",1";
  const std::string complaint = Complaint(many + "]}");
  EXPECT_LT(complaint.size(), 5'000u);
  EXPECT_THAT(complaint, HasSubstr("; and more"));
}

TEST(BundleJsonTest, BracketsInTextsAreNoDepth) {
  EXPECT_EQ(ComplaintOfOne(R"({"kind": "delete_topic", "name": "[[[[[[[[{{{{\"[[[["})"), "");
}

}  // namespace
}  // namespace lanemq::core
