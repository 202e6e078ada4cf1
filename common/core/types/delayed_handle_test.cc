#include "common/core/types/delayed_handle.h"

#include <limits>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "common/base/random.h"

namespace lanemq::core {
namespace {

constexpr int kRounds = 300;

class DelayedHandleTest : public ::testing::Test {
 protected:
  DelayedHandleTest() { RecordProperty("seed", std::to_string(seed_)); }

  // Numbers of every length: small ones are what handles are made of in practice.
  std::int64_t AnyNumber() { return random_.PositiveId() >> random_.Below(63); }
  DelayedId AnyId() {
    return {{TopicId{AnyNumber()}, static_cast<std::int32_t>(AnyNumber() & 0x7fffffff)},
            WallTime{AnyNumber()},
            ProducerId{AnyNumber()},
            AnyNumber()};
  }

  const std::uint64_t seed_ = static_cast<std::uint64_t>(Random::FromSystem().PositiveId());
  Random random_{seed_};
};

bool IsRefused(const std::string& handle) {
  const auto id = FromHandle(handle);
  return !id.ok() && id.error().code == ErrorCode::kInvalidRequest;
}

TEST_F(DelayedHandleTest, EveryIdComesBack) {
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  std::vector<DelayedId> ids = {{},
                                {{TopicId{kMax}, std::numeric_limits<std::int32_t>::max()},
                                 WallTime{kMax},
                                 ProducerId{kMax},
                                 kMax},
                                {{TopicId{-1}, -1}, WallTime{-1}, ProducerId{-1}, -1}};
  for (int i = 0; i < kRounds; ++i) ids.push_back(AnyId());
  std::set<std::string> handles;
  for (const DelayedId& id : ids) {
    const std::string handle = ToHandle(id);
    EXPECT_EQ(handle.size(), kDelayedHandleBytes);
    EXPECT_EQ(handle.find_first_not_of(
                  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
              std::string::npos)
        << handle;
    const auto back = FromHandle(handle);
    ASSERT_TRUE(back.ok()) << handle;
    EXPECT_EQ(*back, id);
    handles.insert(handle);
  }
  EXPECT_EQ(handles.size(), std::set<DelayedId>(ids.begin(), ids.end()).size());
}

TEST_F(DelayedHandleTest, EveryWrongCharacterIsFound) {
  for (int i = 0; i < kRounds; ++i) {
    const std::string handle = ToHandle(AnyId());
    for (std::size_t at = 0; at < handle.size(); ++at) {
      std::string wrong = handle;
      wrong[at] = static_cast<char>(random_.Below(256));
      if (wrong == handle) continue;
      EXPECT_TRUE(IsRefused(wrong)) << handle << " and " << wrong << ", seed " << seed_;
    }
  }
}

TEST_F(DelayedHandleTest, SwappedCharactersAreFound) {
  for (int i = 0; i < kRounds; ++i) {
    const std::string handle = ToHandle(AnyId());
    for (std::size_t at = 0; at + 1 < handle.size(); ++at) {
      std::string wrong = handle;
      std::swap(wrong[at], wrong[at + 1]);
      if (wrong == handle) continue;
      EXPECT_TRUE(IsRefused(wrong)) << handle << " and " << wrong << ", seed " << seed_;
    }
  }
}

TEST_F(DelayedHandleTest, OtherLengthsAreRefused) {
  const std::string handle = ToHandle(AnyId());
  for (std::size_t length = 0; length < handle.size(); ++length) {
    EXPECT_TRUE(IsRefused(handle.substr(0, length)));
  }
  EXPECT_TRUE(IsRefused(handle + "A"));
  EXPECT_TRUE(IsRefused(handle + handle));
  EXPECT_TRUE(IsRefused(" " + handle.substr(1)));
}

}  // namespace
}  // namespace lanemq::core
