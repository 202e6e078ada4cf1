#include "common/core/policy/name_rules.h"

#include <algorithm>

#include <fmt/format.h>

#include "common/core/access/access_text.h"
#include "common/core/catalog/topic_rules.h"
#include "common/core/policy/policy_text.h"

namespace lanemq::core {
namespace {

bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::size_t ToSize(std::int64_t number) {
  return static_cast<std::size_t>(std::max<std::int64_t>(number, 0));
}

std::vector<std::string> Split(std::string_view name) {
  std::vector<std::string> segments;
  std::size_t from = 0;
  for (std::size_t dot = name.find('.'); dot != std::string_view::npos;
       dot = name.find('.', from)) {
    segments.emplace_back(name.substr(from, dot - from));
    from = dot + 1;
  }
  segments.emplace_back(name.substr(from));
  return segments;
}

std::string Join(const std::vector<std::string>& segments) {
  std::string name;
  for (const std::string& segment : segments) name += (name.empty() ? "" : ".") + segment;
  return name;
}

/// Letters and digits as the rule has them, anything else as the rule's first punctuation (or
/// nothing), none of it at the ends or twice in a row; begins with a letter.
std::string FixSegment(std::string_view text, const NameRule& rule) {
  std::string fixed;
  char before = 0;
  for (const char c : text) {
    const bool is_kept = IsLower(c) || IsDigit(c) || IsUpper(c);
    const bool is_mark = !is_kept && rule.punctuation.find(c) != std::string::npos;
    const bool is_hump = !rule.allows_upper_case && IsUpper(c) && IsLower(before);
    const bool may_mark =
        !fixed.empty() && (IsLower(fixed.back()) || IsUpper(fixed.back()) || IsDigit(fixed.back()));
    if ((!is_kept || is_hump) && may_mark && !rule.punctuation.empty()) {
      fixed += is_mark ? c : rule.punctuation.front();
    }
    if (is_kept) fixed += rule.allows_upper_case ? c : FoldCase({&c, 1}).front();
    before = c;
  }
  if (!fixed.empty() && IsDigit(fixed.front())) fixed.insert(0, "v");  // "orders.2": "orders.v2".
  fixed.resize(std::min(fixed.size(), ToSize(rule.segment_bytes_max)));
  while (!fixed.empty() && rule.punctuation.find(fixed.back()) != std::string::npos) {
    fixed.pop_back();
  }
  return fixed;
}

void SegmentFaults(std::string_view segment, const NameRule& rule,
                   std::vector<std::string>& faults) {
  const auto add = [&](std::string fault) {
    if (std::find(faults.begin(), faults.end(), fault) == faults.end()) {
      faults.push_back(std::move(fault));
    }
  };
  if (segment.empty()) return add("has an empty segment");
  if (segment.size() < ToSize(rule.segment_bytes_min)) {
    add(fmt::format("has a segment of less than {} characters", rule.segment_bytes_min));
  }
  if (segment.size() > ToSize(rule.segment_bytes_max)) {
    add(fmt::format("has a segment of more than {} characters", rule.segment_bytes_max));
  }
  if (!IsLower(segment.front()) && !IsUpper(segment.front())) {
    add("has a segment that does not begin with a letter");
  }
  if (rule.punctuation.find(segment.back()) != std::string::npos) {
    add(fmt::format("has a segment that ends with '{}'", segment.back()));
  }
  for (const char c : segment) {
    if (IsUpper(c) && !rule.allows_upper_case) {
      add("has upper-case letters");
    } else if (!IsLower(c) && !IsUpper(c) && !IsDigit(c) &&
               rule.punctuation.find(c) == std::string::npos) {
      add(fmt::format("has the character {}", Quoted({&c, 1})));
    }
  }
}

void RuleFaults(std::string_view name, const NameContext& context,
                std::vector<std::string>& faults) {
  const NameRule& rule = *context.rule;
  const std::vector<std::string> segments = Split(name);
  if (segments.size() < ToSize(rule.segments_min)) {
    faults.push_back(fmt::format("has {} segments between dots, {} are needed", segments.size(),
                                 rule.segments_min));
  }
  if (segments.size() > ToSize(rule.segments_max)) {
    faults.push_back(fmt::format("has {} segments between dots, {} are allowed", segments.size(),
                                 rule.segments_max));
  }
  if (name.size() > ToSize(rule.bytes_max)) {
    faults.push_back(fmt::format("has {} characters, {} are allowed", name.size(), rule.bytes_max));
  }
  for (const std::string& segment : segments) SegmentFaults(segment, rule, faults);
  if (rule.begins_with_owner && context.owner.empty()) {
    faults.emplace_back("must begin with its owner, and has none");
  } else if (rule.begins_with_owner && segments.front() != OwnerSegment(context.owner, rule)) {
    faults.push_back(fmt::format("does not begin with its owner: {}",
                                 Quoted(OwnerSegment(context.owner, rule) + ".")));
  }
  if (!rule.prefixes.empty() &&
      std::none_of(rule.prefixes.begin(), rule.prefixes.end(),
                   [&](const std::string& prefix) { return name.starts_with(prefix); })) {
    faults.push_back(fmt::format("does not begin with {}", fmt::join(rule.prefixes, " or ")));
  }
}

/// Between the rule's numbers of segments, where that can be done: too many are joined, too few
/// are made from the first one's parts.
void FixCount(std::vector<std::string>& segments, const NameRule& rule) {
  const auto join = [&](std::size_t at) {
    if (!rule.punctuation.empty()) segments[at] += rule.punctuation.front();
    segments[at] += segments[at + 1];
    segments.erase(segments.begin() + static_cast<std::ptrdiff_t>(at) + 1);
  };
  for (std::size_t i = 0; i < segments.size() && segments.size() > 1;) {
    if (segments[i].size() >= ToSize(rule.segment_bytes_min)) {
      ++i;
    } else {
      join(i == 0 ? 0 : --i);
    }
  }
  const std::size_t most = std::max<std::size_t>(ToSize(rule.segments_max), 1);
  while (segments.size() > most) join(segments.size() - 2);
  while (!segments.empty() && segments.size() < ToSize(rule.segments_min)) {
    const std::size_t cut = segments.back().find_first_of(rule.punctuation);
    if (cut == std::string::npos) return;
    segments.push_back(segments.back().substr(cut + 1));
    std::string& first = segments[segments.size() - 2];
    first.resize(cut);
  }
}

std::string WithoutSuffixes(std::string name, const NameContext& context) {
  for (bool is_changed = true; is_changed;) {
    is_changed = false;
    for (const std::string& suffix : context.reserved_suffixes) {
      if (suffix.empty() || !FoldCase(name).ends_with(FoldCase(suffix))) continue;
      name.resize(name.size() - suffix.size());
      is_changed = true;
    }
  }
  return name;
}

/// Kafka's rules alone.
std::string FixPlain(std::string name) {
  for (char& c : name) {
    if (!IsLower(c) && !IsUpper(c) && !IsDigit(c) && c != '.' && c != '_' && c != '-') c = '-';
  }
  name.resize(std::min(name.size(), kTopicNameBytesMax));
  return name;
}

std::string FixByRule(std::string name, const NameContext& context) {
  const NameRule& rule = *context.rule;
  std::vector<std::string> segments;
  if (rule.begins_with_owner) segments.push_back(OwnerSegment(context.owner, rule));
  const bool is_prefixed =
      rule.prefixes.empty() ||
      std::any_of(rule.prefixes.begin(), rule.prefixes.end(),
                  [&](const std::string& prefix) { return FoldCase(name).starts_with(prefix); });
  if (!is_prefixed && !rule.begins_with_owner) name.insert(0, rule.prefixes.front());
  const std::vector<std::string> parts = Split(name);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    std::string fixed = FixSegment(parts[i], rule);
    // The owner is there already.
    if (rule.begins_with_owner && i == 0 && fixed == segments.front()) continue;
    if (!fixed.empty()) segments.push_back(std::move(fixed));
  }
  FixCount(segments, rule);
  for (std::string& segment : segments) segment = FixSegment(segment, rule);
  std::string joined = Join(segments);
  joined.resize(std::min({joined.size(), ToSize(rule.bytes_max), kTopicNameBytesMax}));
  while (!joined.empty() &&
         (joined.back() == '.' || joined.back() == '-' || joined.back() == '_')) {
    joined.pop_back();
  }
  return joined;
}

}  // namespace

