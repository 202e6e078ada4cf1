#include "client/cli/commands/delivery_log.h"

#include <algorithm>

#include <fmt/format.h>

#include "client/cli/output/json_text.h"
#include "client/cli/text/time_text.h"

namespace lanemq::cli {

DeliveryLog::DeliveryLog(std::string topic, Lines kind)
    : topic_(std::move(topic)), kind_(kind), began_(SystemClock::Instance().Now()) {}

Producer::Callback DeliveryLog::NewCallback() {
  ++accepted_;
  return [this](const Result<RecordMetadata>& result) { Note(result); };
}

void DeliveryLog::Note(const Result<RecordMetadata>& result) {
  const MutexLock lock(mutex_);
  if (!result.ok()) {
    ++failed_;
    if (!first_error_) first_error_ = result.error();
    return;
  }
  ++stored_;
  const std::string& handle = result->delayed_handle;
  if (kind_ == Lines::kHandles) {
    lines_ += handle + "\n";
  } else if (kind_ == Lines::kJson && !handle.empty()) {
    lines_ += fmt::format("{{\"topic\":{},\"partition\":{},\"handle\":\"{}\"}}\n",
                          JsonString(topic_), result->partition, handle);
  } else if (kind_ == Lines::kJson) {
    lines_ +=
        fmt::format("{{\"topic\":{},\"partition\":{},\"offset\":\"{}\",\"timestamp\":\"{}\"}}\n",
                    JsonString(topic_), result->partition, result->offset,
                    FormatTime(WallTime{result->timestamp_us}));
  }
}

bool DeliveryLog::has_failed() const {
  const MutexLock lock(mutex_);
  return failed_ > 0;
}

std::optional<Error> DeliveryLog::first_error() const {
  const MutexLock lock(mutex_);
  return first_error_;
}

void DeliveryLog::WriteTo(Output& out) {
  std::string lines;
  {
    const MutexLock lock(mutex_);
    lines.swap(lines_);
  }
  if (!lines.empty()) out.Data(lines);
}

void DeliveryLog::ShowProgress(Output& out) const {
  if (out.WantsProgress()) out.Progress(Summary());
}

double DeliveryLog::Seconds() const {
  const auto took = SystemClock::Instance().Now() - began_;
  return std::max(std::chrono::duration<double>(took).count(), 1e-6);
}

std::string DeliveryLog::Summary() const {
  const MutexLock lock(mutex_);
  const double seconds = Seconds();
  std::string text = fmt::format(
      "{} message{} in {:.2f} s ({}/s)", FormatCount(stored_), stored_ == 1 ? "" : "s", seconds,
      FormatCount(static_cast<std::int64_t>(static_cast<double>(stored_) / seconds)));
  if (failed_ > 0) text += fmt::format(", {} NOT stored", FormatCount(failed_));
  return text;
}

std::string DeliveryLog::JsonSummary() const {
  const MutexLock lock(mutex_);
  return fmt::format("{{\"topic\":{},\"messages\":{},\"failed\":{},\"seconds\":{:.6f}}}\n",
                     JsonString(topic_), stored_, failed_, Seconds());
}

}  // namespace lanemq::cli
