#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <memory>
#include <span>

#include "common/rpc/memory_budget.h"

namespace lanemq::rpc {

/// Splits a stream of bytes into frames: 4 bytes of length, most significant first, then that many
/// bytes. Pure: the caller reads and decides.
///
/// Whole frames are handed over where they lie. Only an incomplete one is copied, into memory that
/// grows with what has arrived, not with what was announced. Between frames it owns no memory.
/// Not thread-safe; one owner.
class FrameReader {
 public:
  enum class Outcome {
    kOk,
    kPaused,     ///< `on_frame` asked to stop; bytes after `consumed` were not looked at.
    kBadLength,  ///< Zero, negative, or above the maximum. The stream is lost.
    kNoMemory,   ///< The budget is used up. The stream is lost.
  };
  struct Progress {
    Outcome outcome = Outcome::kOk;
    std::size_t consumed = 0;
  };
  /// Gets one frame without its length, valid during the call. False: stop after this frame.
  using FrameHandler = std::function<bool(std::span<const std::uint8_t>)>;

  /// `budget` may be null; otherwise it outlives the reader.
  FrameReader(std::size_t frame_bytes_max, MemoryBudget* budget);
  ~FrameReader();
  FrameReader(const FrameReader&) = delete;
  FrameReader& operator=(const FrameReader&) = delete;

  /// The maximum of frames that have not begun.
  void SetFrameBytesMax(std::size_t bytes) { frame_bytes_max_ = bytes; }
  /// After kBadLength: what was announced.
  [[nodiscard]] std::size_t length() const { return length_; }

  /// Takes bytes that have arrived.
  Progress Feed(std::span<const std::uint8_t> bytes, const FrameHandler& on_frame);

  /// Within a frame's body: where to read its next bytes, never beyond its end; then call Filled().
  /// Empty elsewhere: read anywhere and call Feed(). Empty with kNoMemory as well; Feed() tells.
  [[nodiscard]] std::span<std::uint8_t> Room();
  Progress Filled(std::size_t bytes, const FrameHandler& on_frame);

  /// True when a frame has begun and not ended.
  [[nodiscard]] bool is_mid_frame() const { return header_bytes_ > 0; }

 private:
  struct Free {
    void operator()(std::uint8_t* p) const { std::free(p); }
  };

  [[nodiscard]] bool SetLength();
  [[nodiscard]] bool Grow(std::size_t wanted);
  bool Deliver(std::span<const std::uint8_t> frame, const FrameHandler& on_frame);
  void Release();

  std::size_t frame_bytes_max_;
  MemoryBudget* const budget_;
  std::array<std::uint8_t, 4> header_{};
  std::size_t header_bytes_ = 0;
  std::size_t length_ = 0;  // Of the frame; set once header_bytes_ is 4.
  std::unique_ptr<std::uint8_t, Free> body_;
  std::size_t capacity_ = 0;
  std::size_t filled_ = 0;
};

}  // namespace lanemq::rpc
