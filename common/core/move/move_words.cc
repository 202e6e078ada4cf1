#include "common/core/move/move_words.h"

#include <cstddef>

namespace lanemq::core {
namespace {

constexpr std::string_view kNow = "now: ";
constexpr std::string_view kAndNow = "; now: ";
/// Of why it is taken back, when there is more to tell: the store keeps so much of both.
constexpr std::size_t kWhyBytesMax = 500;

}  // namespace

std::string_view NameOf(MoveStep step) {
  switch (step) {
    case MoveStep::kWait:
      return "wait";
    case MoveStep::kBeginArrival:
      return "begin";
    case MoveStep::kCopyLog:
      return "copy the log";
    case MoveStep::kCopyAhead:
      return "copy retries and dead letters ahead";
    case MoveStep::kSeal:
      return "seal";
    case MoveStep::kUnseal:
      return "unseal";
    case MoveStep::kCopyState:
      return "copy offsets, retries and the rest";
    case MoveStep::kCompare:
      return "compare";
    case MoveStep::kOpen:
      return "open";
    case MoveStep::kDropArrival:
      return "drop the copy";
    case MoveStep::kDropSource:
      return "drop the old place";
    case MoveStep::kDropTopic:
      return "drop what the deleted topic has";
    case MoveStep::kAdvance:
      return "write down";
    case MoveStep::kSwitch:
      return "change the place";
    case MoveStep::kReload:
    case MoveStep::kFinished:
      return "end";
  }
  return "?";
}

std::string Told(MoveStep step, const Error& error) {
  return std::string(NameOf(step)) + ": " + error.ToString();
}

std::string DifferencesOf(const std::vector<MoveCount>& counts) {
  std::string text;
  for (const MoveCount& count : counts) {
    if (count.source == count.target) continue;
    text += (text.empty() ? "" : ", ") + count.what + ": " + std::to_string(count.source) +
            " at the source, " + std::to_string(count.target) + " in the copy";
  }
  return text;
}

std::string BothErrors(const std::string& why, const std::string& fault) {
  if (fault.empty()) return why;
  if (why.empty()) return std::string(kNow) + fault;
  return why.substr(0, kWhyBytesMax) + std::string(kAndNow) + fault;
}

std::string WhyOf(const std::string& error) {
  if (error.starts_with(kNow)) return {};
  return error.substr(0, error.find(kAndNow));
}

}  // namespace lanemq::core
