#include "client/cli/text/dead_letter_flags.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "client/cli/output/table.h"
#include "client/cli/text/time_text.h"

namespace lanemq::cli {
namespace {

constexpr std::size_t kIdsMax = 1'000;

Error Bad(std::string why) { return {ErrorCode::kInvalidRequest, std::move(why)}; }

Error Of(std::string_view flag, const Error& error) {
  return {error.code, fmt::format("{}: {}", flag, error.message)};
}

template <typename Number>
std::optional<Number> ReadNumber(std::string_view text) {
  Number number = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

Error BadId(std::string_view text) {
  return Bad(
      fmt::format("'{}' is not a dead letter; write TOPIC/PARTITION/OFFSET, for example "
                  "orders/0/42, with -g GROUP",
                  text));
}

/// The last two slashes part the three words: a topic's name has none.
std::optional<std::vector<std::string>> SplitId(const std::string& text) {
  const std::size_t last = text.rfind('/');
  if (last == std::string::npos || last == 0) return std::nullopt;
  const std::size_t first = text.rfind('/', last - 1);
  if (first == std::string::npos) return std::nullopt;
  return std::vector<std::string>{text.substr(0, first), text.substr(first + 1, last - first - 1),
                                  text.substr(last + 1)};
}

bool HasContent(const DeadLetterFlags& flags) {
  return !flags.topic.empty() || flags.partition || !flags.reason.empty() || flags.key ||
         !flags.since.empty() || !flags.until.empty();
}

Result<std::int64_t> ReadTime(std::string_view flag, const std::string& text, WallTime now) {
  const auto time = ParseTime(text, now);
  if (!time.ok()) return Of(flag, time.error());
  return std::max<std::int64_t>(time->micros, 0);
}

}  // namespace

std::string DeadLetterIdText(const idl::DeadLetterId& id) {
  return fmt::format("{}/{}/{}", id.topic, id.partition, id.offset);
}

Result<idl::DeadLetterId> ParseDeadLetterId(const std::vector<std::string>& words,
                                            const std::string& group) {
  std::string owner = group;
  std::vector<std::string> parts = words;
  if (words.size() == 1) {
    const auto split = SplitId(words.front());
    if (!split) return BadId(words.front());
    parts = *split;
  } else if (words.size() == 4) {
    owner = words.front();
    parts.erase(parts.begin());
    if (!group.empty() && group != owner) {
      return Bad(fmt::format("-g {} is another group than {}", group, owner));
    }
  }
  if (parts.size() != 3) return BadId(fmt::format("{}", fmt::join(words, " ")));
  const auto partition = ReadNumber<std::int32_t>(parts[1]);
  const auto offset = ReadNumber<std::int64_t>(parts[2]);
  if (parts[0].empty() || !partition || !offset) {
    return BadId(fmt::format("{}", fmt::join(words, " ")));
  }
  if (owner.empty()) return Bad("say of which group: -g GROUP");
  idl::DeadLetterId id;
  id.__set_group(owner);
  id.__set_topic(parts[0]);
  id.__set_partition(*partition);
  id.__set_offset(*offset);
  return id;
}

Result<idl::DeadLetterFilter> ReadDeadLetterFilter(const DeadLetterFlags& flags, WallTime now) {
  idl::DeadLetterFilter filter;
  filter.__set_group(flags.group);
  if (flags.partition && flags.topic.empty()) return Bad("--partition needs --topic");
  if (!flags.ids.empty() && HasContent(flags)) {
    return Bad("--id names the dead letters itself: give nothing else that chooses with it");
  }
  if (flags.ids.size() > kIdsMax) {
    return Bad(fmt::format("{} ids; {} is the most at once", flags.ids.size(), kIdsMax));
  }
  if (!flags.topic.empty()) filter.__set_topic(flags.topic);
  if (flags.partition) filter.__set_partition(*flags.partition);
  if (!flags.reason.empty()) filter.__set_reason(flags.reason);
  if (flags.key) filter.__set_key(*flags.key);
  if (!flags.since.empty()) {
    LANEMQ_ASSIGN_OR_RETURN(const std::int64_t from, ReadTime("--since", flags.since, now));
    filter.__set_from_us(from);
  }
  if (!flags.until.empty()) {
    LANEMQ_ASSIGN_OR_RETURN(const std::int64_t until, ReadTime("--until", flags.until, now));
    filter.__set_until_us(until);
  }
  if (filter.__isset.from_us && filter.__isset.until_us && filter.from_us >= filter.until_us) {
    return Bad("--since is not before --until: nothing is between them");
  }
  std::vector<idl::DeadLetterId> ids;
  for (const std::string& text : flags.ids) {
    LANEMQ_ASSIGN_OR_RETURN(idl::DeadLetterId id, ParseDeadLetterId({text}, flags.group));
    ids.push_back(std::move(id));
  }
  if (!ids.empty()) filter.__set_ids(ids);
  return filter;
}

Result<idl::DeadLetterFilter> ReadDeadLetterChoice(const DeadLetterFlags& flags, WallTime now) {
  const bool has_choice = HasContent(flags) || !flags.ids.empty();
  if (!has_choice && !flags.is_all) {
    return Bad("say which: --topic, --partition, --reason, --key, --since, --until, --id or --all");
  }
  if (has_choice && flags.is_all) return Bad("--all excludes everything else that chooses");
  return ReadDeadLetterFilter(flags, now);
}

std::string DescribeFilter(const idl::DeadLetterFilter& filter) {
  std::vector<std::string> parts;
  if (filter.__isset.topic) parts.push_back("topic " + filter.topic);
  if (filter.__isset.partition) parts.push_back(fmt::format("partition {}", filter.partition));
  if (filter.__isset.reason) parts.push_back("reason " + filter.reason);
  if (filter.__isset.key) parts.push_back("key " + filter.key);
  if (filter.__isset.from_us) parts.push_back("since " + FormatTime(WallTime{filter.from_us}));
  if (filter.__isset.until_us) parts.push_back("until " + FormatTime(WallTime{filter.until_us}));
  if (filter.__isset.ids) {
    parts.push_back(filter.ids.size() == 1 ? DeadLetterIdText(filter.ids.front())
                                           : fmt::format("{} ids", filter.ids.size()));
  }
  if (parts.empty()) return "all";
  return MakeVisible(fmt::format("{}", fmt::join(parts, ", ")));
}

Status CheckEditFlags(const EditFlags& flags) {
  if (flags.body && flags.has_no_body) return Bad("--body and --no-body exclude each other");
  if (flags.key && flags.has_no_key) return Bad("--key and --no-key exclude each other");
  if (!flags.body && !flags.has_no_body && !flags.key && !flags.has_no_key &&
      flags.headers.empty() && flags.removed_headers.empty()) {
    return Bad(
        "say what to change: --body, --no-body, --key, --no-key, --header or --remove-header; "
        "`lanemq dlq redrive --id` changes nothing");
  }
  return {};
}

Result<std::optional<std::vector<idl::Header>>> EditHeaders(
    const EditFlags& flags, const std::vector<idl::Header>& headers) {
  std::optional<std::vector<idl::Header>> edited;
  if (flags.headers.empty() && flags.removed_headers.empty()) return edited;
  std::vector<idl::Header> given;
  for (const std::string& word : flags.headers) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos || equals == 0) {
      return Bad(fmt::format("--header '{}' is not NAME=VALUE", word));
    }
    given.emplace_back();
    given.back().__set_name(word.substr(0, equals));
    given.back().__set_value(word.substr(equals + 1));
  }
  const auto is_named = [](const std::string& name) {
    return [&name](const idl::Header& header) { return header.name == name; };
  };
  edited.emplace();
  std::vector<bool> is_placed(given.size(), false);
  for (const idl::Header& header : headers) {
    if (std::ranges::find(flags.removed_headers, header.name) != flags.removed_headers.end()) {
      continue;
    }
    if (std::ranges::none_of(given, is_named(header.name))) {
      edited->push_back(header);
      continue;
    }
    for (std::size_t i = 0; i < given.size(); ++i) {
      if (given[i].name != header.name || is_placed[i]) continue;
      edited->push_back(given[i]);
      is_placed[i] = true;
    }
  }
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (!is_placed[i]) edited->push_back(given[i]);
  }
  return edited;
}

}  // namespace lanemq::cli
