#include "tests/fuzz/fuzz_rpc.h"

#include <string>

#include <gtest/gtest.h>

#include "common/base/random.h"
#include "tests/fuzz/seeds.h"

namespace lanemq::fuzz {
namespace {

void RunOne(const std::string& input) {
  FuzzRpc({reinterpret_cast<const std::uint8_t*>(input.data()), input.size()});
}

// A few of libFuzzer's mutations.
std::string Mutate(std::string input, const std::vector<std::string>& seeds, Random& random) {
  const std::uint64_t times = 1 + random.Below(6);
  for (std::uint64_t i = 0; i < times && !input.empty(); ++i) {
    const std::size_t at = random.Below(input.size());
    switch (random.Below(6)) {
      case 0:
        input[at] = static_cast<char>(random.Below(256));
        break;
      case 1:
        input[at] = static_cast<char>(input[at] ^ (1 << random.Below(8)));
        break;
      case 2:
        input.erase(at, 1 + random.Below(8));
        break;
      case 3:
        input.insert(at, 1 + random.Below(8), static_cast<char>(random.Below(256)));
        break;
      case 4:
        input.replace(at, 4, std::string("\x7f\xff\xff\xff", 4));
        break;
      default: {
        const std::string& other = seeds[random.Below(seeds.size())];
        input += other.substr(random.Below(other.size()));
      }
    }
  }
  return input;
}

TEST(FuzzRpcTest, SeedsKeepEveryInvariant) {
  EXPECT_GT(Seeds().size(), 40u);
  for (const std::string& seed : Seeds()) RunOne(seed);
}

TEST(FuzzRpcTest, MutationsKeepEveryInvariant) {
  const std::uint64_t seed = Random::FromSystem().Below(1'000'000'000);
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  Random random(seed);
  const std::vector<std::string> seeds = Seeds();
  for (int i = 0; i < 5'000; ++i) RunOne(Mutate(seeds[random.Below(seeds.size())], seeds, random));
}

}  // namespace
}  // namespace lanemq::fuzz
