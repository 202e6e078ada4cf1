#include "client/cli/outbox/outbox_flags.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "client/cli/cluster/endpoints.h"
#include "client/cli/text/database_password.h"

namespace lanemq::cli {
namespace {

using core::OutboxState;

constexpr std::array<std::pair<std::string_view, OutboxState>, 4> kStates = {{
    {"ready", OutboxState::kReady},
    {"held", OutboxState::kHeld},
    {"dead", OutboxState::kDead},
    {"published", OutboxState::kPublished},
}};

Error Bad(std::string message) { return {ErrorCode::kInvalidRequest, std::move(message)}; }

Result<std::int64_t> ParseId(const std::string& word) {
  std::int64_t id = 0;
  const char* const end = word.data() + word.size();
  const auto [at, error] = std::from_chars(word.data(), end, id);
  if (error == std::errc{} && at == end && id > 0) return id;
  return Bad(fmt::format("'{}' is no id of a message; `lanemq outbox list` shows them", word));
}

}  // namespace

Result<OutboxLogin> ReadLogin(const OutboxDatabaseFlags& flags) {
  const Error bad = Bad(fmt::format(
      "'{}' is no HOST:PORT/SCHEMA; try --database 10.0.0.5:3306/shop", flags.database));
  const std::size_t slash = flags.database.find('/');
  if (slash == std::string::npos) return bad;
  const auto address = ParseEndpoints(std::string_view(flags.database).substr(0, slash));
  OutboxLogin login;
  login.schema = flags.database.substr(slash + 1);
  if (!address.ok() || address->size() != 1 || login.schema.empty() ||
      login.schema.find('/') != std::string::npos) {
    return bad;
  }
  if (flags.user.empty()) return Bad("whose tables? --user says who asks the database");
  login.host = address->front().host;
  login.port = address->front().port;
  login.user = flags.user;
  LANEMQ_ASSIGN_OR_RETURN(login.password, ReadDatabasePassword(flags.password_file));
  return login;
}

Result<OutboxState> ParseOutboxState(std::string_view text) {
  for (const auto& [name, state] : kStates) {
    if (name == text) return state;
  }
  return Bad(fmt::format("unknown state '{}'; there are ready, held, dead and published", text));
}

std::string_view NameOf(OutboxState state) {
  for (const auto& [name, each] : kStates) {
    if (each == state) return name;
  }
  return "unknown";
}

Result<std::vector<std::int64_t>> ReadChoice(const OutboxChoice& choice, bool needs_topic) {
  const int ways =
      (choice.ids.empty() ? 0 : 1) + (choice.is_all_dead ? 1 : 0) + (choice.is_holds ? 1 : 0);
  if (ways == 0) return Bad("which messages? Give ids, or --all-dead");
  if (ways > 1) return Bad("give either ids or a flag that chooses, not both");
  if (!choice.topic.empty() && !choice.is_all_dead) return Bad("--topic goes with --all-dead");
  if (needs_topic && choice.is_all_dead && choice.topic.empty()) {
    return Bad("--all-dead needs --topic: one topic after the other");
  }
  std::vector<std::int64_t> ids;
  for (const std::string& word : choice.ids) {
    LANEMQ_ASSIGN_OR_RETURN(const std::int64_t id, ParseId(word));
    ids.push_back(id);
  }
  std::ranges::sort(ids);
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

}  // namespace lanemq::cli
