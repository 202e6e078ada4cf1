#include "common/rpc/out_queue.h"

#include <array>
#include <cstring>
#include <string>

#include <gtest/gtest.h>

#include "common/base/random.h"

namespace lanemq::rpc {
namespace {

OwnedBytes Frame(const std::string& text) {
  OwnedBytes frame;
  frame.data.reset(static_cast<std::uint8_t*>(std::malloc(text.size())));
  std::memcpy(frame.data.get(), text.data(), text.size());
  frame.size = frame.capacity = text.size();
  return frame;
}

TEST(OutQueueTest, WhatIsSentIsWhatWasPushedWhateverThePieces) {
  for (const std::uint64_t seed : {1, 2, 3, 4, 5}) {
    Random random(seed);
    OutQueue queue;
    std::string pushed, sent;
    std::size_t frames_pushed = 0, frames_sent = 0;
    for (int step = 0; step < 3'000; ++step) {
      if (random.Below(3) > 0) {
        const std::string text(1 + random.Below(40), static_cast<char>('a' + step % 26));
        queue.Push(Frame(text));
        pushed += text;
        ++frames_pushed;
      }
      std::array<boost::asio::const_buffer, 7> room;
      std::string offered;
      for (const auto& piece : queue.Pieces(room)) {
        offered.append(static_cast<const char*>(piece.data()), piece.size());
      }
      const std::size_t taken = random.Below(offered.size() + 1);
      sent += offered.substr(0, taken);
      frames_sent += queue.Sent(taken);
      ASSERT_EQ(queue.empty(), sent.size() == pushed.size()) << "seed " << seed;
    }
    EXPECT_EQ(sent, pushed.substr(0, sent.size())) << "seed " << seed;
    EXPECT_EQ(queue.empty(), frames_sent == frames_pushed);
    EXPECT_GE(queue.bytes(), pushed.size() - sent.size());
  }
}

TEST(OutQueueTest, ItsMemoryIsThatOfWhatIsNotYetSent) {
  OutQueue queue;
  queue.Push(Frame("first"));
  queue.Push(Frame("second"));
  EXPECT_EQ(queue.bytes(), 11u);
  EXPECT_EQ(queue.Sent(4), 0u);
  EXPECT_EQ(queue.bytes(), 11u) << "memory goes with the whole frame";
  EXPECT_EQ(queue.Sent(2), 1u);
  EXPECT_EQ(queue.bytes(), 6u);
  queue.Clear();
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.bytes(), 0u);
}

}  // namespace
}  // namespace lanemq::rpc
