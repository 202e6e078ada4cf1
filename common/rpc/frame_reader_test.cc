#include "common/rpc/frame_reader.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "common/base/random.h"

namespace lanemq::rpc {
namespace {

using Outcome = FrameReader::Outcome;

std::span<const std::uint8_t> AsBytes(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string Frame(const std::string& body) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(body.size() >> shift & 0xff));
  }
  return out + body;
}

struct Collected {
  std::vector<std::string> frames;
  FrameReader::FrameHandler handler = [this](std::span<const std::uint8_t> frame) {
    frames.emplace_back(frame.begin(), frame.end());
    return true;
  };
};

TEST(FrameReaderTest, FramesComeOutTheSameHoweverTheStreamIsCut) {
  Random random(20261121);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::string> sent;
    std::string stream;
    for (int i = 0; i < 10; ++i) {
      sent.emplace_back(1 + random.Below(round % 2 == 0 ? 40 : 60'000), static_cast<char>('a' + i));
      stream += Frame(sent.back());
    }
    MemoryBudget budget(1 << 20);
    Collected collected;
    {
      FrameReader reader(100'000, &budget);
      for (std::size_t at = 0; at < stream.size();) {
        const std::size_t size =
            std::min<std::size_t>(1 + random.Below(round % 3 == 0 ? 3'000 : 7), stream.size() - at);
        const auto piece = AsBytes(stream).subspan(at, size);
        const auto room = reader.Room();
        if (!room.empty() && random.Below(2) == 0) {
          const std::size_t direct = std::min(room.size(), size);
          std::copy_n(piece.begin(), direct, room.begin());
          ASSERT_EQ(reader.Filled(direct, collected.handler).outcome, Outcome::kOk);
          at += direct;
        } else {
          const auto progress = reader.Feed(piece, collected.handler);
          ASSERT_EQ(progress.outcome, Outcome::kOk);
          ASSERT_EQ(progress.consumed, size);
          at += size;
        }
      }
      EXPECT_FALSE(reader.is_mid_frame());
    }
    EXPECT_EQ(collected.frames, sent) << "round " << round;
    EXPECT_EQ(budget.used(), 0);
  }
}

TEST(FrameReaderTest, BadLengthsAreReportedOnceTheyAreKnown) {
  for (const std::string& header :
       {std::string("\0\0\0\0", 4), std::string("\0\0\3\xe9", 4), std::string("\x80\0\0\1", 4),
        std::string("\xff\xff\xff\xff")}) {
    Collected collected;
    FrameReader reader(1'000, nullptr);
    EXPECT_EQ(reader.Feed(AsBytes(header).first(3), collected.handler).outcome, Outcome::kOk);
    EXPECT_EQ(reader.Feed(AsBytes(header).subspan(3), collected.handler).outcome,
              Outcome::kBadLength);
  }
  Collected collected;
  FrameReader reader(1'000, nullptr);
  EXPECT_EQ(reader.Feed(AsBytes(Frame(std::string(1'000, 'x'))), collected.handler).outcome,
            Outcome::kOk);
  EXPECT_EQ(collected.frames.size(), 1u);
}

TEST(FrameReaderTest, MemoryFollowsWhatArrivedNotWhatWasAnnounced) {
  MemoryBudget budget(40'000);
  Collected collected;
  FrameReader reader(16'384'000, &budget);
  const std::string frame = Frame(std::string(16'000'000, 'x'));
  ASSERT_EQ(reader.Feed(AsBytes(frame).first(10), collected.handler).outcome, Outcome::kOk);
  EXPECT_LE(budget.used(), 16 << 10);
  EXPECT_EQ(reader.Feed(AsBytes(frame).subspan(10, 50'000), collected.handler).outcome,
            Outcome::kNoMemory);
}

TEST(FrameReaderTest, APauseLeavesTheRestUntouched) {
  FrameReader reader(1'000, nullptr);
  const std::string stream = Frame("one") + Frame("two");
  int calls = 0;
  const auto progress = reader.Feed(AsBytes(stream), [&](std::span<const std::uint8_t>) {
    ++calls;
    return false;
  });
  EXPECT_EQ(progress.outcome, Outcome::kPaused);
  EXPECT_EQ(progress.consumed, 7u);
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace lanemq::rpc
