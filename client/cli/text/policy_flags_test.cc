#include "client/cli/text/policy_flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lanemq::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

idl::RetryPolicy Changed(const idl::RetryPolicy& present, const PolicyFlags& flags) {
  const auto policy = ChangePolicy(present, flags);
  EXPECT_TRUE(policy.ok());
  return policy.ok() ? *policy : idl::RetryPolicy();
}

std::string Complaint(const PolicyFlags& flags) {
  const auto policy = ChangePolicy({}, flags);
  return policy.ok() ? "" : policy.error().message;
}

TEST(PolicyFlags, FieldsThatAreNotGivenStay) {
  idl::RetryPolicy present;
  present.__set_max_attempts(3);
  present.__set_fatal_reasons({"bad_json"});
  present.__set_jitter(0.5);
  const idl::RetryPolicy policy = Changed(present, {.first_delay = "500ms", .multiplier = 3});
  EXPECT_EQ(policy.max_attempts, 3);
  EXPECT_EQ(policy.first_delay_ms, 500);
  EXPECT_EQ(policy.multiplier, 3);
  EXPECT_EQ(policy.max_delay_ms, 3'600'000);  // The default, spelled out.
  EXPECT_EQ(policy.jitter, 0.5);
  EXPECT_THAT(policy.fatal_reasons, ElementsAre("bad_json"));
}

TEST(PolicyFlags, ListsOfTimesAndGrowthReplaceEachOther) {
  const idl::RetryPolicy listed = Changed({}, {.delays = "1s,5s,1m"});
  EXPECT_THAT(listed.delays_ms, ElementsAre(1'000, 5'000, 60'000));
  EXPECT_THAT(Changed(listed, {.max_attempts = 9}).delays_ms, ElementsAre(1'000, 5'000, 60'000));
  EXPECT_THAT(Changed(listed, {.max_delay = "1m"}).delays_ms, IsEmpty());
  EXPECT_THAT(Complaint({.multiplier = 2, .delays = "1s"}), HasSubstr("--delays names every"));
}

TEST(PolicyFlags, AnyReasonForgetsTheLists) {
  const idl::RetryPolicy strict = Changed({}, {.fatal_reasons = {"a"}, .retryable_reasons = {"b"}});
  EXPECT_THAT(strict.retryable_reasons, ElementsAre("b"));
  const idl::RetryPolicy open = Changed(strict, {.has_any_reason = true});
  EXPECT_THAT(open.fatal_reasons, IsEmpty());
  EXPECT_THAT(open.retryable_reasons, IsEmpty());
  EXPECT_FALSE(Complaint({.fatal_reasons = {"a"}, .has_any_reason = true}).empty());
}

TEST(PolicyFlags, NamesTheFlagThatIsWrong) {
  EXPECT_THAT(Complaint({.first_delay = "soon"}), HasSubstr("--first-delay: 'soon'"));
  EXPECT_THAT(Complaint({.max_delay = "1us"}), HasSubstr("--max-delay: '1us'"));
  EXPECT_THAT(Complaint({.delays = "1s,,2s"}), HasSubstr("--delays: ''"));
  EXPECT_THAT(Complaint({.max_attempts = 1, .should_unset = true}), HasSubstr("--unset"));
  EXPECT_EQ(Complaint({.should_unset = true}), "");
  EXPECT_FALSE(ChangesPolicy({.group = "g", .topic = "t"}));
  EXPECT_TRUE(ChangesPolicy({.jitter = 0}));
}

TEST(PolicyText, DelaysReadLikeTheyAreTyped) {
  for (const auto& [millis, text] :
       std::vector<std::pair<std::int64_t, std::string>>{{0, "0ms"},
                                                         {1, "1ms"},
                                                         {1'500, "1s500ms"},
                                                         {90'000, "1m30s"},
                                                         {3'600'000, "1h"},
                                                         {2'592'000'000, "30d"}}) {
    EXPECT_EQ(DelayText(millis), text);
    const auto back = ParseDelay(text);
    ASSERT_TRUE(back.ok()) << text;
    EXPECT_EQ(*back, millis);
  }
}

TEST(PolicyText, ShowsHowLongTheWaitsAre) {
  EXPECT_EQ(DelaysText({}), "1s, 2s, 4s, ... up to 1h");
  EXPECT_EQ(DelaysText(Changed({}, {.delays = "1s,5s,1m"})), "1s, 5s, then 1m");
  EXPECT_EQ(DelaysText(Changed({}, {.delays = "1s"})), "1s");
  EXPECT_EQ(DelaysText(Changed({}, {.first_delay = "1s", .max_delay = "3s"})), "1s, 2s, then 3s");
  EXPECT_EQ(DelaysText(Changed({}, {.first_delay = "5s", .max_delay = "5s"})), "5s");
  EXPECT_EQ(DelaysText(Changed({}, {.first_delay = "5s", .multiplier = 1})), "5s");
  EXPECT_EQ(DelaysText(Changed({}, {.first_delay = "0s"})), "0ms");
}

}  // namespace
}  // namespace lanemq::cli
