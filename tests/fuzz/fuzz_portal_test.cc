#include "tests/fuzz/fuzz_portal.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "common/base/random.h"
#include "portal/api/routes/route.h"

namespace lanemq::fuzz {
namespace {

// Each route with a path that fits, and bodies of all kinds.
std::vector<std::string> Seeds() {
  const std::vector<std::string> bodies = {
      "",
      "{}",
      R"({"name":"t","partitions":3,"config":{"a":"b"},"reason":"r"})",
      R"({"partitions":[{"topic":"t","partition":0,"messages":[{"key":"k","body_base64":"/wE="}]}]})",
      R"({"filter":{"group":"g","from_us":"12"},"max_count":3})",
      std::string("\x0b\x00\x01\x00\x00\x00\x01t\x0f\x00\x02\x0c\x00\x00\x00\x01\x00\x00", 18)};
  std::vector<std::string> seeds;
  for (const portal::Route& route : portal::Routes()) {
    std::string path(route.path);
    for (std::size_t open = path.find('{'); open != std::string::npos; open = path.find('{')) {
      path.replace(open, path.find('}') - open + 1, "%2e1");
    }
    for (const std::string& body : bodies) {
      seeds.push_back(std::string(route.method) + " " + path + "?limit=3&reason=a%20b\n" + body);
    }
  }
  return seeds;
}

std::string Mutated(std::string input, Random& random) {
  for (std::uint64_t i = 1 + random.Below(5); i > 0 && !input.empty(); --i) {
    const std::size_t at = random.Below(input.size());
    switch (random.Below(4)) {
      case 0:
        input[at] = static_cast<char>(random.Below(256));
        break;
      case 1:
        input.erase(at, 1 + random.Below(4));
        break;
      case 2:
        input.insert(at, 1 + random.Below(40), "[{\",:%/.0"[random.Below(9)]);
        break;
      default:
        input += input.substr(at, 1 + random.Below(30));
    }
  }
  return input;
}

TEST(FuzzPortalTest, SeedsKeepEveryInvariant) {
  EXPECT_GT(Seeds().size(), 400u);
  for (const std::string& seed : Seeds()) FuzzPortal(seed);
}

TEST(FuzzPortalTest, MutationsKeepEveryInvariant) {
  const std::uint64_t seed = Random::FromSystem().Below(1'000'000'000);
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  const std::vector<std::string> seeds = Seeds();
  for (int i = 0; i < 20'000; ++i) FuzzPortal(Mutated(seeds[random.Below(seeds.size())], random));
}

}  // namespace
}  // namespace lanemq::fuzz
