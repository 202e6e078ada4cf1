#include "client/cli/commands/exec_handler.h"

#include <string_view>

#include <fmt/format.h>

#include "client/cli/commands/record_printer.h"
#include "client/cli/output/json_text.h"
#include "client/cli/text/time_text.h"

namespace lanemq::cli {
namespace {

// The system refuses longer ones; what is in them can be read with `lanemq message get`.
constexpr std::size_t kVariableBytesMax = 100'000;
constexpr std::size_t kErrorShown = 200;

std::vector<std::pair<std::string, std::string>> EnvironmentOf(const ConsumedRecord& record) {
  std::vector<std::pair<std::string, std::string>> variables = {
      {"LANEMQ_TOPIC", record.topic()},
      {"LANEMQ_PARTITION", std::to_string(record.partition())},
      {"LANEMQ_OFFSET", std::to_string(record.offset)},
      {"LANEMQ_TIMESTAMP", FormatTime(WallTime{record.timestamp_us})},
      {"LANEMQ_ATTEMPT", std::to_string(record.attempt)},
      {"LANEMQ_MESSAGE", JsonMessageHead(ViewOf(record))}};
  if (record.key) variables.emplace_back("LANEMQ_KEY", *record.key);
  std::erase_if(variables, [](const auto& variable) {
    return variable.second.size() > kVariableBytesMax ||
           variable.second.find('\0') != std::string::npos;
  });
  return variables;
}

/// The last line, which usually says what it was.
std::string_view LastLine(std::string_view text) {
  const std::size_t line = text.rfind('\n');
  if (line != std::string_view::npos) text.remove_prefix(line + 1);
  return text.substr(0, kErrorShown);
}

}  // namespace

ExecVerdict ExecHandler::Handle(const ConsumedRecord& record) {
  ExecVerdict verdict;
  const auto result = RunChild({.text = command_,
                                .input = record.body ? std::string_view(*record.body) : "",
                                .environment = EnvironmentOf(record),
                                .timeout = timeout_});
  if (result.ok()) {
    verdict = JudgeChild(*result);
  } else {
    verdict = {
        .kind = ExecVerdict::Kind::kStop, .reason = "no_process", .error = result.error().message};
  }
  Note(record, verdict);
  return verdict;
}

void ExecHandler::Note(const ConsumedRecord& record, const ExecVerdict& verdict) {
  using Kind = ExecVerdict::Kind;
  const MutexLock lock(mutex_);
  std::string_view fate;
  switch (verdict.kind) {
    case Kind::kDone:
      ++done_;
      return;
    case Kind::kRetry:
      ++retried_;
      fate = "try again";
      break;
    case Kind::kDead:
      ++dead_;
      fate = "dead letter";
      break;
    case Kind::kStop:
      fate = "stop";
      break;
  }
  session_.out().Note(fmt::format("{}/{}/{} attempt {}: {} ({}): {}", MakeVisible(record.topic()),
                                  record.partition(), record.offset, record.attempt, fate,
                                  verdict.reason, MakeVisible(LastLine(verdict.error))));
}

void ExecHandler::Detail(const std::string& line) {
  const MutexLock lock(mutex_);
  session_.out().Detail(line);
}

std::string ExecHandler::Summary(double seconds) const {
  const MutexLock lock(mutex_);
  return fmt::format("{} done, {} failed, {} became dead letters in {:.2f} s", FormatCount(done_),
                     FormatCount(retried_), FormatCount(dead_), seconds);
}

}  // namespace lanemq::cli
