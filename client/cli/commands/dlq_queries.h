#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "client/cli/app/action.h"
#include "client/cli/cluster/cluster.h"
#include "client/cli/text/dead_letter_flags.h"

/// What the commands on dead letters share.
namespace lanemq::cli {

/// At most `max` dead letters, page after page, as long as `visit` wants more. True when there are
/// more than were handed over.
Result<bool> VisitDeadLetters(
    Cluster& cluster, const idl::DeadLetterFilter& filter, bool has_bodies, std::int64_t max,
    const std::function<bool(const std::vector<idl::DeadLetter>&)>& visit);

/// "1,234 dead letters of group billing"; "more than 100,000 ..." where counting would take long.
Result<std::string> CountMatching(Cluster& cluster, const idl::DeadLetterFilter& filter,
                                  std::int64_t& count);

/// The one dead letter, with or without its body. kNotFound.
Result<idl::DeadLetter> GetDeadLetter(Cluster& cluster, const idl::DeadLetterId& id, bool has_body);

/// -g, and the flags that choose by content. `can_change`: --id and --all too.
void AddChoice(CLI::App& leaf, const std::shared_ptr<DeadLetterFlags>& flags, bool can_change);

void AddDlqReading(CLI::App& dlq, Action& action);
void AddDlqRedrive(CLI::App& dlq, Action& action);
void AddDlqEditAndDrop(CLI::App& dlq, Action& action);

}  // namespace lanemq::cli
