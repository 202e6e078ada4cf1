#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include <thrift/transport/TBufferTransports.h>

#include "common/rpc/owned_bytes.h"

namespace lanemq::rpc {

/// Where one message is serialised: grows up to a limit, begins with room for the frame length, and
/// swallows what is written after Take(), so that a second answer cannot damage the first.
/// Not thread-safe; owns no memory before the first byte.
class ReplyBuffer final
    : public apache::thrift::transport::TVirtualTransport<ReplyBuffer,
                                                          apache::thrift::transport::TBufferBase> {
 public:
  /// `bytes_max` is for the message without the length. Writing more throws TTransportException.
  ReplyBuffer(std::size_t bytes_max, std::shared_ptr<apache::thrift::TConfiguration> config);
  ~ReplyBuffer() override = default;

  bool isOpen() const override { return true; }
  void open() override {}
  void close() override {}

  /// The frame, length filled in; no data when nothing was written. Seals the buffer.
  [[nodiscard]] OwnedBytes Take();
  /// Forgets what was written. Not after Take().
  void Reset();
  [[nodiscard]] std::size_t size() const;
  /// Something did not fit.
  [[nodiscard]] bool has_overflowed() const { return has_overflowed_; }

 protected:
  std::uint32_t readSlow(std::uint8_t* buf, std::uint32_t len) override;
  void writeSlow(const std::uint8_t* buf, std::uint32_t len) override;
  const std::uint8_t* borrowSlow(std::uint8_t* buf, std::uint32_t* len) override;

 private:
  static constexpr std::size_t kPrefixBytes = 4;

  const std::size_t bytes_max_;
  OwnedBytes bytes_;  // Its size is kept by wBase_ until Take().
  bool is_sealed_ = false;
  bool has_overflowed_ = false;
  std::uint8_t nothing_ = 0;  // A place to point at while no memory is owned.
};

}  // namespace lanemq::rpc
