#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <boost/asio/buffer.hpp>

#include "common/rpc/owned_bytes.h"

namespace lanemq::rpc {

/// Frames on their way out of one connection, and how much of the first is gone. Pure.
/// Not thread-safe; one owner.
class OutQueue {
 public:
  void Push(OwnedBytes frame);
  [[nodiscard]] bool empty() const { return head_ == frames_.size(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }  ///< Memory of all frames.

  /// What to send next, as many pieces as there is `room` for. Valid until the next change.
  [[nodiscard]] std::span<const boost::asio::const_buffer> Pieces(
      std::span<boost::asio::const_buffer> room) const;
  /// The first `bytes` of them have been sent. How many frames are all gone with that.
  std::size_t Sent(std::size_t bytes);
  void Clear();

 private:
  std::vector<OwnedBytes> frames_;
  std::size_t head_ = 0;       // Index in frames_ of the one being sent.
  std::size_t head_sent_ = 0;  // Bytes of it that are gone.
  std::size_t bytes_ = 0;
};

}  // namespace lanemq::rpc
