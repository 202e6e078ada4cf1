#include "client/src/spool/journal.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "common/base/check.h"

namespace lanemq::client {

namespace format = journal_format;

std::string Journal::PathOf(std::uint32_t segment) const {
  return fmt::format("{}/{:010}.journal", options_.directory, segment);
}

Status Journal::Break(const Error& error) {
  if (!broken_) broken_ = Error{ErrorCode::kFailedPrecondition, error.message};
  return *broken_;
}

bool Journal::IsNewestEmpty() const { return written_ <= format::kHeaderBytes; }

bool Journal::IsFull(std::size_t bytes, bool is_small) const {
  const std::uint64_t kept = is_small ? 0 : options_.segment_bytes / 16;
  const std::uint64_t used = written_ + buffer_.size();
  // A frame larger than a segment has one of its own.
  return used > format::kHeaderBytes && used + kFrameBytes + bytes + kept > options_.segment_bytes;
}

void Journal::AppendFrame(std::string& out, std::uint8_t type, std::string_view payload,
                          std::uint32_t segment, std::uint64_t offset) const {
  LANEMQ_CHECK(payload.size() <= kPayloadMax);
  const std::uint64_t synced = segment == newest() ? synced_ : 0;
  format::EncodeFrameHead(out,
                          {type, static_cast<std::uint32_t>(payload.size()),
                           static_cast<std::uint32_t>(synced), format::Crc(payload)},
                          segment, offset);
  out += payload;
}

JournalPlace Journal::Add(std::uint8_t type, std::string_view payload) {
  const std::uint64_t offset = written_ + buffer_.size();
  AppendFrame(buffer_, type, payload, newest(), offset);
  return {newest(), static_cast<std::uint32_t>(offset + kFrameBytes),
          static_cast<std::uint32_t>(payload.size())};
}

Status Journal::Write() {
  if (broken_) return *broken_;
  const std::string bytes = std::exchange(buffer_, {});
  if (bytes.empty()) return {};
  Segment& segment = segments_.rbegin()->second;
  const Status written = segment.file->Append(bytes);
  if (!written.ok()) {
    // A part of it may be there: what comes next must not follow it.
    const Status cut = segment.file->Truncate(written_);
    if (!cut.ok()) return Break(cut.error());
    if (written.error().code != ErrorCode::kQueueFull) return Break(written.error());
    return written;
  }
  written_ += bytes.size();
  segment.bytes = written_;
  bytes_ += bytes.size();
  return {};
}

Status Journal::Sync() {
  if (broken_) return *broken_;
  if (IsSynced()) return {};
  const Status synced = segments_.rbegin()->second.file->Sync();
  if (!synced.ok()) return Break(synced.error());
  synced_ = written_;
  return {};
}

Status Journal::CreateSegment(std::uint32_t number, std::uint8_t type, std::string_view payload) {
  LANEMQ_ASSIGN_OR_RETURN(auto file, files_.Create(PathOf(number), options_.segment_bytes));
  std::string start = format::EncodeHeader(number);
  if (type != 0) {
    format::EncodeFrameHead(
        start, {type, static_cast<std::uint32_t>(payload.size()), 0, format::Crc(payload)}, number,
        start.size());
    start += payload;
  }
  LANEMQ_RETURN_IF_ERROR(file->Append(start));
  if (const Status synced = file->Sync(); !synced.ok()) return Break(synced.error());
  if (const Status synced = files_.SyncDirectory(options_.directory); !synced.ok()) {
    return Break(synced.error());
  }
  segments_[number] = {std::move(file), start.size()};
  written_ = synced_ = start.size();
  bytes_ += start.size();
  return {};
}

Status Journal::Rotate(std::uint8_t type, std::string_view payload) {
  LANEMQ_CHECK(buffer_.empty());
  LANEMQ_RETURN_IF_ERROR(Sync());
  const std::uint32_t number = newest() + 1;
  const Status created = CreateSegment(number, type, payload);
  if (created.ok() || broken_) return created;
  if (created.error().code != ErrorCode::kQueueFull) return Break(created.error());
  const Status removed = files_.Remove(PathOf(number));
  if (!removed.ok()) return Break(removed.error());
  return created;
}

Result<std::string> Journal::Read(const JournalPlace& place) {
  const auto found = segments_.find(place.segment);
  LANEMQ_CHECK(found != segments_.end());
  LANEMQ_ASSIGN_OR_RETURN(std::string bytes, found->second.file->Read(place.offset - kFrameBytes,
                                                                      kFrameBytes + place.length));
  const std::string payload = bytes.substr(kFrameBytes);
  // Its own CRC is the last thing of a head.
  std::uint32_t crc = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    crc |= static_cast<std::uint32_t>(static_cast<std::uint8_t>(bytes[kFrameBytes - 4 + i]))
           << (8 * i);
  }
  if (crc == format::Crc(payload)) return payload;
  return Error{ErrorCode::kCorruptMessage,
               fmt::format("{} has changed at offset {}", PathOf(place.segment), place.offset)};
}

Status Journal::RemoveBefore(std::uint32_t segment) {
  while (oldest() < std::min(segment, newest())) {
    if (broken_) return *broken_;
    const std::uint32_t number = oldest();
    LANEMQ_RETURN_IF_ERROR(files_.Remove(PathOf(number)));
    // One after the other: a gap in the numbers would be damage.
    if (const Status synced = files_.SyncDirectory(options_.directory); !synced.ok()) {
      return Break(synced.error());
    }
    bytes_ -= segments_.begin()->second.bytes;
    segments_.erase(segments_.begin());
  }
  return {};
}

}  // namespace lanemq::client
