#include "common/rpc/frame_reader.h"

#include <algorithm>
#include <cstring>

namespace lanemq::rpc {
namespace {

constexpr std::size_t kHeaderBytes = 4;
constexpr std::size_t kFirstCapacity = 16u << 10;

}  // namespace

FrameReader::FrameReader(std::size_t frame_bytes_max, MemoryBudget* budget)
    : frame_bytes_max_(frame_bytes_max), budget_(budget) {}

FrameReader::~FrameReader() { Release(); }

bool FrameReader::SetLength() {
  length_ = (std::size_t{header_[0]} << 24) | (std::size_t{header_[1]} << 16) |
            (std::size_t{header_[2]} << 8) | std::size_t{header_[3]};
  return length_ > 0 && length_ <= frame_bytes_max_;  // Negative lengths are above any maximum.
}

bool FrameReader::Grow(std::size_t wanted) {
  if (wanted <= capacity_) return true;
  const std::size_t next = std::min(length_, std::max({wanted, 2 * capacity_, kFirstCapacity}));
  if (budget_ != nullptr && !budget_->TryTake(next - capacity_)) return false;
  auto* grown = static_cast<std::uint8_t*>(std::realloc(body_.get(), next));
  if (grown == nullptr) {
    if (budget_ != nullptr) budget_->Give(next - capacity_);
    return false;
  }
  (void)body_.release();  // realloc() took it.
  body_.reset(grown);
  capacity_ = next;
  return true;
}

void FrameReader::Release() {
  if (budget_ != nullptr && capacity_ > 0) budget_->Give(capacity_);
  body_.reset();
  capacity_ = filled_ = header_bytes_ = length_ = 0;
}

bool FrameReader::Deliver(std::span<const std::uint8_t> frame, const FrameHandler& on_frame) {
  const bool should_go_on = on_frame(frame);
  Release();
  return should_go_on;
}

FrameReader::Progress FrameReader::Feed(std::span<const std::uint8_t> bytes,
                                        const FrameHandler& on_frame) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    if (header_bytes_ < kHeaderBytes) {
      header_[header_bytes_++] = bytes[at++];
      if (header_bytes_ == kHeaderBytes && !SetLength()) return {Outcome::kBadLength, at};
      continue;
    }
    const std::size_t arrived = std::min(length_ - filled_, bytes.size() - at);
    if (filled_ == 0 && arrived == length_) {
      const auto frame = bytes.subspan(at, arrived);
      at += arrived;
      if (!Deliver(frame, on_frame)) return {Outcome::kPaused, at};
      continue;
    }
    if (!Grow(filled_ + arrived)) return {Outcome::kNoMemory, at};
    std::memcpy(body_.get() + filled_, bytes.data() + at, arrived);
    at += arrived;
    const Progress progress = Filled(arrived, on_frame);
    if (progress.outcome != Outcome::kOk) return {progress.outcome, at};
  }
  return {Outcome::kOk, at};
}

std::span<std::uint8_t> FrameReader::Room() {
  if (header_bytes_ < kHeaderBytes) return {};
  if (filled_ == capacity_ && !Grow(filled_ + 1)) return {};
  return {body_.get() + filled_, capacity_ - filled_};
}

FrameReader::Progress FrameReader::Filled(std::size_t bytes, const FrameHandler& on_frame) {
  filled_ += bytes;
  if (filled_ < length_) return {Outcome::kOk, bytes};
  const bool should_go_on = Deliver({body_.get(), length_}, on_frame);
  return {should_go_on ? Outcome::kOk : Outcome::kPaused, bytes};
}

}  // namespace lanemq::rpc
