#include "tests/outbox/processes/outbox_checker.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>

namespace lanemq::outbox_testing {
namespace {

constexpr std::array kNames = {
#define LANEMQ_X(enumerator, name, meaning) std::string_view(name),
    LANEMQ_OUTBOX_RULES(LANEMQ_X)
#undef LANEMQ_X
};
constexpr std::size_t kExamples = 5;
constexpr std::string_view kNoKey = "-";

std::string_view Next(std::string_view& text, char separator) {
  const auto end = std::min(text.find(separator), text.size());
  const std::string_view field = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return field;
}

bool ToNumber(std::string_view text, std::int64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

bool ParseLine(std::string_view line, std::map<std::int64_t, Trial>& trials) {
  const std::string_view word = Next(line, ' ');
  std::int64_t tx = 0;
  if (!ToNumber(Next(line, ' '), tx)) return false;
  if (word == "try") {
    Trial trial{.tx = tx, .intents = {}};
    while (!line.empty()) {
      std::string_view field = Next(line, ' ');
      Intent intent;
      const std::string_view key = Next(field, '/');
      if (key != kNoKey) intent.key = key;
      if (!ToNumber(Next(field, '/'), intent.version) || !ToNumber(field, intent.due_us)) {
        return false;
      }
      trial.intents.push_back(std::move(intent));
    }
    return trials.emplace(tx, std::move(trial)).second;
  }
  const auto trial = trials.find(tx);
  if (trial == trials.end() || (word != "committed" && word != "rolled-back")) return false;
  trial->second.end = word == "committed" ? Trial::End::kCommitted : Trial::End::kRolledBack;
  return true;
}

class OutboxCheck {
 public:
  explicit OutboxCheck(const OutboxHistory& history) : history_(history) {}

  OutboxReport Run() {
    CheckTrials();
    CheckLog();
    CheckOrder();
    for (const std::string& left : history_.left) Break(OutboxRule::kLeft, left);
    report_.messages = static_cast<std::int64_t>(history_.log.size());
    return std::move(report_);
  }

 private:
  void Break(OutboxRule rule, std::string example) {
    auto& examples = report_.broken[rule];
    if (examples.size() < kExamples) examples.push_back(std::move(example));
  }
  [[nodiscard]] const Intent* IntentOf(const checker::MessageId& id) const {
    const auto trial = history_.trials.find(TrialOf(id));
    if (id.number < 0 || trial == history_.trials.end()) return nullptr;
    const auto index = static_cast<std::size_t>(id.number % kIntentsPerTrial);
    return index < trial->second.intents.size() ? &trial->second.intents[index] : nullptr;
  }
  static std::int64_t TrialOf(const checker::MessageId& id) {
    return id.producer * kTrialsPerProducer + id.number / kIntentsPerTrial;
  }

  void CheckTrials() {
    std::set<checker::MessageId> there;
    for (const Published& message : history_.log) there.insert(message.id);
    for (const auto& [tx, trial] : history_.trials) {
      const bool is_done = history_.done.contains(tx);
      if (trial.end == Trial::End::kUnknown) ++report_.unknown;
      ++(is_done ? report_.committed : report_.rolled_back);
      if (trial.end == Trial::End::kCommitted && !is_done) {
        Break(OutboxRule::kUnfaithful, fmt::format("{} was committed and is gone", tx));
      }
      if (trial.end == Trial::End::kRolledBack && is_done) {
        Break(OutboxRule::kUnfaithful, fmt::format("{} was rolled back and is there", tx));
      }
      if (!is_done) continue;
      for (std::size_t i = 0; i < trial.intents.size(); ++i) {
        const checker::MessageId id = IdOf(tx, static_cast<std::int64_t>(i));
        if (!there.contains(id)) Break(OutboxRule::kLost, Describe(id));
      }
    }
    for (const std::int64_t tx : history_.done) {
      if (!history_.trials.contains(tx)) {
        Break(OutboxRule::kUnfaithful, fmt::format("{} is there and was never tried", tx));
      }
    }
  }

  void CheckLog() {
    std::map<checker::MessageId, const Published*> seen;
    for (const Published& message : history_.log) {
      const Intent* const intent = IntentOf(message.id);
      const std::string what = Describe(message.id) + At(message);
      if (intent == nullptr) {
        Break(OutboxRule::kPhantom, what);
        continue;
      }
      if (!history_.done.contains(TrialOf(message.id))) Break(OutboxRule::kGhost, what);
      const auto [first, is_new] = seen.emplace(message.id, &message);
      if (!is_new) Break(OutboxRule::kDuplicate, what + " and" + At(*first->second));
      if (message.key != intent->key) {
        Break(OutboxRule::kAltered, what + " with key " + message.key.value_or("NULL"));
      }
      if (!intent->key) ++report_.keyless;
      if (intent->due_us != 0) ++report_.delayed;
      if (message.timestamp_us < intent->due_us) {
        Break(OutboxRule::kEarly,
              fmt::format("{}, {} us early", what, intent->due_us - message.timestamp_us));
      }
    }
  }

  void CheckOrder() {
    std::vector<const Published*> log;
    for (const Published& message : history_.log) log.push_back(&message);
    std::ranges::sort(log, [](const Published* a, const Published* b) {
      return std::pair(a->partition, a->offset) < std::pair(b->partition, b->offset);
    });
    std::map<std::string, const Published*> last;  // Undelayed, by key: the highest version so far.
    std::map<std::string, std::int32_t> partitions;
    for (const Published* message : log) {
      const Intent* const intent = IntentOf(message->id);
      if (intent == nullptr || !intent->key) continue;
      const auto [place, is_first] = partitions.emplace(*intent->key, message->partition);
      if (!is_first && place->second != message->partition) {
        Break(OutboxRule::kScattered, fmt::format("{}{}, others in {}", Describe(message->id),
                                                  At(*message), place->second));
      }
      if (intent->due_us != 0) continue;
      const Published*& before = last[*intent->key];
      if (before == nullptr || IntentOf(before->id)->version <= intent->version) {
        before = message;  // A message that is here twice is a duplicate, not in disorder.
        continue;
      }
      if (before->id == message->id) continue;
      Break(OutboxRule::kKeyOrder, fmt::format("{}{}, behind {}{}", Describe(message->id),
                                               At(*message), Describe(before->id), At(*before)));
    }
  }

  [[nodiscard]] std::string Describe(const checker::MessageId& id) const {
    const Intent* const intent = IntentOf(id);
    if (intent == nullptr) return id.ToString();
    return fmt::format("{} of {} (key {}, version {}{})", id.ToString(), TrialOf(id),
                       intent->key.value_or("NULL"), intent->version,
                       intent->due_us != 0 ? ", delayed" : "");
  }
  static std::string At(const Published& message) {
    return fmt::format(" at {}/{}", message.partition, message.offset);
  }

  const OutboxHistory& history_;
  OutboxReport report_;
};

}  // namespace

std::string_view NameOf(OutboxRule rule) { return kNames[static_cast<std::size_t>(rule)]; }

checker::MessageId IdOf(std::int64_t tx, std::int64_t index) {
  return {static_cast<std::int32_t>(tx / kTrialsPerProducer),
          tx % kTrialsPerProducer * kIntentsPerTrial + index};
}

std::string FormatTrial(const Trial& trial) {
  std::string text = fmt::format("try {}", trial.tx);
  for (const Intent& intent : trial.intents) {
    text += fmt::format(" {}/{}/{}", intent.key.value_or(std::string(kNoKey)), intent.version,
                        intent.due_us);
  }
  return text + "\n";
}

std::string FormatEnd(std::int64_t tx, Trial::End end) {
  return fmt::format("{} {}\n", end == Trial::End::kCommitted ? "committed" : "rolled-back", tx);
}

Status ParseTrials(std::string_view text, std::map<std::int64_t, Trial>& trials) {
  while (text.find('\n') != std::string_view::npos) {
    const std::string_view line = Next(text, '\n');
    if (!ParseLine(line, trials)) {
      return Error{ErrorCode::kCorruptMessage, "not an event: " + std::string(line)};
    }
  }
  return {};
}

std::string OutboxReport::ToString() const {
  std::string text = fmt::format(
      "{} transactions committed, {} not, the end of {} unknown to the application; {} messages, "
      "{} "
      "without key, {} delayed\n",
      committed, rolled_back, unknown, messages, keyless, delayed);
  for (const auto& [rule, examples] : broken) {
    text += fmt::format("BROKEN {}:\n", NameOf(rule));
    for (const std::string& example : examples) text += "  " + example + "\n";
  }
  return text;
}

OutboxReport Check(const OutboxHistory& history) { return OutboxCheck(history).Run(); }

}  // namespace lanemq::outbox_testing
