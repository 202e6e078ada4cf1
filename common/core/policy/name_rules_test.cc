#include "common/core/policy/name_rules.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/random.h"

namespace lanemq::core {
namespace {

using ::testing::HasSubstr;

const std::vector<std::string> kReserved = {".retry", ".dlq"};

struct NameCase {
  std::string name;
  std::string fault;  ///< A part of one of them; empty: none.
  std::string fix;    ///< Empty: there is none.
};

void ExpectNames(const std::vector<NameCase>& cases, const NameRule* rule,
                 const std::string& owner = "") {
  const NameContext context{rule, kReserved, owner};
  for (const NameCase& c : cases) {
    SCOPED_TRACE("'" + c.name + "'");
    const std::vector<std::string> faults = NameFaults(c.name, context);
    if (c.fault.empty()) {
      EXPECT_THAT(faults, ::testing::IsEmpty());
      continue;
    }
    EXPECT_THAT(faults, ::testing::Contains(HasSubstr(c.fault)));
    EXPECT_EQ(FixName(c.name, context).value_or(""), c.fix);
  }
}

TEST(NameRulesTest, WithoutARuleNamesAreKafkas) {
  ExpectNames(
      {
          {"orders", "", ""},
          {"Orders_Paid-2.x", "", ""},
          {"", "is empty", ""},
          {".", "is not allowed", ""},
          {"..", "is not allowed", ""},
          {"a b", "has characters other than", "a-b"},
          {"caf\xc3\xa9", "has characters other than", "caf--"},
          {std::string(249, 'x'), "", ""},
          {std::string(250, 'x'), "has 250 characters", std::string(249, 'x')},
          {"orders.dlq", "ends with '.dlq'", "orders"},
          {"orders.DLQ", "ends with '.dlq'", "orders"},
          {"orders.dlq.retry", "ends with '.retry'", "orders"},
          {".dlq", "ends with '.dlq'", ""},
          {"dlq", "", ""},
          {"orders.dlq.v2", "", ""},
      },
      nullptr);
}

TEST(NameRulesTest, SegmentsAreOfTheRulesLettersAndNumber) {
  const NameRule rule{.segments_min = 2, .segments_max = 3, .prefixes = {}};
  ExpectNames(
      {
          {"payments.orders", "", ""},
          {"payments.orders.v2", "", ""},
          {"payments.orders-paid", "", ""},
          {"Orders_Paid", "has upper-case letters", "orders.paid"},
          {"payments.Orders_Paid", "has upper-case letters", "payments.orders-paid"},
          {"payments.OrdersPaid", "has upper-case letters", "payments.orders-paid"},
          {"payments.HTTPErrors", "has upper-case letters", "payments.httperrors"},
          {"payments.orders paid", "has the character ' '", "payments.orders-paid"},
          {"payments.orders_paid", "has the character '_'", "payments.orders-paid"},
          {"payments.orders__paid", "has the character '_'", "payments.orders-paid"},
          {"payments.-orders-", "does not begin with a letter", "payments.orders"},
          {"payments.orders-", "ends with '-'", "payments.orders"},
          {"payments.orders.2", "does not begin with a letter", "payments.orders.v2"},
          {"payments..orders", "has an empty segment", "payments.orders"},
          {".payments.orders", "has an empty segment", "payments.orders"},
          {"payments.orders.", "has an empty segment", "payments.orders"},
          {"orders", "has 1 segments", ""},
          {"orders-paid", "has 1 segments", "orders.paid"},
          {"a.b.c.d.e", "has 5 segments", ""},
          {"aa.bb.cc.dd", "has 4 segments", "aa.bb.cc-dd"},
          {"payments.o", "less than 2 characters", ""},
          {"payments.o.paid", "less than 2 characters", "payments-o.paid"},
          {"payments." + std::string(42, 'x'), "more than 41 characters",
           "payments." + std::string(41, 'x')},
          {"payments.orders.dlq", "ends with '.dlq'", "payments.orders"},
          {"caf\xc3\xa9.orders", "has the character", "caf.orders"},
          {"\xe6\x94\xaf\xe4\xbb\x98.orders", "has the character", ""},
          {"payments.'; DROP TABLE t", "has the character", "payments.drop-table-t"},
          {"<script>.alert(1)", "has the character", "script.alert-1"},
      },
      &rule);
}

TEST(NameRulesTest, OtherRulesGiveOtherFixes) {
  const NameRule plain{.segments_max = 1, .prefixes = {}};
  ExpectNames({{"Orders_Paid", "has upper-case letters", "orders-paid"},
               {"orders", "", ""},
               {"orders.paid", "has 2 segments", "orders-paid"}},
              &plain);
  const NameRule low{.punctuation = "_", .prefixes = {}};
  ExpectNames({{"orders-paid", "has the character '-'", "orders_paid"}, {"orders_paid", "", ""}},
              &low);
  const NameRule bare{.punctuation = "", .prefixes = {}};
  ExpectNames({{"orders-paid", "has the character '-'", "orderspaid"}}, &bare);
  const NameRule upper{.punctuation = "-_", .allows_upper_case = true, .prefixes = {}};
  ExpectNames({{"Orders_Paid", "", ""}, {"Orders Paid", "has the character ' '", "Orders-Paid"}},
              &upper);
  const NameRule small{.bytes_max = 10, .prefixes = {}};
  ExpectNames({{"orders-of-today", "has 15 characters", "orders-of"}}, &small);
}

TEST(NameRulesTest, NamesBeginWithTheirOwnerOrAPrefix) {
  const NameRule owned{.segments_min = 2, .begins_with_owner = true, .prefixes = {}};
  ExpectNames(
      {
          {"payments.orders", "", ""},
          {"orders", "does not begin with its owner", "payments.orders"},
          {"Orders_Paid", "does not begin with its owner", "payments.orders-paid"},
          {"billing.orders", "does not begin with its owner", "payments.billing.orders"},
          {"paymentsorders.x", "does not begin with its owner", "payments.paymentsorders-x"},
          {"Payments.Orders", "has upper-case letters", "payments.orders"},
      },
      &owned, "payments");
  ExpectNames({{"payments.orders", "has none", ""}}, &owned);
  ExpectNames({{"orders", "does not begin with its owner: 'pay-team.'", "pay-team.orders"}}, &owned,
              "pay_team");
  const NameRule prefixed{.prefixes = {"acme.", "lab."}};
  ExpectNames({{"acme.orders", "", ""},
               {"lab.x-ray", "", ""},
               {"orders", "does not begin with acme. or lab.", "acme.orders"},
               {"ACME.Orders", "has upper-case letters", "acme.orders"}},
              &prefixed);
}

TEST(NameRulesTest, NumbersTellEqualNamesApartWithinTheLimits) {
  const NameRule rule{.segment_bytes_max = 8, .bytes_max = 12, .prefixes = {}};
  const NameContext context{&rule, kReserved, ""};
  EXPECT_EQ(FixName("orders", context, 2), "orders-2");
  EXPECT_EQ(FixName("payments", context, 17), "payme-17");
  EXPECT_EQ(FixName("aaa.payments", context, 2), "aaa.paymen-2");
  EXPECT_EQ(FixName(std::string(249, 'x'), {nullptr, kReserved, ""}, 20),
            std::string(246, 'x') + "-20");
}

TEST(NameRulesTest, TheRuleIsToldInWords) {
  const NameRule rule{.segments_min = 2, .begins_with_owner = true, .prefixes = {}};
  EXPECT_EQ(NameRuleInWords({&rule, kReserved, ""}),
            "2 to 4 segments between dots, each 2 to 41 of a-z 0-9 - and beginning with a letter, "
            "100 characters at most; the first is the owning team; not ending with .retry or .dlq");
  EXPECT_EQ(NameRuleInWords({}), "1 to 249 of a-z A-Z 0-9 . _ -");
}

// Whatever somebody types, and whatever the rule: a fix has no faults, and is its own fix.
TEST(NameRulesTest, AFixHasNoFaultsWhateverIsTyped) {
  int fixed = 0;
  for (std::uint64_t seed = 1; seed <= 20'000; ++seed) {
    Random random(seed);
    const auto between = [&](std::int64_t low, std::int64_t high) {
      return low +
             static_cast<std::int64_t>(random.Below(static_cast<std::uint64_t>(high - low + 1)));
    };
    NameRule rule;
    rule.segments_min = between(1, 3);
    rule.segments_max = between(rule.segments_min, 5);
    rule.segment_bytes_min = between(1, 4);
    rule.segment_bytes_max = between(rule.segment_bytes_min, 20);
    rule.bytes_max = between(rule.segments_min * (rule.segment_bytes_min + 1), 60);
    constexpr const char* kMarks[] = {"", "-", "_", "-_"};
    rule.punctuation = kMarks[random.Below(4)];
    rule.allows_upper_case = random.Below(4) == 0;
    rule.begins_with_owner = random.Below(3) == 0;
    if (!rule.begins_with_owner && random.Below(3) == 0) rule.prefixes = {"acme.", "lab"};
    constexpr std::string_view kTyped = "aabcdexyzABZ0129.._-- '\";<\xc3\xa9/";
    std::string name;
    for (std::int64_t i = between(0, 30); i > 0; --i) name += kTyped[random.Below(kTyped.size())];
    if (random.Below(5) == 0) name += ".dlq";
    const NameContext context{&rule, kReserved, random.Below(2) == 0 ? "payments" : "x_1"};
    const int number = static_cast<int>(random.Below(3));
    const std::optional<std::string> fix = FixName(name, context, number);
    if (!fix) continue;
    ++fixed;
    ASSERT_THAT(NameFaults(*fix, context), ::testing::IsEmpty())
        << "seed " << seed << ": '" << name << "' -> '" << *fix << "'";
    ASSERT_EQ(FixName(*fix, context), fix) << "seed " << seed;
  }
  EXPECT_GT(fixed, 5'000);
}

}  // namespace
}  // namespace lanemq::core