std::string OwnerSegment(std::string_view team, const NameRule& rule) {
  std::string segment(team);
  std::replace(segment.begin(), segment.end(), '.', '-');
  return FixSegment(segment, rule);
}

std::vector<std::string> NameFaults(std::string_view name, const NameContext& context) {
  std::vector<std::string> faults;
  if (name.empty()) return {"is empty"};
  if (name == "." || name == "..") return {"is not allowed"};
  if (name.size() > kTopicNameBytesMax) {
    faults.push_back(
        fmt::format("has {} characters, {} are allowed", name.size(), kTopicNameBytesMax));
  }
  if (context.rule != nullptr) {
    RuleFaults(name.substr(0, kTopicNameBytesMax), context, faults);
  } else if (faults.empty() && !CheckTopicName(name).ok()) {
    faults.emplace_back("has characters other than a-z A-Z 0-9 . _ -");
  }
  for (const std::string& suffix : context.reserved_suffixes) {
    if (!suffix.empty() && FoldCase(name).ends_with(FoldCase(suffix))) {
      faults.push_back(fmt::format("ends with {}, which is reserved", Quoted(suffix)));
    }
  }
  return faults;
}

std::string NameRuleInWords(const NameContext& context) {
  std::string words;
  if (context.rule == nullptr) {
    words = fmt::format("1 to {} of a-z A-Z 0-9 . _ -", kTopicNameBytesMax);
  } else {
    const NameRule& rule = *context.rule;
    words = fmt::format("{} to {} segments between dots, each {} to {} of a-z{} 0-9{}{}",
                        rule.segments_min, rule.segments_max, rule.segment_bytes_min,
                        rule.segment_bytes_max, rule.allows_upper_case ? " A-Z" : "",
                        rule.punctuation.empty() ? "" : " ", fmt::join(rule.punctuation, " "));
    words += fmt::format(" and beginning with a letter, {} characters at most", rule.bytes_max);
    if (rule.begins_with_owner) words += "; the first is the owning team";
    if (!rule.prefixes.empty()) {
      words += fmt::format("; beginning with {}", fmt::join(rule.prefixes, " or "));
    }
  }
  if (!context.reserved_suffixes.empty()) {
    words += fmt::format("; not ending with {}", fmt::join(context.reserved_suffixes, " or "));
  }
  return words;
}

