#include "portal/api/transcode/base64.h"

#include <gtest/gtest.h>

#include "common/base/random.h"

namespace lanemq::portal {
namespace {

TEST(Base64Test, IsAsTheStandardHasIt) {
  EXPECT_EQ(ToBase64(""), "");
  EXPECT_EQ(ToBase64("f"), "Zg==");
  EXPECT_EQ(ToBase64("fo"), "Zm8=");
  EXPECT_EQ(ToBase64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(ToBase64("\xff\x01"), "/wE=");
  EXPECT_EQ(ToHex("\xff\x01"), "ff01");
}

TEST(Base64Test, ReadsWhatItWrote) {
  Random random(4711);
  for (int i = 0; i < 300; ++i) {
    std::string bytes;
    for (std::uint64_t n = random.Below(40); n > 0; --n) {
      bytes += static_cast<char>(random.Below(256));
    }
    EXPECT_EQ(FromBase64(ToBase64(bytes)), bytes);
  }
}

TEST(Base64Test, RefusesEveryOtherForm) {
  for (const char* text :
       {"Z", "Zg", "Zg=", "Zg===", "Zh==", "====", "Z===", "Zg==Zg==", "Zm9v ", "Zm9_", "Zm\n9"}) {
    EXPECT_FALSE(FromBase64(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace lanemq::portal
