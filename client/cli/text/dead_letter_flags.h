#pragma once

#include <cstdint>
#include <lanemq_types.h>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/result.h"
#include "common/base/time.h"

/// What was asked of the commands on dead letters, before any server is: pure.
namespace lanemq::cli {

/// Which dead letters, as typed; empty or absent: not given.
struct DeadLetterFlags {
  std::string group;
  std::string topic;
  std::optional<std::int32_t> partition;
  std::string reason;
  std::optional<std::string> key;
  std::string since;
  std::string until;
  std::vector<std::string> ids;
  bool is_all = false;
};

/// "orders/0/42": how a dead letter of a group is written.
[[nodiscard]] std::string DeadLetterIdText(const idl::DeadLetterId& id);

/// Reads one id: "orders/0/42" of `group`, or the words GROUP TOPIC PARTITION OFFSET, whose group
/// is `group` where that is given. kInvalidRequest, with what to write, for anything else.
[[nodiscard]] Result<idl::DeadLetterId> ParseDeadLetterId(const std::vector<std::string>& words,
                                                          const std::string& group);

/// kInvalidRequest for a time, partition or id that is none, for more than 1,000 ids, and for ids
/// beside what chooses by content.
[[nodiscard]] Result<idl::DeadLetterFilter> ReadDeadLetterFilter(const DeadLetterFlags& flags,
                                                                 WallTime now);
/// The same for what changes something: kInvalidRequest unless there is a choice or --all.
[[nodiscard]] Result<idl::DeadLetterFilter> ReadDeadLetterChoice(const DeadLetterFlags& flags,
                                                                 WallTime now);

/// "topic orders, reason timeout": what a filter chooses, for questions and notes; "all".
[[nodiscard]] std::string DescribeFilter(const idl::DeadLetterFilter& filter);

/// What `dlq edit` changes, as typed.
struct EditFlags {
  std::optional<std::string> body;  ///< "@FILE" reads a file, "@-" stdin; "@@x" means "@x".
  bool has_no_body = false;
  std::optional<std::string> key;
  bool has_no_key = false;
  std::vector<std::string> headers;  ///< NAME=VALUE
  std::vector<std::string> removed_headers;
};

/// kInvalidRequest when nothing is changed, or something in two ways.
[[nodiscard]] Status CheckEditFlags(const EditFlags& flags);

/// `headers` as `flags` want them: those named are replaced where the first of that name was, or
/// added at the end; a name that is given twice is there twice. kInvalidRequest for a word that is
/// not NAME=VALUE. nullopt: they stay.
[[nodiscard]] Result<std::optional<std::vector<idl::Header>>> EditHeaders(
    const EditFlags& flags, const std::vector<idl::Header>& headers);

}  // namespace lanemq::cli
