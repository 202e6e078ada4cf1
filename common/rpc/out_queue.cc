#include "common/rpc/out_queue.h"

#include <algorithm>
#include <utility>

namespace lanemq::rpc {

void OutQueue::Push(OwnedBytes frame) {
  bytes_ += frame.capacity;
  frames_.push_back(std::move(frame));
}

std::span<const boost::asio::const_buffer> OutQueue::Pieces(
    std::span<boost::asio::const_buffer> room) const {
  std::size_t count = 0;
  std::size_t skip = head_sent_;
  for (std::size_t i = head_; i < frames_.size() && count < room.size(); ++i) {
    room[count++] = {frames_[i].data.get() + skip, frames_[i].size - skip};
    skip = 0;
  }
  return room.first(count);
}

std::size_t OutQueue::Sent(std::size_t bytes) {
  std::size_t frames = 0;
  while (bytes > 0) {
    OwnedBytes& head = frames_[head_];
    const std::size_t taken = std::min(bytes, head.size - head_sent_);
    bytes -= taken;
    head_sent_ += taken;
    if (head_sent_ < head.size) break;
    bytes_ -= head.capacity;
    head = {};
    ++head_;
    head_sent_ = 0;
    ++frames;
  }
  if (empty()) {
    std::vector<OwnedBytes>().swap(frames_);  // An idle connection owns no buffer.
    head_ = 0;
  } else if (head_ > frames_.size() / 2) {
    frames_.erase(frames_.begin(), frames_.begin() + static_cast<std::ptrdiff_t>(head_));
    head_ = 0;
  }
  return frames;
}

void OutQueue::Clear() {
  frames_.clear();
  head_ = head_sent_ = bytes_ = 0;
}

}  // namespace lanemq::rpc
