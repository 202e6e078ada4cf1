#include "common/base/sealed.h"

#include <algorithm>
#include <fstream>
#include <set>
#include <sys/stat.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"

namespace lanemq {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kHex = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
constexpr const char* kBase64 = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";  // The same key.
constexpr const char* kOtherHex =
    "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100";

class SealedTest : public ::testing::Test {
 protected:
  std::string File(const std::string& text, mode_t mode = 0600) {
    const std::string path = (dir_.path() / "credentials.key").string();
    std::ofstream(path, std::ios::trunc) << text;
    EXPECT_EQ(::chmod(path.c_str(), mode), 0);
    return path;
  }
  SealingKeys Keys(const std::string& text) {
    auto keys = SealingKeys::FromFile(File(text));
    EXPECT_TRUE(keys.ok()) << (keys.ok() ? "" : keys.error().ToString());
    return *std::move(keys);
  }
  std::string Fault(const std::string& text, mode_t mode = 0600) {
    const auto keys = SealingKeys::FromFile(File(text, mode));
    EXPECT_FALSE(keys.ok());
    if (keys.ok()) return {};
    EXPECT_EQ(keys.error().code, ErrorCode::kInvalidConfig);
    return keys.error().message;
  }

  testing::TempDir dir_;
};

TEST_F(SealedTest, WhatIsSealedCanBeOpenedAgainForItsContextAlone) {
  const SealingKeys keys = Keys(kHex);
  for (const std::string& secret :
       {std::string("hunter2"), std::string(), std::string("a\0b", 3), std::string(10'000, 'x')}) {
    const std::string sealed = keys.Seal(secret, "node n1");
    EXPECT_EQ(sealed.size(), secret.size() + kSealOverheadBytes);
    const auto opened = keys.Open(sealed, "node n1");
    ASSERT_TRUE(opened.ok()) << opened.error().ToString();
    EXPECT_EQ(*opened, secret);
    EXPECT_EQ(keys.Open(sealed, "node n2").error().code, ErrorCode::kCorruptMessage);
  }
}

TEST_F(SealedTest, TheSecretIsNotInWhatIsSealedAndNoTwoAreEqual) {
  const SealingKeys keys = Keys(kHex);
  std::set<std::string> all;
  for (int i = 0; i < 100; ++i) all.insert(keys.Seal("hunter2hunter2", "n1"));
  EXPECT_EQ(all.size(), 100u);
  for (const std::string& sealed : all) EXPECT_THAT(sealed, Not(HasSubstr("hunter2")));
}

TEST_F(SealedTest, AnyChangedByteIsNoticed) {
  const SealingKeys keys = Keys(kHex);
  const std::string sealed = keys.Seal("hunter2", "n1");
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(keys.Open(changed, "n1").ok()) << "byte " << i;
  }
  for (std::size_t size = 0; size < sealed.size(); ++size) {
    EXPECT_FALSE(keys.Open(sealed.substr(0, size), "n1").ok()) << size << " bytes";
  }
  EXPECT_FALSE(keys.Open(sealed + "x", "n1").ok());
}

TEST_F(SealedTest, TheFirstKeySealsAndAllOpen) {
  const SealingKeys old_only = Keys(kHex);
  const SealingKeys old_first = Keys(std::string(kHex) + "\n" + kOtherHex + "\n");
  const SealingKeys new_first = Keys(std::string(kOtherHex) + "\n" + kHex + "\n");
  const SealingKeys new_only = Keys(kOtherHex);
  const std::string before = old_only.Seal("hunter2", "n1");
  const std::string after = new_first.Seal("hunter2", "n1");
  EXPECT_TRUE(old_first.Open(after, "n1").ok());
  EXPECT_TRUE(new_first.Open(before, "n1").ok());
  EXPECT_TRUE(new_first.IsSealedWithFirst(after));
  EXPECT_FALSE(new_first.IsSealedWithFirst(before));
  EXPECT_FALSE(new_first.IsSealedWithFirst(""));
  const auto lost = new_only.Open(before, "n1");
  ASSERT_FALSE(lost.ok());
  EXPECT_EQ(lost.error().code, ErrorCode::kInvalidConfig);
  // Whoever reads it can tell which key is wanted, by what the servers say they have.
  EXPECT_THAT(lost.error().message, HasSubstr(old_only.Ids().front()));
}

TEST_F(SealedTest, AKeyIsReadInBothNotationsAndNamedByItsHash) {
  const std::string commented = "# made in spring\n\n  " + std::string(kBase64) + "\r\n";
  const SealingKeys keys = Keys(commented);
  // printf '%s' 000102...1f | xxd -r -p | sha256sum
  EXPECT_THAT(keys.Ids(), ::testing::ElementsAre("630dcd2966c43366"));
  EXPECT_TRUE(Keys(kHex).Open(keys.Seal("x", "n"), "n").ok());
}

TEST_F(SealedTest, AFileThatOthersMayReadIsRefused) {
  for (const mode_t mode : {0640, 0604, 0620, 0610, 0644}) {
    EXPECT_THAT(Fault(kHex, mode), HasSubstr("chmod 0600")) << std::oct << mode;
  }
  EXPECT_TRUE(SealingKeys::FromFile(File(kHex, 0400)).ok());
}

TEST_F(SealedTest, FaultsOfTheFileAreNamedWithoutWhatIsInIt) {
  const std::string half(40, 'a');
  for (const std::string& text : {half, std::string(64, 'g'), std::string(44, '='), half + half}) {
    EXPECT_THAT(Fault(std::string(kHex) + "\n" + text),
                AllOf(HasSubstr("line 2"), Not(HasSubstr(half)), Not(HasSubstr("ggg"))));
  }
  EXPECT_THAT(Fault(std::string(kHex) + "\n" + kBase64), HasSubstr("was there before"));
  EXPECT_THAT(Fault(""), HasSubstr("openssl rand -hex 32"));
  EXPECT_THAT(Fault("# nothing\n"), HasSubstr("has no key"));
  EXPECT_THAT(Fault(std::string(20'000, '\n')), HasSubstr("too long"));
  const auto missing = SealingKeys::FromFile((dir_.path() / "none").string());
  ASSERT_FALSE(missing.ok());
  EXPECT_THAT(missing.error().message, HasSubstr("No such file"));
  EXPECT_FALSE(SealingKeys::FromFile(dir_.path().string()).ok());
}

TEST_F(SealedTest, AFileHasSixteenKeysAtMost) {
  std::string text;
  for (char c = 'a'; c < 'a' + 17; ++c) {
    std::string key(64, '0');
    key[0] = "0123456789abcdef"[(c - 'a') % 16];
    key[1] = c == 'a' + 16 ? '1' : '0';
    text += key + "\n";
  }
  EXPECT_THAT(Fault(text), HasSubstr("more than 16"));
  text.resize(text.size() - 65);
  EXPECT_EQ(Keys(text).Ids().size(), 16u);
}

}  // namespace
}  // namespace lanemq