std::optional<std::string> FixName(std::string_view name, const NameContext& context, int number) {
  if (context.rule != nullptr && context.rule->begins_with_owner && context.owner.empty()) {
    return std::nullopt;
  }
  const auto fix = [&](std::string text) {
    text = WithoutSuffixes(std::move(text), context);
    text =
        context.rule == nullptr ? FixPlain(std::move(text)) : FixByRule(std::move(text), context);
    return WithoutSuffixes(std::move(text), context);
  };
  std::string fixed = fix(std::string(name.substr(0, 2 * kTopicNameBytesMax)));
  if (number > 0 && !fixed.empty()) {
    const bool has_mark = context.rule == nullptr || !context.rule->punctuation.empty();
    const char mark =
        context.rule == nullptr || !has_mark ? '-' : context.rule->punctuation.front();
    const std::string tail = (has_mark ? std::string(1, mark) : "") + std::to_string(number);
    if (context.rule != nullptr) {
      // Room for it in the last segment and in the whole.
      const std::size_t dot = fixed.rfind('.');
      const std::size_t begin = dot == std::string::npos ? 0 : dot + 1;
      const std::size_t most = std::min(ToSize(context.rule->bytes_max),
                                        begin + ToSize(context.rule->segment_bytes_max));
      if (most > tail.size()) fixed.resize(std::min(fixed.size(), most - tail.size()));
    } else {
      fixed.resize(std::min(fixed.size(), kTopicNameBytesMax - tail.size()));
    }
    while (!fixed.empty() && (fixed.back() == '-' || fixed.back() == '_')) fixed.pop_back();
    fixed += tail;
  }
  if (!NameFaults(fixed, context).empty()) return std::nullopt;
  return fixed;
}

}  // namespace lanemq::core
