#include "common/base/secure.h"

#include <algorithm>
#include <array>
#include <set>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace lanemq {
namespace {

std::string Hex(const std::string& bytes) {
  std::string out;
  for (const char c : bytes) out += fmt::format("{:02x}", static_cast<std::uint8_t>(c));
  return out;
}

TEST(SecureTest, Sha256IsThatOfTheStandard) {
  EXPECT_EQ(Hex(Sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Hex(Sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Hex(Sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(Hex(Sha256(std::string(1'000'000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(SecureTest, Sha256LooksAtBytesBehindAZero) {
  EXPECT_NE(Sha256(std::string("a\0b", 3)), Sha256(std::string("a\0c", 3)));
}

TEST(SecureTest, RandomBytesAreFilledToTheLastAndNeverTheSame) {
  std::set<std::array<std::uint8_t, 32>> seen;
  for (int i = 0; i < 1'000; ++i) {
    std::array<std::uint8_t, 32> bytes{};
    SecureRandom(bytes);
    EXPECT_TRUE(seen.insert(bytes).second);
  }
  for (std::size_t at = 0; at < 32; ++at) {
    EXPECT_TRUE(std::any_of(seen.begin(), seen.end(), [&](const auto& b) { return b[at] != 0; }))
        << at;
  }
}

TEST(SecureTest, MoreBytesThanTheSystemGivesAtOnceAreFilledToo) {
  // An interrupted or capped getrandom() returns fewer bytes than asked for.
  std::vector<std::uint8_t> bytes(40u << 20);
  SecureRandom(bytes);
  const auto tail = std::span(bytes).last(64);
  EXPECT_TRUE(std::any_of(tail.begin(), tail.end(), [](std::uint8_t byte) { return byte != 0; }));
  SecureRandom({});
}

}  // namespace
}  // namespace lanemq
