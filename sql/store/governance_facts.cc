#include "sql/store/governance_facts.h"

#include <optional>
#include <utility>
#include <vector>

#include "sql/statements/statements.h"
#include "sql/store/in_parts.h"
#include "sql/store/to_status.h"

namespace lanemq::sql {
namespace {

using core::GovernanceFacts;

std::pair<std::string, GovernanceFacts::OfTopic> TopicFactsFromRow(const Row& row) {
  GovernanceFacts::OfTopic facts;
  facts.tier = row.String(1);
  if (!row.IsNull(2)) {
    facts.traffic =
        core::Traffic{row.Int64(2), row.Int64(3), static_cast<core::Ordering>(row.Int64(4))};
  }
  return {row.String(0), std::move(facts)};
}

std::pair<std::string, GovernanceFacts::OfGroup> GroupFactsFromRow(const Row& row) {
  return {row.String(0), {row.String(1), row.String(2)}};
}

std::string ToJson(const GovernanceFacts::OfTopic& facts) {
  nlohmann::json document = {{"tier", facts.tier}};
  if (facts.traffic) {
    document["messages_per_day"] = facts.traffic->messages_per_day;
    document["message_bytes"] = facts.traffic->message_bytes;
  }
  return document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string ToJson(const GovernanceFacts::OfGroup& facts) {
  const nlohmann::json document = {{"tier", facts.tier}, {"description", facts.description}};
  return document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Result<std::optional<GovernanceFacts::OfGroup>> FindGroupFacts(Connection& connection,
                                                               std::string_view name) {
  std::optional<GovernanceFacts::OfGroup> found;
  LANEMQ_RETURN_IF_ERROR(connection.Query(statements::kFindGroupFacts, {name}, [&](const Row& row) {
    found = GroupFactsFromRow(row).second;
    return false;
  }));
  return found;
}

nlohmann::json RowOf(const std::string& name, const GovernanceFacts::OfTopic& facts) {
  nlohmann::json row = {name, facts.tier};
  if (facts.traffic) {
    row.push_back(facts.traffic->messages_per_day);
    row.push_back(facts.traffic->message_bytes);
    row.push_back(static_cast<std::int64_t>(facts.traffic->ordering));
  }
  return row;
}

nlohmann::json RowOf(const std::string& name, const GovernanceFacts::OfGroup& facts) {
  return {name, facts.tier, facts.description};
}

/// What the rows of these names have now.
template <typename Facts>
Result<std::map<std::string, Facts, std::less<>>> Find(
    Connection& connection, const Statement& find, std::span<const std::string> names,
    std::pair<std::string, Facts> (*from_row)(const Row&)) {
  std::map<std::string, Facts, std::less<>> found;
  const Status read = InParts<const std::string>(names, [&](std::span<const std::string> part) {
    const std::string text = RowsText(std::vector(part.begin(), part.end()));
    return connection.Query(find, {std::string_view(text)}, [&](const Row& row) {
      found.insert(from_row(row));
      return true;
    });
  });
  if (!read.ok()) return read.error();
  return found;
}

struct Kind {
  const Statement& find;
  const Statement& save;
  std::string_view audited_as;
  bool is_kept_empty;  ///< That there is a row says something.
};

template <typename Facts>
Status Save(AccessChange& change, const Kind& kind,
            const std::map<std::string, Facts, std::less<>>& wanted,
            std::pair<std::string, Facts> (*from_row)(const Row&)) {
  std::vector<std::string> names;
  for (const auto& [name, facts] : wanted) names.push_back(name);
  LANEMQ_ASSIGN_OR_RETURN(const auto before,
                          Find<Facts>(change.connection(), kind.find, names, from_row));
  const auto is_as_wanted = [&](const std::string& name) {
    const auto was = before.find(name);
    const Facts& is = wanted.find(name)->second;
    return was == before.end() ? !kind.is_kept_empty && is == Facts{} : was->second == is;
  };
  std::erase_if(names, is_as_wanted);
  return InParts<const std::string>(names, [&](std::span<const std::string> part) -> Status {
    nlohmann::json rows = nlohmann::json::array();
    for (const std::string& name : part) rows.push_back(RowOf(name, wanted.find(name)->second));
    const std::string text = RowsText(rows);
    LANEMQ_RETURN_IF_ERROR(
        ToStatus(change.connection().Update(kind.save, {std::string_view(text)})));
    for (const std::string& name : part) {
      const auto was = before.find(name);
      LANEMQ_RETURN_IF_ERROR(change.Tell(kind.audited_as, name,
                                         was == before.end() ? "" : ToJson(was->second),
                                         ToJson(wanted.find(name)->second)));
    }
    return {};
  });
}

}  // namespace

Result<FactsOfTopics> FindTopicFacts(Connection& connection, std::span<const std::string> names) {
  return Find<GovernanceFacts::OfTopic>(connection, statements::kFindAllTopicFacts, names,
                                        TopicFactsFromRow);
}

Status SaveTopicFacts(AccessChange& change, const FactsOfTopics& facts) {
  return Save<GovernanceFacts::OfTopic>(
      change,
      {statements::kFindAllTopicFacts, statements::kSaveAllTopicFacts, "topic_facts", false}, facts,
      TopicFactsFromRow);
}

Status SaveGroupFacts(AccessChange& change, const FactsOfGroups& facts) {
  return Save<GovernanceFacts::OfGroup>(
      change, {statements::kFindAllGroupFacts, statements::kSaveAllGroupFacts, "group_facts", true},
      facts, GroupFactsFromRow);
}

Status DeleteGroupFacts(AccessChange& change, std::string_view name) {
  Connection& connection = change.connection();
  LANEMQ_ASSIGN_OR_RETURN(const auto before, FindGroupFacts(connection, name));
  if (!before) return {};
  LANEMQ_RETURN_IF_ERROR(ToStatus(connection.Update(statements::kDeleteGroupFacts, {name})));
  return change.Tell("group_facts", std::string(name), ToJson(*before), "");
}

Result<GovernanceFacts> ReadFacts(Connection& connection) {
  GovernanceFacts facts;
  LANEMQ_RETURN_IF_ERROR(connection.Query(statements::kReadTopicFacts, {}, [&](const Row& row) {
    facts.topics.insert(TopicFactsFromRow(row));
    return true;
  }));
  LANEMQ_RETURN_IF_ERROR(connection.Query(statements::kReadGroupFacts, {}, [&](const Row& row) {
    facts.groups.insert(GroupFactsFromRow(row));
    return true;
  }));
  return facts;
}

}  // namespace lanemq::sql
