#include "common/rpc/reply_buffer.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

namespace lanemq::rpc {

using apache::thrift::transport::TTransportException;

namespace {
constexpr std::size_t kFirstCapacity = 256;
constexpr std::size_t kShrinkAbove = 64u << 10;
}  // namespace

ReplyBuffer::ReplyBuffer(std::size_t bytes_max,
                         std::shared_ptr<apache::thrift::TConfiguration> config)
    : TVirtualTransport(config), bytes_max_(bytes_max) {
  setReadBuffer(&nothing_, 0);
  setWriteBuffer(&nothing_, 0);
}

std::size_t ReplyBuffer::size() const {
  return bytes_.data == nullptr ? 0 : static_cast<std::size_t>(wBase_ - bytes_.data.get());
}

void ReplyBuffer::Reset() {
  if (bytes_.data == nullptr) return;
  setWriteBuffer(bytes_.data.get(), static_cast<std::uint32_t>(bytes_.capacity));
  wBase_ += kPrefixBytes;
}

OwnedBytes ReplyBuffer::Take() {
  is_sealed_ = true;
  const std::size_t used = size();
  setWriteBuffer(&nothing_, 0);
  if (used <= kPrefixBytes) {
    bytes_ = {};
    return {};
  }
  bytes_.size = used;
  const auto length = static_cast<std::uint32_t>(used - kPrefixBytes);
  for (std::size_t i = 0; i < kPrefixBytes; ++i) {
    bytes_.data.get()[i] = static_cast<std::uint8_t>(length >> (24 - 8 * i));
  }
  if (bytes_.capacity > kShrinkAbove && bytes_.capacity > used + used / 2) {
    if (void* shrunk = std::realloc(bytes_.data.get(), used); shrunk != nullptr) {
      (void)bytes_.data.release();
      bytes_.data.reset(static_cast<std::uint8_t*>(shrunk));
      bytes_.capacity = used;
    }
  }
  return std::exchange(bytes_, {});
}

void ReplyBuffer::writeSlow(const std::uint8_t* buf, std::uint32_t len) {
  if (is_sealed_) return;
  const std::size_t used = std::max(size(), kPrefixBytes);
  const std::size_t limit = bytes_max_ + kPrefixBytes;
  if (len > limit - used) {
    has_overflowed_ = true;
    throw TTransportException(TTransportException::CORRUPTED_DATA, "reply is too large");
  }
  const std::size_t next =
      std::min(limit, std::max({used + len, 2 * bytes_.capacity, kFirstCapacity}));
  void* grown = std::realloc(bytes_.data.get(), next);
  if (grown == nullptr) throw std::bad_alloc();
  (void)bytes_.data.release();
  bytes_.data.reset(static_cast<std::uint8_t*>(grown));
  bytes_.capacity = next;
  setWriteBuffer(bytes_.data.get(), static_cast<std::uint32_t>(next));
  wBase_ += used;
  std::memcpy(wBase_, buf, len);
  wBase_ += len;
}

std::uint32_t ReplyBuffer::readSlow(std::uint8_t*, std::uint32_t) {
  throw TTransportException(TTransportException::NOT_OPEN, "a reply buffer is not read");
}

const std::uint8_t* ReplyBuffer::borrowSlow(std::uint8_t*, std::uint32_t*) { return nullptr; }

}  // namespace lanemq::rpc
