// Opening a journal: what is there, and what was never finished.
#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "client/src/spool/journal.h"
#include "common/base/log.h"

namespace lanemq::client {
namespace {

namespace format = journal_format;
constexpr std::string_view kSuffix = ".journal";

bool IsWhole(std::string_view file, std::uint64_t offset, const format::FrameHead& head) {
  const std::uint64_t payload = offset + Journal::kFrameBytes;
  return head.length <= Journal::kPayloadMax && payload + head.length <= file.size() &&
         format::Crc(file.substr(payload, head.length)) == head.payload_crc;
}

// Whether a frame behind `offset` was written when what is at `offset` was synced.
bool WasSynced(std::string_view file, std::uint64_t offset, std::uint32_t segment) {
  for (std::uint64_t at = offset + 1; at + Journal::kFrameBytes <= file.size(); ++at) {
    const auto head = format::DecodeFrameHead(file, at, segment);
    if (head && head->synced > offset && IsWhole(file, at, *head)) return true;
  }
  return false;
}

}  // namespace

Result<std::unique_ptr<Journal>> Journal::Open(SpoolFiles& files, Options options,
                                               const Visitor& visit) {
  LANEMQ_RETURN_IF_ERROR(files.MakeDirectory(options.directory));
  auto journal = std::unique_ptr<Journal>(new Journal(files, std::move(options)));
  LANEMQ_RETURN_IF_ERROR(journal->Recover(visit));
  return journal;
}

Result<std::vector<std::uint32_t>> Journal::FindSegments() {
  LANEMQ_ASSIGN_OR_RETURN(const auto names, files_.List(options_.directory));
  std::vector<std::uint32_t> numbers;
  for (const std::string& name : names) {
    if (!name.ends_with(kSuffix)) continue;
    std::uint32_t number = 0;
    const char* const end = name.data() + name.size() - kSuffix.size();
    const auto parsed = std::from_chars(name.data(), end, number);
    if (parsed.ec != std::errc{} || parsed.ptr != end || number == 0) continue;
    numbers.push_back(number);
  }
  std::sort(numbers.begin(), numbers.end());
  for (std::size_t i = 1; i < numbers.size(); ++i) {
    if (numbers[i] == numbers[i - 1] + 1) continue;
    return Error{ErrorCode::kCorruptMessage, fmt::format("{} is missing, and later files are there",
                                                         PathOf(numbers[i - 1] + 1))};
  }
  return numbers;
}

Result<std::uint64_t> Journal::Visit(std::uint32_t segment, const std::string& bytes,
                                     bool is_newest, const Visitor& visit) const {
  const auto damage = [&](std::uint64_t offset, std::string_view what) {
    return Error{ErrorCode::kCorruptMessage,
                 fmt::format("{} is damaged at offset {}: {}; nothing was changed", PathOf(segment),
                             offset, what)};
  };
  if (const Status header = format::CheckHeader(bytes, segment); !header.ok()) {
    if (header.error().code == ErrorCode::kUnsupportedVersion) {
      return header.error().Wrap(PathOf(segment));
    }
    // It was being made: nothing is written to a file before its header is synced.
    if (is_newest && bytes.size() <= format::kHeaderBytes) return std::uint64_t{0};
    return damage(0, header.error().message);
  }
  std::uint64_t offset = format::kHeaderBytes;
  while (offset < bytes.size()) {
    const auto head = format::DecodeFrameHead(bytes, offset, segment);
    if (!head || !IsWhole(bytes, offset, *head)) {
      if (!is_newest) return damage(offset, "no frame");
      if (WasSynced(bytes, offset, segment)) return damage(offset, "good frames follow");
      return offset;
    }
    const std::uint64_t payload = offset + kFrameBytes;
    LANEMQ_RETURN_IF_ERROR(visit({head->type,
                                  std::string_view(bytes).substr(payload, head->length),
                                  {segment, static_cast<std::uint32_t>(payload), head->length}}));
    offset = payload + head->length;
  }
  return offset;
}

Status Journal::CutNewest(std::uint32_t segment, std::uint64_t good, std::uint64_t size) {
  torn_bytes_ = size - good;
  LANEMQ_LOG(WARN, "spool.torn_tail_cut", {"file", PathOf(segment)}, {"offset", good},
             {"bytes", torn_bytes_});
  if (good > 0) return segments_.at(segment).file->Truncate(good);
  segments_.erase(segment);
  LANEMQ_RETURN_IF_ERROR(files_.Remove(PathOf(segment)));
  return CreateSegment(segment, 0, {});
}

Status Journal::Recover(const Visitor& visit) {
  LANEMQ_ASSIGN_OR_RETURN(const std::vector<std::uint32_t> numbers, FindSegments());
  if (numbers.empty()) return CreateSegment(1, 0, {});
  std::uint64_t good = 0;
  std::uint64_t size = 0;
  for (const std::uint32_t number : numbers) {
    LANEMQ_ASSIGN_OR_RETURN(const std::string bytes, files_.ReadAll(PathOf(number)));
    size = bytes.size();
    LANEMQ_ASSIGN_OR_RETURN(good, Visit(number, bytes, number == numbers.back(), visit));
    LANEMQ_ASSIGN_OR_RETURN(auto file, files_.Open(PathOf(number)));
    segments_[number] = {std::move(file), good};
    bytes_ += good;
  }
  written_ = synced_ = good;
  if (good < size || good == 0) LANEMQ_RETURN_IF_ERROR(CutNewest(numbers.back(), good, size));
  // What a killed process had written may not be on the disk yet.
  const Status synced = segments_.rbegin()->second.file->Sync();
  if (!synced.ok()) return Break(synced.error());
  return {};
}

}  // namespace lanemq::client
