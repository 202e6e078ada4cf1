#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/src/spool/spool_files.h"
#include "common/base/result.h"

namespace lanemq::client {

/// Where the payload of a frame is.
struct JournalPlace {
  std::uint32_t segment = 0;  ///< From 1.
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
};

struct JournalFrame {
  std::uint8_t type = 0;
  std::string_view payload;
  JournalPlace place;
};

/// Typed frames of bytes in numbered files of one directory, appended to the newest, removed with
/// the oldest. What the frames mean is its owner's business.
///
/// Formats are little-endian. A file begins with "LMQSPOOL", the format's version, the segment's
/// number and a CRC32 of these. A frame is: magic, type, length of the payload, how much of the
/// file was synced when it was written, CRC32 of these and of its place, CRC32 of the payload.
///
/// Opening reads every frame. At the end of the newest file, frames that are cut short or damaged
/// were being written when the process or the machine stopped: they are cut off, with what is
/// behind them, unless something behind them tells that they were synced. Damage anywhere else is
/// kCorruptMessage with file and offset, and changes nothing.
///
/// After a failed Sync() nobody knows what is on the disk: every later call fails with the same
/// error. Without space (kQueueFull) nothing is lost, and a later attempt may succeed.
/// Not thread-safe; one owner.
class Journal {
 public:
  struct Options {
    std::string directory;
    std::uint64_t segment_bytes = 16u << 20;
  };
  using Visitor = std::function<Status(const JournalFrame&)>;
  static constexpr std::size_t kFrameBytes = 20;  ///< Beside the payload.
  static constexpr std::size_t kPayloadMax = 32u << 20;

  /// Makes the directory when it is missing. `visit` sees each frame, in order; its errors end the
  /// opening.
  static Result<std::unique_ptr<Journal>> Open(SpoolFiles& files, Options options,
                                               const Visitor& visit);

  /// The newest segment is full for another `bytes`: time to Rotate(). Some room is kept for
  /// `is_small` frames, so that they fit when the disk is full.
  [[nodiscard]] bool IsFull(std::size_t bytes, bool is_small) const;
  /// Begins a segment with this frame, durably; the one before is synced.
  Status Rotate(std::uint8_t type, std::string_view payload);
  /// Gathers a frame for Write().
  JournalPlace Add(std::uint8_t type, std::string_view payload);
  /// Hands what was added to the operating system; all of it or nothing.
  Status Write();
  /// Drops what was added and not written.
  void Discard() { buffer_.clear(); }
  /// Makes what was written durable.
  Status Sync();
  /// Ends all work: every later call fails with this error. The first one counts.
  Status Break(const Error& error);
  [[nodiscard]] bool IsSynced() const { return synced_ == written_; }
  /// The newest segment has no frame.
  [[nodiscard]] bool IsNewestEmpty() const;
  /// The payload of a written frame.
  Result<std::string> Read(const JournalPlace& place);
  /// Removes the segments before `segment`, oldest first, durably; never the newest.
  Status RemoveBefore(std::uint32_t segment);

  [[nodiscard]] std::uint32_t oldest() const { return segments_.begin()->first; }
  [[nodiscard]] std::uint32_t newest() const { return segments_.rbegin()->first; }
  /// Of all files.
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  [[nodiscard]] std::uint64_t torn_bytes() const { return torn_bytes_; }
  [[nodiscard]] const std::optional<Error>& broken() const { return broken_; }

 private:
  struct Segment {
    std::unique_ptr<SpoolFile> file;
    std::uint64_t bytes = 0;
  };

  Journal(SpoolFiles& files, Options options) : files_(files), options_(std::move(options)) {}
  [[nodiscard]] std::string PathOf(std::uint32_t segment) const;
  [[nodiscard]] Result<std::vector<std::uint32_t>> FindSegments();
  Status Recover(const Visitor& visit);
  /// How much of the segment holds good frames.
  Result<std::uint64_t> Visit(std::uint32_t segment, const std::string& bytes, bool is_newest,
                              const Visitor& visit) const;
  Status CutNewest(std::uint32_t segment, std::uint64_t good, std::uint64_t size);
  Status CreateSegment(std::uint32_t number, std::uint8_t type, std::string_view payload);
  void AppendFrame(std::string& out, std::uint8_t type, std::string_view payload,
                   std::uint32_t segment, std::uint64_t offset) const;

  SpoolFiles& files_;
  const Options options_;
  std::map<std::uint32_t, Segment> segments_;
  std::string buffer_;         // Added, not written.
  std::uint64_t written_ = 0;  // Of the newest segment.
  std::uint64_t synced_ = 0;   // Of the newest segment.
  std::uint64_t bytes_ = 0;
  std::uint64_t torn_bytes_ = 0;
  std::optional<Error> broken_;
};

/// The format, for Journal's own files.
namespace journal_format {

inline constexpr std::size_t kHeaderBytes = 24;
inline constexpr std::uint8_t kVersion = 1;

struct FrameHead {
  std::uint8_t type = 0;
  std::uint32_t length = 0;
  std::uint32_t synced = 0;
  std::uint32_t payload_crc = 0;
};

[[nodiscard]] std::string EncodeHeader(std::uint32_t segment);
/// kUnsupportedVersion: written by a newer version; kCorruptMessage: not a header of this segment.
[[nodiscard]] Status CheckHeader(std::string_view bytes, std::uint32_t segment);
[[nodiscard]] std::uint32_t Crc(std::string_view bytes, std::uint32_t start = 0);
void EncodeFrameHead(std::string& out, const FrameHead& head, std::uint32_t segment,
                     std::uint64_t offset);
/// nullopt: no frame begins at `offset` of the file.
[[nodiscard]] std::optional<FrameHead> DecodeFrameHead(std::string_view file, std::uint64_t offset,
                                                       std::uint32_t segment);

}  // namespace journal_format

}  // namespace lanemq::client
