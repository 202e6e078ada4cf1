#include "client/src/consumer/kept_records.h"

#include <algorithm>
#include <utility>

namespace lanemq::client {
namespace {

using std::chrono::duration;
using std::chrono::milliseconds;
using std::chrono::seconds;

// Longer than a burst of polls.
constexpr milliseconds kSteady(250);
// While there are new records, a quarter of what Poll() hands out are retries; half of the slack.
constexpr double kShare = 0.25 / 2;

std::size_t SizeOf(const ConsumedRecord& record) {
  std::size_t size = sizeof record;
  if (record.key) size += record.key->size();
  if (record.body) size += record.body->size();
  for (const RecordHeader& header : record.headers) {
    size += sizeof header + header.name.size() + header.value.size();
  }
  return size;
}

}  // namespace

milliseconds LeaseWithSlack(milliseconds lease) {
  return lease + std::clamp<milliseconds>(lease / 4, milliseconds(100), seconds(30));
}

void KeptRecords::Turn(MonotonicTime now) {
  if (now - window_ < slack_) return;
  const bool is_next = now - window_ < 2 * slack_;
  polled_before_ = is_next ? polled_ : 0;
  polled_ = 0;
  window_ = is_next ? window_ + slack_ : now;
}

void KeptRecords::OnPolled(std::size_t count, MonotonicTime now) {
  Turn(now);
  polled_ += count;
  if (now - last_polled_ > slack_ / 4) steady_since_ = now;
  last_polled_ = now;
}

bool KeptRecords::IsSteady(MonotonicTime now) const {
  return now - last_polled_ <= slack_ / 4 && last_polled_ - steady_since_ >= kSteady;
}

std::size_t KeptRecords::RecordsMax(MonotonicTime now) {
  Turn(now);
  if (!IsSteady(now)) return 0;
  const auto span = duration<double>(slack_ + (now - window_));
  const double per_second = static_cast<double>(polled_before_ + polled_) / span.count();
  const double in_time = per_second * duration<double>(slack_).count() * kShare;
  return std::min(kRecordsMax, static_cast<std::size_t>(in_time));
}

KeptRecords::Record KeptRecords::Keep(const ConsumedRecord& record, MonotonicTime now) {
  const std::size_t size = SizeOf(record);
  if (used_->records >= RecordsMax(now) || used_->bytes + size > kBytesMax) return nullptr;
  ++used_->records;
  used_->bytes += size;
  return {new ConsumedRecord(record), [used = used_, size](ConsumedRecord* kept) {
            --used->records;
            used->bytes -= size;
            delete kept;
          }};
}

}  // namespace lanemq::client
