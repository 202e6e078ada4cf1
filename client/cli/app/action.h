#pragma once

#include <functional>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "client/cli/app/session.h"

namespace lanemq::cli {

/// What the chosen command does; set while the command line is parsed, run afterwards.
using Action = std::function<ExitCode(Session&)>;

/// Adds a command whose flags live as long as the action.
template <typename Flags>
CLI::App* AddLeaf(CLI::App& parent, const std::string& name, const std::string& what,
                  Action& action, const std::shared_ptr<Flags>& flags,
                  ExitCode (*run)(Session&, const Flags&)) {
  CLI::App* leaf = parent.add_subcommand(name, what);
  leaf->callback([&action, flags, run] {
    action = [flags, run](Session& session) { return run(session, *flags); };
  });
  return leaf;
}

// Each adds its commands to the root. `action` outlives the parse.
void AddTopicCommands(CLI::App& root, Action& action);
void AddProduceCommand(CLI::App& root, Action& action);
void AddConsumeCommand(CLI::App& root, Action& action);
void AddMessageCommands(CLI::App& root, Action& action);
void AddDlqCommands(CLI::App& root, Action& action);
void AddDelayedCommands(CLI::App& root, Action& action);
void AddOutboxCommands(CLI::App& root, Action& action);
void AddBrokerCommands(CLI::App& root, Action& action);
void AddServerCommands(CLI::App& root, Action& action);
void AddNodeCommands(CLI::App& root, Action& action);
/// After AddNodeCommands(): `node evacuate` is one of them.
void AddMoveCommands(CLI::App& root, Action& action);
void AddGroupCommands(CLI::App& root, Action& action);
void AddBenchCommands(CLI::App& root, Action& action);
void AddDoctorCommand(CLI::App& root, Action& action);
void AddSlowCommand(CLI::App& root, Action& action);
void AddTopCommand(CLI::App& root, Action& action);
void AddCheckCommands(CLI::App& root, Action& action);
void AddAlertCommands(CLI::App& root, Action& action);
void AddAccessCommands(CLI::App& root, Action& action);
void AddApplyCommands(CLI::App& root, Action& action);
void AddContextCommands(CLI::App& root, Action& action);

}  // namespace lanemq::cli
